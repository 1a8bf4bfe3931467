// The whole panel as an ordinary page: at every size that it must serve nothing is cut off, and a view that is left
// leaves nothing behind, while data comes in and after.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { showView } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { reportOf } from "../lib/traffic.mjs";

/** @typedef {import("../drivers/driver").Panel} Panel */

const VIEWS = ["verdict", "timeline", "rollbacks", "state", "traffic", "checks", "report", "capture"];
const side = (/** @type {number} */ player) =>
  gunzipSync(readFileSync(new URL(`../../fixtures/mug/W-nondet-${player}.rollscope.gz`, import.meta.url)));

/** @param {Panel} panel @param {RegExp} verdict */
const untilVerdict = (panel, verdict) =>
  until("the verdict", async () => verdict.test((await panel.text(".headline")) ?? ""), { detail: () => panel.body() });

test(`nothing is cut off at any size, and signs say how bad it is (${browserName})`, LIMIT, () =>
  withServedFile(`whole-1-${browserName}.rollscope`, side(1), (first) =>
    withServedFile(`whole-2-${browserName}.rollscope`, side(2), (second) =>
      withBrowser("whole-panel", async ({ browser, arenaUrl, watch }) => {
        const panel = pagePanel(await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${first}&capture=${second}`));
        watch(panel);
        await untilVerdict(panel, /DESYNC DETECTED at frame 400.*Both sides observed/);
        await checkSigns(panel);
        for (const [width, height] of [[700, 320], [1280, 320], [1400, 900]]) {
          await panel.resizeDevTools(width, height);
          await until(`a width of ${width}`, () => panel.evaluate(`() => innerWidth === ${width}`));
          for (const view of VIEWS) {
            await showView(panel, view);
            await until(`nothing cut off in ${view} at ${width} by ${height}`, async () => (await panel.evaluate(CUT)).length === 0, { detail: () => panel.evaluate(CUT) });
          }
        }
        await checkFive(panel);
      }))));

/** What is cut off at its side without saying so, or must be scrolled sideways: texts of whole pages and bytes aside. */
const CUT = `() => [...document.querySelectorAll(".panel *")].filter((one) => {
  const style = getComputedStyle(one);
  if (one.scrollWidth <= one.clientWidth + 1 || one.clientWidth < 2 || one.matches("pre, input, select, canvas, svg, svg *")) return false;
  if (style.display === "inline" || style.overflowX === "visible" || style.textOverflow === "ellipsis") return false;
  return one.getClientRects().length > 0;
}).map((one) => one.tagName + "." + one.className + " " + one.scrollWidth + " > " + one.clientWidth + " " + one.textContent.slice(0, 60))`;

/** Each check that failed has the sign of its worst finding, and the worst stand first. @param {Panel} panel */
async function checkSigns(panel) {
  const order = ["error", "risk", "notice"];
  const { checks } = await reportOf(panel);
  const expected = new Map(checks.filter((/** @type {any} */ one) => one.failed > 0).map((/** @type {any} */ one) =>
    [one.code, order.find((severity) => one.findings.some((/** @type {any} */ found) => found.severity === severity))]));
  await showView(panel, "checks");
  const shown = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll("[data-check]")]
    .filter((row) => row.querySelector(".failed")).map((row) => [
      row.dataset.check, row.querySelector("td.failed").className.split(" ").at(-1), row.querySelector(".icon").getAttribute("class").split(" ").at(-1)]))`));
  await until("the checks that failed", async () => (await shown()).length === expected.size, { detail: shown });
  const rows = await shown();
  const signs = { error: "bad", risk: "risk", notice: "info" };
  for (const [code, severity, sign] of rows) assert.deepEqual([severity, sign], [expected.get(code), signs[/** @type {keyof signs} */ (severity)]], code);
  const ranks = rows.map((/** @type {string[]} */ row) => order.indexOf(row[1] ?? ""));
  assert.deepEqual(ranks, [...ranks].sort(), "the worst first");
  assert.ok(new Set(ranks).size > 1, "more than one severity was seen");
  const alarms = ranks.filter((/** @type {number} */ rank) => rank < 2).length;
  assert.equal(await panel.text("[data-view=checks] .count"), String(alarms), "what is only worth knowing is no alarm");
}

/** Where height is scarce five findings are seen without scrolling. @param {Panel} panel */
async function checkFive(panel) {
  await showView(panel, "verdict");
  // 293 px are what DevTools' own bar leaves of 320.
  for (const [width, height] of [[1280, 320], [700, 320], [1280, 293], [700, 293]]) {
    await panel.resizeDevTools(width, height);
    const last = () => panel.evaluate(`() => {
      const rows = [...document.querySelectorAll(".finding")];
      return innerHeight === ${height} && innerWidth === ${width} ? [rows.length, rows.at(-1).getBoundingClientRect().bottom] : [0, 0];
    }`);
    await until(`five findings at ${width} by ${height}`, async () => { const [count, bottom] = await last(); return count === 5 && bottom <= height; }, { detail: last });
  }
}

/** Times that each view is entered and left and counted, after as many for what grows to its size. */
const ROUNDS = 20;
/** More than may differ between two looks at what is kept on purpose, and less than one for each change of view. */
const FEW = 20;
const PAGE_BYTES = 65_536;

test(`a view that is left leaves nothing (${browserName})`, LIMIT, () =>
  withServedFile(`left-${browserName}.rollscope`, side(1), (file) =>
    withBrowser("left-views", async ({ browser, arenaUrl, watch }) => {
      const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html`);
      const panel = pagePanel(page);
      watch(panel);
      const chunks = await page.evaluate(TAKE_CHUNKS, file);
      assert.ok(chunks > 10 && chunks < ROUNDS, `${chunks} chunks`);
      // One chunk with each round: data comes in as it does live.
      await page.evaluate(CHANGE, VIEWS, ROUNDS, true);
      assert.equal(await page.evaluate("() => window.chunks.length"), 0, "all came in");
      await until("the verdict of all", async () => /DESYNC at 400/.test((await panel.text(".verdict-chip")) ?? ""), { detail: () => panel.body() });
      const before = await held(browser, page);
      await page.evaluate(CHANGE, VIEWS, ROUNDS, false);
      const after = await held(browser, page);
      const all = JSON.stringify({ before, after });
      assert.equal(after.left - before.left, ROUNDS * VIEWS.length, "so many views were left");
      // What stands in the view on screen is there, and nothing of those before it.
      assert.ok(after.alive > 0 && after.gone < FEW, all);
      for (const what of ["nodes", "listening"]) assert.ok(before[what] > 0 && after[what] < before[what] + FEW, `${what}: ${all}`);
      assert.ok(after.wasmBytes <= before.wasmBytes + 2 * PAGE_BYTES, `memory: ${all}`);
    }, { initScript: COUNT_LISTENERS })));

/** Counts what is listened to at places that outlast views. */
const COUNT_LISTENERS = `
  window.listening = 0;
  for (const [name, step] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const original = EventTarget.prototype[name];
    EventTarget.prototype[name] = function (...words) {
      if (this === undefined || this === null || this === window || this === document || this === document.documentElement || this === document.body) window.listening += step;
      return original.apply(this ?? window, words);
    };
  }`;

const TAKE_CHUNKS = `async (name) => {
  const file = new DataView(await (await fetch(name)).arrayBuffer());
  window.chunks = [];
  for (let at = 16 + file.getUint32(12, true); at < file.byteLength; ) {
    const length = file.getUint32(at + 1, true);
    if (file.getUint8(at) === 1) window.chunks.push(new Uint8Array(file.buffer, at + 9, length));
    at += 9 + length;
  }
  return window.chunks.length;
}`;

/** From view to view, each drawn before the next; weak names of what stood in each. */
const CHANGE = `async (views, rounds, isLive) => {
  window.left ??= [];
  for (let round = 0; round < rounds; round += 1) {
    // Help comes and goes as well.
    for (const key of ["?", "?"]) window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const chunk = isLive && window.chunks.shift();
    if (chunk) rollscopePanel.handleChunk(chunk);
    for (const view of views) {
      document.querySelector("[data-view=" + view + "]").click();
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const root = document.querySelector("main > *");
      for (const one of [root, ...[...root.querySelectorAll("*")].slice(-3)]) window.left.push(new WeakRef(one));
    }
  }
}`;

/** What the page holds now. @param {import("../drivers/driver").Browser} browser @param {import("../drivers/driver").Page} page */
async function held(browser, page) {
  // Collects first.
  await browser.memory(page);
  const inPage = await page.evaluate(`async () => {
    const { memory } = await (await import("../ui/rollscope_ui.js")).default();
    const there = window.left.map((one) => one.deref()).filter(Boolean);
    return {
      left: window.left.length / 4, alive: there.length, gone: there.filter((one) => !one.isConnected).length,
      nodes: document.querySelectorAll("*").length, listening: window.listening, wasmBytes: memory.buffer.byteLength,
    };
  }`);
  // Chromium counts all nodes, in the document or not, and all listeners.
  const counted = await browser.counters?.(page);
  return counted ? { ...inPage, nodes: counted.nodes, listening: counted.listeners } : inPage;
}
