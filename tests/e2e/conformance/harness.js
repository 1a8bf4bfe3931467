// The part of the web platform's testharness that the conformance pages need, under the same names, so that their
// tests and those of web-platform-tests run and report the same way.
// @ts-nocheck
(() => {
  const tests = [];
  const callbacks = [];
  let last = Promise.resolve();
  let isLoaded = false;
  const fail = (text) => { throw new Error(text); };
  const shown = (value) => { try { return typeof value === "string" ? JSON.stringify(value) : String(value); } catch { return typeof value; } };

  function add(name, run) {
    const entry = { name, status: 2, message: null };
    tests.push(entry);
    last = last.then(async () => {
      try { await run(); entry.status = 0; } catch (error) { entry.status = 1; entry.message = String(error?.message ?? error); }
    });
  }
  Object.assign(window, {
    test: (run, name) => add(name, run),
    promise_test: (run, name) => add(name, run),
    add_completion_callback: (callback) => callbacks.push(callback),
    assert_true: (value, text = "") => value === true || fail(`${text} expected true, got ${shown(value)}`),
    assert_false: (value, text = "") => value === false || fail(`${text} expected false, got ${shown(value)}`),
    assert_equals: (value, expected, text = "") => Object.is(value, expected) || fail(`${text} expected ${shown(expected)}, got ${shown(value)}`),
    assert_array_equals(value, expected, text = "") {
      const [a, b] = [JSON.stringify([...value]), JSON.stringify([...expected])];
      if (a !== b) fail(`${text} expected ${b}, got ${a}`);
    },
    assert_throws_js(type, run, text = "") {
      try { run(); } catch (error) { return error.constructor === type || fail(`${text} threw ${shown(error)}`); }
      return fail(`${text} did not throw`);
    },
    assert_throws_dom(name, run, text = "") {
      try { run(); } catch (error) { return (error instanceof DOMException && error.name === name) || fail(`${text} threw ${shown(error)}`); }
      return fail(`${text} did not throw`);
    },
    assert_unreached: (text) => fail(`unreachable: ${text}`),
    /** Not of testharness: notes a value that must be the same in both arms. */
    note: (name, value) => (window.notes ??= []).push([name, value]),
  });
  addEventListener("load", () => {
    if (isLoaded) return;
    isLoaded = true;
    last.then(() => { for (const callback of callbacks) callback(tests, { status: 0 }); });
  });
})();
