// @ts-check
/**
 * The probe for Python on the page's own thread: Pyodide's `runPythonAsync` and `runPython`.
 *
 * Off unless the user asks for it. Follows `loadPyodide` wherever it is set, now or later, and every instance that it
 * makes; the calls are recorded as messages of a channel of kind 6. While it is on, the page can see an accessor in
 * place of `window.loadPyodide`. One of the files of the MAIN world (see builtins.js). Must not read the code.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, uncurry, defineProperty, getOwnPropertyDescriptor, read, UNREADABLE } = parts.builtins;

  const PYTHON = 6, SENT = 4, RECEIVED = 5;
  const NAME = 'loadPyodide';
  const METHODS = ['runPythonAsync', 'runPython'];
  const then = uncurry(Promise.prototype.then);
  const isPromise = (/** @type {any} */ v) => v instanceof Promise;
  const SavedProxy = Proxy;

  /** @param {import('./types').Recorder} recorder @param {import('./types').Channels} channels */
  function probePython({ record, failed, isActive, onRevert }, { open, numberOf }) {
    /** @param {any} instance what `loadPyodide` made */
    function watch(instance) {
      if (!isActive() || instance === null || typeof instance !== 'object' || numberOf(instance)) return;
      const channel = open(instance, PYTHON, {});
      let lastId = 0;
      for (const method of METHODS) wrap(instance, method, (original, self, args) => {
        const id = ++lastId;
        record(SENT, channel, 0, { id, method, code: typeof args[0] === 'string' ? args[0] : '' });
        let result;
        try { result = apply(original, self, args); } catch (error) { fail(channel, id, error); throw error; }
        if (isPromise(result)) {
          // A branch of our own: the page gets its promise as it was.
          then(result, (/** @type {any} */ value) => record(RECEIVED, channel, 0, { id, result: value }),
            (/** @type {any} */ error) => fail(channel, id, error));
        } else record(RECEIVED, channel, 0, { id, result });
        return result;
      });
    }
    /** @param {number} channel @param {number} id @param {any} error */
    function fail(channel, id, error) {
      const name = read(error, 'name'), message = read(error, 'message');
      record(RECEIVED, channel, 0, { id, error: {
        name: typeof name === 'string' ? name : 'Error', message: typeof message === 'string' ? message : '',
      } });
    }
    /** @param {any} owner @param {string} method @param {(original: Function, self: any, args: any[]) => any} run */
    function wrap(owner, method, run) {
      const original = read(owner, method);
      if (typeof original !== 'function') return;
      const before = getOwnPropertyDescriptor(owner, method);
      if (before && !before.configurable) return;
      const value = new SavedProxy(original, {
        apply: (target, self, args) => (isActive() ? run(target, self, args) : apply(target, self, args)),
      });
      defineProperty(owner, method, { value, writable: true, enumerable: before?.enumerable ?? true, configurable: true });
      onRevert(() => {
        if (getOwnPropertyDescriptor(owner, method)?.value !== value) return;
        if (before) defineProperty(owner, method, before); else delete owner[method];
      });
    }
    /** `loadPyodide` itself, which gives a promise of an instance. @param {any} load */
    function follow(load) {
      if (typeof load !== 'function') return load;
      return new SavedProxy(load, {
        apply(target, self, args) {
          const made = apply(target, self, args);
          if (isActive()) try { if (isPromise(made)) then(made, watch, () => {}); else watch(made); } catch { failed(); }
          return made;
        },
      });
    }

    const before = getOwnPropertyDescriptor(page, NAME);
    if (before && (!before.configurable || !('value' in before))) return;
    let given = before?.value, followed = follow(given), isSet = before !== undefined;
    defineProperty(page, NAME, {
      configurable: true, enumerable: before?.enumerable ?? true,
      get: () => followed,
      set(value) {
        isSet = true;
        given = value;
        followed = isActive() ? follow(value) : value;
      },
    });
    const ours = getOwnPropertyDescriptor(page, NAME)?.get;
    onRevert(() => {
      if (getOwnPropertyDescriptor(page, NAME)?.get !== ours) return;
      if (isSet) defineProperty(page, NAME, before ? { ...before, value: given } : { value: given, writable: true, enumerable: true, configurable: true });
      else delete page[NAME];
    });
    // An instance that was made before the probe was asked for.
    const present = read(page, 'pyodide'), inGame = read(page, 'pyodideInstance');
    for (const instance of [present, inGame]) if (instance !== UNREADABLE && typeof read(instance ?? {}, 'runPythonAsync') === 'function') watch(instance);
  }

  parts.probePython = probePython;
})();
