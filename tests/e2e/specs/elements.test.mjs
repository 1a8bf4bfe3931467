// The panel's own elements and signals in a real document: every function that `ui/tests/elements` exports is a test.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../drivers/common.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

/** Fewest tests that there are: a module that exports nothing passes nothing. */
const FEWEST = 14;

/** Errors that a page reports are meant to be where a closure panics on purpose, and nowhere else. */
const MEANT = /meant to: /;

const LOAD = `async () => {
  globalThis.reported = [];
  const say = (text) => globalThis.reported.push(String(text));
  addEventListener("error", (event) => { event.preventDefault(); say(event.message); });
  addEventListener("unhandledrejection", (event) => { event.preventDefault(); say(event.reason); });
  const original = console.error;
  console.error = (...words) => { say(words.join(" ")); original(...words); };
  // Messages of a channel come after everything that is due now, and unlike timers no later than that.
  const later = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(0);
  });
  // A panel that is used has something to run again and again, also after a panic that ended what ran.
  globalThis.turn = async () => {
    await later();
    for (let time = 0; time < globalThis.nudges; time++) { globalThis.elements.nudge(); await later(); }
  };
  const module = await import("/elements/elements.js");
  await module.default();
  module.begin();
  globalThis.elements = module;
  return Object.keys(module).filter((name) => !["default", "initSync", "begin", "nudge"].includes(name) && /^[a-z]/.test(name));
}`;

const RUN = `async (name, nudges) => {
  globalThis.nudges = nudges;
  globalThis.reported.length = 0;
  let failure = null;
  try { await globalThis.elements[name](); } catch (error) { failure = String(error); }
  return { failure, reported: [...globalThis.reported] };
}`;

test(`the panel's elements and signals do what they say (${browserName})`, LIMIT, (context) =>
  withBrowser("elements", async ({ browser, arenaUrl }) => {
    const page = await browser.openPage(`${arenaUrl}/idle.html`);
    const names = await page.evaluate(LOAD);
    assert.ok(names.length >= FEWEST, `only ${names.join(", ")}`);
    // What leaves a panic behind comes last.
    const isPanic = (/** @type {string} */ name) => /panic/.test(name);
    for (const name of [...names.filter((/** @type {string} */ name) => !isPanic(name)), ...names.filter(isPanic)]) {
      await context.test(name, async () => {
        const reported = () => page.evaluate("() => globalThis.reported.join(' | ')");
        const found = await within(name, page.evaluate(RUN, name, isPanic(name) ? 8 : 0)).catch(async (error) => {
          throw new Error(`${error.message}; the page reported: ${await reported()}`);
        });
        assert.equal(found.failure, null);
        const panics = found.reported.filter((/** @type {string} */ text) => MEANT.test(text));
        if (isPanic(name)) assert.ok(panics.length > 0, "a closure panicked on purpose");
        else assert.deepEqual(found.reported, []);
      });
    }
  }),
);
