// Files of several sessions dropped at once: which is bad, what was not opened and why, and what of it stays when other
// files are opened. What the panel says of each session is held against the command's word on that session alone.
// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { browserName, commandProgram, LIMIT, withBrowser } from "../lib/spec.mjs";

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../../fixtures/mug/${name}.rollscope.gz`, import.meta.url));
const side = (/** @type {string} */ name) => /** @type {[string, Buffer]} */ ([name, readFileSync(path(name))]);
const [C1, C2, N1, N2] = ["H-clean-1", "H-clean-2", "H-nondet-1", "H-nondet-2"].map(side);
/** @type {[string, Buffer]} */
const PICTURE = ["picture.png", Buffer.from("\x89PNG\r\n\x1a\n", "latin1")];
/** @type {[string, Buffer]} */
const CUT = ["cut.gz", N1[1].subarray(0, N1[1].length / 2)];

/** @typedef {import("../drivers/driver").Panel} Panel */

/** Drops files as a user does. */
const DROP = `(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}`;
/** @param {Panel} panel @param {[string, Buffer][]} files */
const drop = (panel, ...files) => panel.evaluate(DROP, files.map(([name, bytes]) => [name, bytes.toString("base64")]));

/** @param {string} what @param {() => Promise<string | null>} ask @param {RegExp} pattern @param {Panel} panel */
const shows = (what, ask, pattern, panel) =>
  until(what, async () => pattern.test((await ask()) ?? ""), { detail: async () => ({ asked: await ask(), body: await panel.body() }) });

/** What the command says of one session, without its numbers. @param {string[]} names */
const verdictOf = (...names) => spawnSync(commandProgram, ["check", "--json", ...names.map(path)], { encoding: "utf8", maxBuffer: 1 << 28 });

/** @param {string} name @param {(panel: Panel, page: import("../drivers/driver").Page) => Promise<void>} body */
const withPanel = (name, body) =>
  withBrowser(name, async ({ browser, arenaUrl, watch }) => {
    const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html`);
    await page.bringToFront();
    const panel = pagePanel(page);
    watch(panel);
    await until("the analysis", () => panel.evaluate("async () => { await rollscopePanel.analysis; return true; }"));
    await body(panel, page);
  });

const texts = (/** @type {Panel} */ panel, /** @type {string} */ selector) =>
  panel.evaluate("(selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent)", selector);
const headline = (/** @type {Panel} */ panel) => () => panel.text(PANEL.verdict);

test(`of several sessions dropped at once the bad one is named, and so is what was not opened (${browserName})`, LIMIT, () =>
  withPanel("sessions", async (panel) => {
    await drop(panel, PICTURE, C1, N1, CUT, C2, N2);
    await shows("both sessions", () => panel.text("[data-testid=others]"), /^2 sessions: 1 DESYNC, 1 RISK\. Worst:H-nondet-1 \+ H-nondet-2, DESYNC at 400/, panel);
    await shows("what was not opened, each with its reason", () => panel.text(PANEL.error),
      /^2 files were not opened\. picture\.png: this is no Rollscope capture.*; cut\.gz: the gzip file is cut off or damaged.*copy or save it again/, panel);

    const options = await texts(panel, "[data-testid=session] option");
    assert.deepEqual(options, ["▲ H-clean-1 + H-clean-2 · RISK", "◆ H-nondet-1 + H-nondet-2 · DESYNC at 400"]);

    // The list by keyboard alone: the worst first, found by what it comes to, shown by Enter.
    await panel.press("o");
    await until("the list", async () => (await panel.count("#sessions-list [role=option]")) === 2, { detail: () => panel.body() });
    const listed = await texts(panel, "#sessions-list [role=option]");
    const said = ["H-nondet", "H-clean"].map((name) => JSON.parse(verdictOf(`${name}-1`, `${name}-2`).stdout).verdict.text);
    assert.deepEqual(listed, [`H-nondet-1 + H-nondet-2${said[0]}`, `H-clean-1 + H-clean-2${said[1]}`]);
    for (const key of "risk") await panel.press(key);
    await until("the one that was looked for", async () => (await panel.count("#sessions-list [role=option]")) === 1, { detail: () => panel.body() });
    await panel.press("Enter");
    await shows("its verdict", headline(panel), /^RISK: /, panel);
    // Each of its episodes has a sign of its own.
    const episodes = await texts(panel, "[data-testid=episode] option");
    assert.ok(episodes.length > 1 && episodes.every((/** @type {string} */ one, /** @type {number} */ at) => one === `▲ ${at + 1} of ${episodes.length}`), String(episodes));
    await panel.press(")");
    await shows("the next session", headline(panel), /^DESYNC DETECTED at frame 400/, panel);
    await panel.press("(");
    await shows("the session before", headline(panel), /^RISK: /, panel);
    await panel.click("[data-testid=worst-session]");
    await shows("the worst session", headline(panel), /^DESYNC DETECTED at frame 400/, panel);

    // A choice whose first file is none takes the place of what was open all the same, and says so.
    await drop(panel, PICTURE, C1);
    await shows("the reason", () => panel.text(PANEL.error), /^picture\.png: this is no Rollscope capture/, panel);
    await shows("the new session alone", () => panel.text("[data-testid=others]"), /^2 episodes: /, panel);
    assert.equal(await panel.count("[data-testid=session]"), 0);
    assert.match((await panel.text("header")) ?? "", /H-clean-1(?!.*H-)/);
    // What cannot be opened at all leaves what is open.
    await drop(panel, ["empty.rollscope", Buffer.alloc(0)]);
    await shows("that it is empty", () => panel.text(PANEL.error), /^empty\.rollscope: the file is empty: save the capture again/, panel);
    assert.match((await headline(panel)()) ?? "", /^RISK: /);
    await drop(panel, N1, N1);
    await shows("that a file was chosen twice", () => panel.text(".banner.risk"), /File 2 of 2 holds nothing that the others do not hold/, panel);
    await shows("no error of before", () => panel.text(".banner.error"), /^$/, panel);
  }));

test(`the memory cap that a user sets is there in the next panel, and holds for files (${browserName})`, LIMIT, () =>
  withPanel("memory-cap", async (panel, page) => {
    const cap = "[data-testid=memory-cap]";
    const value = () => panel.evaluate("(selector) => document.querySelector(selector)?.value ?? ''", cap);
    await showView(panel, "capture");
    await shows("the cap of the beginning", value, /^1024$/, panel);
    await panel.evaluate(`(selector) => { const box = document.querySelector(selector); box.value = "2048"; box.dispatchEvent(new Event("change", { bubbles: true })); }`, cap);
    await page.reload();
    await until("the analysis", () => panel.evaluate("async () => { await rollscopePanel?.analysis; return true; }"));
    await drop(panel, N1);
    await shows("the session", headline(panel), /\S/, panel);
    await showView(panel, "capture");
    await shows("the cap as it was set", value, /^2048$/, panel);
  }));
