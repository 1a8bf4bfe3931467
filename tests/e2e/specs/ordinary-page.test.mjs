// The panel as an ordinary page on the two sides of a recorded MUG session: every view of evidence, and a walk
// through all views by keyboard alone. What the views say is held against the report and the files that they write.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { reportOf } from "../lib/traffic.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const side = (/** @type {number} */ player) =>
  gunzipSync(readFileSync(new URL(`../../fixtures/mug/W-nondet-${player}.rollscope.gz`, import.meta.url)));

/** Where the sides differ first, as `tests/state_differences.rs` finds it in the recording itself. */
const FIRST = { frame: 400, path: "ball[2]" };
const PANE = ".pane-body";

/** @typedef {import("../drivers/driver").Panel} Panel */
/** @param {string} name @param {string} hash @param {(panel: Panel) => Promise<void>} body */
const withSession = (name, hash, body) =>
  withServedFile(`${name}-1-${browserName}.rollscope`, side(1), (first) =>
    withServedFile(`${name}-2-${browserName}.rollscope`, side(2), (second) =>
      withBrowser(name, async ({ browser, arenaUrl, watch }) => {
        const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${first}&capture=${second}${hash}`);
        await page.bringToFront();
        const panel = pagePanel(page);
        watch(panel);
        // The first file may show before the second one has come.
        await shows("the verdict of both sides", () => panel.text(".headline"), /DESYNC DETECTED at frame 400.*Both sides observed/, panel);
        await body(panel);
      })));

/** @param {string} what @param {() => Promise<string | null>} ask @param {RegExp} pattern @param {Panel} panel */
const shows = (what, ask, pattern, panel) =>
  until(what, async () => pattern.test((await ask()) ?? ""), { detail: async () => ({ asked: await ask(), body: await panel.body() }) });

/** Presses what may still be on its way to the screen. @param {Panel} panel @param {string} selector */
async function click(panel, selector) {
  await there(panel, selector);
  await panel.click(selector);
}

/** @param {Panel} panel @param {string} selector */
const there = (panel, selector) => until(selector, async () => (await panel.count(selector)) > 0, { detail: () => panel.body() });

/** Writes into a box as a user does, and leaves it. */
const WRITE = `(selector, text) => {
  const box = document.querySelector(selector);
  box.focus();
  box.value = text;
  for (const name of ["input", "change"]) box.dispatchEvent(new Event(name, { bubbles: true }));
}`;

const number = (/** @type {string | null | undefined} */ text) => Number((text ?? "").replace(/[^0-9]/g, ""));

test(`every view as an ordinary page on both sides of a session (${browserName})`, LIMIT, () =>
  withSession("ordinary", "#view=verdict", async (panel) => {
    const report = await reportOf(panel);
    assert.equal(report.hashes.first_different, FIRST.frame);
    await shows("the path in the Verdict view", () => panel.text(".cards"), /ball\[2\]/, panel);
    await checkElements(panel);
    await checkTraffic(panel, report);
    await checkState(panel);
    await checkChecks(panel, report);
    await checkCapture(panel);
    await checkReport(panel, report);
  }));

/** Views are made of elements of their own: none takes over another's, with its scroll position. @param {Panel} panel */
async function checkElements(panel) {
  const isThere = () => panel.evaluate("() => window.kept.isConnected");
  for (const [view, other] of [["traffic", "rollbacks"], ["rollbacks", "traffic"]]) {
    await showView(panel, view);
    await there(panel, `.${view} .grid .body`);
    await panel.evaluate("(view) => { window.kept = document.querySelector(view); }", `main > .${view}`);
    assert.ok(await isThere(), view);
    await showView(panel, other);
    await there(panel, `.${other} .grid .body`);
    assert.ok(!(await isThere()), `${view} has gone`);
  }
}

/** @param {Panel} panel @param {any} report */
async function checkTraffic(panel, report) {
  await showView(panel, "traffic");
  await click(panel, ".traffic .chip[aria-pressed=false]");
  const all = report.capture.channels.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.sent + one.received, 0);
  const listed = async () => number((await panel.text("[data-testid=traffic-sum]"))?.split(",")[1]);
  await until(`${all} messages`, async () => (await listed()) === all, { detail: listed });
  await there(panel, "[data-testid=traffic-row]");
  await panel.evaluate(WRITE, "[data-testid=traffic-filter]", "frame:390..410 player:1 type:batch");
  await until("few messages", async () => { const count = await listed(); return count > 0 && count < 20; }, { detail: listed });
  const rows = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll("[data-testid=traffic-row]")].map((row) => row.textContent))`));
  await until("batches of the first player alone", async () => {
    const texts = await rows();
    return texts.length > 0 && texts.every((/** @type {string} */ row) => row.includes("batch") && row.includes("P1"));
  }, { detail: rows });
  await click(panel, "[data-testid=traffic-row]");
  await shows("what its dialect reads", () => panel.text(PANE), /what its dialect reads/, panel);
  await until("its content", async () => (await panel.count(`${PANE} .tree li`)) > 0, { detail: () => panel.text(PANE) });
}

/** @param {Panel} panel */
async function checkState(panel) {
  await showView(panel, "state");
  await shows("the first difference", () => panel.text("[data-testid=state-first]"), /frame 400, path ball\[2\], by \+6\.6e-7/, panel);
  await click(panel, "[data-testid=go-to-first]");
  await shows("its frame", () => panel.text("[data-testid=state-frame]"), /^Frame 400$/, panel);
  await shows("the history of its path", () => panel.text(PANE), /differs on\d+ of \d+ frames/, panel);
  await shows("both peers", () => panel.text(".state .bar-head"), /P1 against P2/, panel);
  await checkTree(panel);
  await panel.press("v");
  await until("a choice of peers", async () => (await panel.count("[data-testid=peer]")) === 1, { detail: () => panel.body() });
  await panel.evaluate(`() => { const list = document.querySelector("[data-testid=peer]"); list.value = "1"; list.dispatchEvent(new Event("change", { bubbles: true })); }`);
  await shows("the other peer before and now", () => panel.text(".state .heads"), /P2 at 39\d.*P2 at 400/, panel);
  await panel.press("v");
  await shows("the peers again", () => panel.text("[data-testid=state-first]"), /frame 400, path ball\[2\]/, panel);
}

/** The tree of the state, folded and unfolded by keyboard alone; levels and what is open are said. @param {Panel} panel */
async function checkTree(panel) {
  const rows = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll("[data-testid=state-row]")].map((row) => [
    row.firstElementChild.title, Number(row.getAttribute("aria-level")), row.getAttribute("aria-expanded"), row.getAttribute("aria-selected")]))`));
  const chosen = async () => (await rows()).find((/** @type {any} */ row) => row[3] === "true")?.slice(0, 3);
  const is = (/** @type {string} */ what, /** @type {unknown} */ wanted) =>
    until(what, async () => JSON.stringify(await chosen()) === JSON.stringify(wanted), { detail: rows });
  assert.equal(await panel.count(".state [role=treegrid]"), 1);
  await panel.evaluate(`() => document.querySelector(".state .grid .body").focus()`);
  await is("the first difference", ["ball[2]", 2, null]);
  await panel.press("ArrowLeft");
  await is("its branch", ["ball", 1, "true"]);
  const open = (await rows()).length;
  await panel.press("ArrowLeft");
  await is("the branch to be folded", ["ball", 1, "false"]);
  assert.equal((await rows()).length, open - 4);
  await shows("what it holds", () => panel.text(PANE), /values inside4.*1 different, 3 equal/, panel);
  // Its worst class stands in its place.
  await shows("its class", () => panel.text("[data-testid=state-row][aria-selected=true] .sign"), /^≠$/, panel);
  await panel.press("ArrowRight");
  await panel.press("ArrowRight");
  await is("the first value inside", ["ball[2]", 2, null]);
  await panel.press("End");
  await panel.press("Home");
  await is("the first row", ["ball", 1, "true"]);
  await panel.press("Enter");
  await is("the branch to be folded again", ["ball", 1, "false"]);
  await panel.click("[data-testid=go-to-first]");
  await is("what was folded to be shown", ["ball[2]", 2, null]);
}

/** @param {Panel} panel @param {any} report */
async function checkChecks(panel, report) {
  await showView(panel, "checks");
  await there(panel, "[data-check]");
  const shown = await panel.rows("[data-check]", ["data-check"]);
  assert.deepEqual(shown.map(([code]) => code).sort(), report.checks.map((/** @type {any} */ check) => check.code).sort());
  const mismatch = report.checks.find((/** @type {any} */ check) => check.code === "state-hash-mismatch");
  assert.ok(mismatch.failed > 0);
  await click(panel, "[data-check=state-hash-mismatch] button");
  await shows("the rule and its numbers", () => panel.text(PANE), new RegExp(`failed${mismatch.failed}.*the rule.*event`), panel);
}

/** @param {Panel} panel */
async function checkCapture(panel) {
  await showView(panel, "capture");
  await shows("that nothing is missing", () => panel.text(".capture"), /Nothing is missing/, panel);
  await shows("both pages and their dialects", () => panel.text(".capture"), /P1.*P2.*p2p_/s, panel);
  await there(panel, "[data-testid=apply-settings]");
  assert.equal(await panel.count(".capture select:enabled, [data-testid=apply-settings]:enabled"), 0, "a page records nothing");
}

/** @param {Panel} panel @param {any} report */
async function checkReport(panel, report) {
  await showView(panel, "report");
  await shows("the sizes of all files", () => panel.text("[data-testid=formats]"), /JSON[\d.]+ kB.*HTML report[\d.]+ kB.*file[\d.]+ MB/, panel);
  const rules = await panel.rows("[data-rule]", ["data-rule", "data-ruling"]);
  const said = { fires: "fires", holds: "holds", not_checkable: "not checkable" };
  assert.deepEqual(rules, report.exclusions.map((/** @type {any} */ one) => [one.code, said[/** @type {keyof said} */ (one.ruling)]]));
  assert.ok(rules.some(([code, ruling]) => code === "any-mismatch" && ruling === "fires"));
  await click(panel, "[data-testid=pseudonymise]");
  await click(panel, PANEL.exportJson);
  await shows("that a key is needed", () => panel.text(PANEL.error), /Type a key/, panel);
  await there(panel, "[data-testid=pseudonym-key]");
  await panel.evaluate(WRITE, "[data-testid=pseudonym-key]", "any words");
  await shows("what was removed, and that none is left", () => panel.text(PANE), /removed\d+ values.*byte check0 found in/, panel);
  // What is offered for download, wherever this browser puts it.
  await panel.evaluate("() => { const make = URL.createObjectURL; URL.createObjectURL = (blob) => { window.offered = blob; return make.call(URL, blob); }; }");
  const files = [];
  for (const selector of [PANEL.exportJson, PANEL.exportHtml]) {
    await panel.evaluate("() => { window.offered = undefined; }");
    await click(panel, selector);
    files.push(await until("the file", () => panel.evaluate("async () => window.offered ? await window.offered.text() : null"), { detail: () => panel.text(PANEL.error) }));
  }
  const hidden = JSON.parse(files[0]);
  assert.match(hidden.session.pseudonym, /^S-[0-9a-f]{10}$/);
  assert.deepEqual([hidden.verdict, hidden.hashes, hidden.session.seed], [report.verdict, report.hashes, null]);
  const seed = report.session.seed.toString(16).padStart(8, "0");
  for (const file of files) assert.ok(!file.includes(seed) && file.includes(hidden.session.pseudonym), `${seed} is in a file`);
}

test(`a walk through all views by keyboard alone (${browserName})`, LIMIT, () =>
  withSession("keyboard", "", async (panel) => {
    await panel.evaluate(`() => { ${AXE} }`);
    // The finding that explains most: from the header's order of weight to its frame, then from view to view.
    await panel.press("]");
    await shows("the first finding's frame", () => panel.evaluate("() => location.hash"), /frame=400/, panel);
    /** @type {string[]} */
    const found = [];
    for (const [place, view] of ["verdict", "timeline", "rollbacks", "state", "traffic", "checks", "report"].entries()) {
      await panel.press(String(place + 1));
      await until(`the view ${view}`, async () => (await panel.count(`[data-view=${view}][aria-current=page]`)) === 1, { detail: () => panel.body() });
      found.push(...(await panel.evaluate(SERIOUS, view)));
    }
    assert.deepEqual(found, [], "an accessibility engine");
    // Tab reaches everything that can be pressed, with a ring around it, and leaves it again.
    await panel.press("7");
    await there(panel, PANEL.exportHtml);
    await shows("the sizes of all files", () => panel.text("[data-testid=formats]"), /HTML report[\d.]+ kB/, panel);
    const controls = await panel.evaluate(`() => { window.reached = new Set(); return ${CONTROLS}.length; }`);
    assert.ok(controls > 20, `${controls} controls`);
    /** @type {string[]} */
    const without = [];
    for (let presses = 0; presses < 2 * controls + 60; presses += 1) {
      await panel.press("Tab");
      const { left, bare } = await panel.evaluate(REACHED);
      if (bare) without.push(bare);
      if (left === 0) break;
    }
    assert.deepEqual(await panel.evaluate(`() => ${CONTROLS}.filter((one) => !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 120))`), [], "reached by Tab");
    assert.deepEqual(without, [], "a visible focus and a name");
    if (browserName === "chromium") assert.ok(await panel.evaluate("() => document.hasFocus()"), "rings were looked for");
  }));

/** Everything on screen that can be pressed. */
const CONTROLS = `[...document.querySelectorAll("button:enabled, input:enabled, select:enabled, a[href]")].filter((one) => one.getClientRects().length > 0)`;

/** What has the focus now: how many controls were not reached yet, and what lacks a ring or a name. */
const REACHED = `() => {
  const one = document.activeElement;
  window.reached.add(one);
  const left = ${CONTROLS}.filter((other) => !window.reached.has(other)).length;
  if (one === document.body) return { left, bare: "" };
  const style = getComputedStyle(one);
  // Firefox draws no ring in a page that its window does not have in front, as in a browser without a screen.
  const hasRing = !document.hasFocus() || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent;
  return { left, bare: hasRing && name.trim() ? "" : [style.outline, one.outerHTML.slice(0, 160)].join(" ") };
}`;

const SERIOUS = `async (where) => {
  // Colours on their way from one to the other are neither's.
  await Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime < Infinity).map((one) => one.finished.catch(() => {})));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => where + ": " + id + ": " + nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}`;
