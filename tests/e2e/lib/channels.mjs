// Very many channels in one page, each with one message, and what the hook has of them: for a spec, and with a million of
// them for `cargo xtask bench capture`.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hookScript } from "./spec.mjs";

/** Channels that are told anew in a chunk from which on all can be read (extension/hook.js). */
const TOLD_AGAIN = 1024;

/**
 * Workers that are none: the browser's own would take minutes to make, the hook sees no difference. Each is sent one text.
 * What waits for nobody is counted by channel in the page, for it is too much to be carried out of it.
 */
const COUNT = `async (count, units) => {
  rollscopeHook.start({ load: "keep" });
  const text = "x".repeat(units);
  for (let made = 0; made < count;) {
    for (const end = made + 20_000; made < end; made++) new Worker("/w.js").postMessage(text + made);
    await new Promise((ok) => setTimeout(ok, 0));
  }
  rollscopeHook.stop();
  const status = rollscopeHook.status();
  const file = rollscopeHook.drain(), view = new DataView(file.buffer);
  const totals = new Map(), gaps = [], breaks = [];
  const add = (channel, events) => { const key = channel < 256 ? channel : "others"; totals.set(key, (totals.get(key) ?? 0) + events); };
  let next = 0;
  for (let at = 16 + view.getUint32(12, true); file[at] === 1; at += 9 + view.getUint32(at + 1, true)) {
    const chunk = at + 9, tables = view.getUint32(chunk + 28, true);
    if (view.getUint32(chunk + 16, true) !== next) breaks.push([next, view.getUint32(chunk + 16, true)]);
    if (tables === 0) {
      const events = view.getUint32(chunk + 36, true);
      gaps.push(events);
      next += events;
      for (let i = 0, entry = chunk + 60; i < view.getUint32(chunk + 56, true); i++, entry += 8) add(view.getUint32(entry, true), view.getUint32(entry + 4, true));
      continue;
    }
    next += view.getUint32(chunk + 20, true);
    for (let record = chunk + 32; record < chunk + tables; record += 17 + view.getUint32(record + 13, true)) add(view.getUint32(record + 9, true), 1);
  }
  return { status, bytes: file.length, next, gaps, breaks, others: totals.get("others"), first: Array.from({ length: 255 }, (_, i) => totals.get(i + 1)), errors };
}`;

/**
 * Makes the channels in a page that has no hook yet, and holds what the hook counted against what was made. They are so
 * many, or their texts so long, that more than the hook keeps for nobody goes through it.
 * @param {import("../drivers/driver").Page} page @param {number} count @param {number} units of each text
 * @returns {Promise<number>} events counted − events made
 */
export async function countChannels(page, count, units) {
  await page.evaluate(`() => {
    window.errors ??= [];
    window.Worker = class Worker extends EventTarget { postMessage() {} };
    ${readFileSync(hookScript, "utf8")}
  }`);
  const { status, bytes, next, gaps, breaks, others, first, errors } = await page.evaluate(COUNT, count, units);
  assert.deepEqual([errors, breaks], [[], []]);
  assert.ok(bytes < 66 * 1024 * 1024, `${bytes} bytes wait`);
  assert.equal(gaps.length, 1);
  assert.equal(status.dropped, gaps[0]);
  assert.equal(status.events, next);
  // Each was opened and sent a message; the first ones were told again, all of them as often.
  const again = first[0] - 2;
  assert.deepEqual(first, first.map(() => 2 + again));
  return others - 2 * (count - first.length) - again * (TOLD_AGAIN - first.length);
}
