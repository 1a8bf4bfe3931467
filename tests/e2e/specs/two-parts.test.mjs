// The panel in its two parts: the first needs nothing of the second, what comes before the second waits in its order,
// and a panel without a second part says so and still gives away what was recorded.
// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { downloadedBy, until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { openSession, PANEL } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, commandProgram, extensionDir, LIMIT, withBrowser } from "../lib/spec.mjs";
import { reportOf } from "../lib/traffic.mjs";

const FIXTURE = readFileSync(new URL("../../fixtures/session-v1.rollscope", import.meta.url));
const SECOND = "ui/rollscope_ui_analysis.wasm";

/** Keeps the second part back until the page's `letCome` is called with whether it comes; notes every error of the page. */
const HELD = `
  window.errors = [];
  addEventListener("error", (event) => window.errors.push(String(event.message)));
  addEventListener("unhandledrejection", (event) => window.errors.push(String(event.reason)));
  const { error } = console;
  console.error = (...given) => { window.errors.push(given.join(" ")); error.apply(console, given); };
  const { fetch } = window;
  const held = new Promise((resolve) => { window.letCome = resolve; });
  window.fetch = async (...given) => {
    if (String(given[0]).endsWith("_analysis.wasm") && !(await held)) throw new TypeError("kept back by the test");
    return fetch(...given);
  };`;

/** @typedef {import("../drivers/driver").Panel} Panel */

/** @param {string} name @param {string} query @param {(panel: Panel, page: import("../drivers/driver").Page) => Promise<void>} body */
const withHeldPanel = (name, query, body) =>
  withBrowser(name, async ({ browser, arenaUrl, watch }) => {
    const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html${query}`);
    const panel = pagePanel(page);
    watch(panel);
    await until("the first part", () => panel.evaluate("() => Boolean(window.rollscopePanel)"));
    await body(panel, page);
  }, { initScript: HELD });

/** Every view, every bare key and every command of the palette, each with an animation frame to show what it did. */
const WALK = `async () => {
  const shown = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const press = async (key, shiftKey, target = window) => {
    const code = { ",": "Comma", ".": "Period" }[key] ?? "";
    target.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
    await shown();
  };
  const seen = { views: 0, commands: 0, help: "" };
  for (const button of document.querySelectorAll("[data-view]")) {
    button.click();
    seen.views += 1;
    await shown();
  }
  for (const key of "wsad,.x[]{}g/vmftlz z1234567") await press(key, false);
  for (const key of ",.") await press(key, true);
  await press("?", true);
  seen.help = document.querySelector("[role=dialog]")?.textContent ?? "";
  await press("?", true);
  for (let at = 0, count = 1; at < count; at++) {
    await press("p", false);
    const options = document.querySelectorAll("[role=option]");
    count = options.length;
    options[at]?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, cancelable: true }));
    seen.commands += 1;
    await shown();
  }
  const box = document.querySelector("#frame-box");
  for (const type of ["input", "change"]) {
    box.value = "12";
    box.dispatchEvent(new Event(type, { bubbles: true }));
    await shown();
  }
  await press("Enter", false, box);
  dispatchEvent(new Event("resize"));
  return seen;
}`;

test(`the first part needs nothing of the second (${browserName})`, LIMIT, () =>
  withHeldPanel("first-part", "", async (panel) => {
    await until("the empty state", async () => (await panel.count(PANEL.emptyState)) === 1, { detail: () => panel.body() });
    const seen = await panel.evaluate(WALK);
    assert.ok(seen.views >= 8, `${seen.views} views`);
    assert.ok(seen.commands > 30, `${seen.commands} commands`);
    assert.match(seen.help, /freeze the views/);
    await panel.setTheme("dark");
    await panel.resizeDevTools(320, 700);
    await panel.evaluate(WALK);
    await panel.click("[data-view=capture]");
    await until("word of what is awaited", async () => (await panel.count("[data-testid=awaited]")) === 1, { detail: () => panel.body() });
    assert.deepEqual(await panel.evaluate("() => window.errors"), []);
    assert.equal(await panel.evaluate("() => rollscopePanel.reportJson()"), "", "nothing was analysed");

    await panel.evaluate("() => window.letCome(true)");
    await until("the Capture view", async () => (await panel.count(".capture")) === 1, { detail: () => panel.body() });
    assert.deepEqual(await panel.evaluate("() => window.errors"), []);
  }));

test(`chunks and files that come before the analysis wait in their order (${browserName})`, LIMIT, () =>
  withServedFile(`waiting-${browserName}.rollscope`, FIXTURE, (address) =>
    withHeldPanel("waiting", "", async (panel, page) => {
      // The chunks of the file as the hook would hand them over, and then what would be saved of them.
      const saved = await panel.evaluate(`async (address) => {
        const file = await (await fetch(address)).arrayBuffer();
        const view = new DataView(file);
        for (let at = 16 + view.getUint32(12, true), size; at < file.byteLength; at += 9 + size) {
          size = view.getUint32(at + 1, true);
          if (view.getUint8(at) === 1) rollscopePanel.handleChunk(new Uint8Array(file, at + 9, size));
        }
        return [...rollscopePanel.captureFile()];
      }`, address);
      const records = (/** @type {Buffer} */ file) => file.subarray(16 + file.readUInt32LE(12));
      assert.deepEqual(records(Buffer.from(saved)), records(FIXTURE), "every record in its order");
      assert.equal(await panel.text(PANEL.verdict), null);

      await panel.evaluate("() => window.letCome(true)");
      await until("the verdict on the chunks", async () => /VERIFIED/.test((await panel.text(PANEL.verdict)) ?? ""), { detail: () => panel.body() });
      const live = await reportOf(panel);

      await page.goto(`${page.url()}?capture=${address}`);
      await until("the file to wait", async () => (await panel.count("[data-testid=opening]")) === 1, { detail: () => panel.body() });
      assert.equal(await panel.text(PANEL.verdict), null);
      await panel.evaluate("() => window.letCome(true)");
      await until("the verdict on the file", async () => /VERIFIED/.test((await panel.text(PANEL.verdict)) ?? ""), { detail: () => panel.body() });
      assert.deepEqual((await reportOf(panel)).rollbacks, live.rollbacks, "the report of the file as a whole");
      assert.deepEqual(await panel.evaluate("() => window.errors"), []);
    })));

test(`a page without its second part says so and refuses files (${browserName})`, LIMIT, () =>
  withServedFile(`refused-${browserName}.rollscope`, FIXTURE, (address) =>
    withHeldPanel("no-second-part", `?capture=${address}`, async (panel) => {
      await until("the file to wait", async () => (await panel.count("[data-testid=opening]")) === 1, { detail: () => panel.body() });
      await panel.evaluate("() => window.letCome(false)");
      await until("the reason", async () => /kept back by the test.*Reload this page/.test((await panel.text(PANEL.emptyState)) ?? ""), { detail: () => panel.body() });
      await until("word of the file", async () => /\.rollscope: the analysis could not be loaded/.test((await panel.text(PANEL.error)) ?? ""), { detail: () => panel.body() });
      assert.equal(await panel.count("[data-testid=opening]"), 0);
      await panel.evaluate(WALK);
      assert.deepEqual(await panel.evaluate("() => window.errors"), []);
    })));

test(`a panel in DevTools without its second part saves what was recorded (${browserName})`, LIMIT, async () => {
  const broken = mkdtempSync(join(tmpdir(), "rollscope-broken-"));
  try {
    cpSync(extensionDir, broken, { recursive: true });
    rmSync(join(broken, SECOND));
    await withBrowser("broken-extension", async ({ browser, arenaUrl, downloadDir, watch }) => {
      const { panel } = await openSession(browser, arenaUrl);
      watch(panel);
      await until("the reason", async () => /could not be loaded.*Recording goes on/.test((await panel.text(PANEL.emptyState)) ?? ""), { detail: () => panel.body() });
      await until("some of the session", async () => (await panel.evaluate("() => rollscopePanel.captureFile().length")) > 100_000, { timeout: 90_000, detail: () => panel.body() });
      const path = await downloadedBy(downloadDir, () => panel.click("[data-testid=empty-state] button.primary"));
      const { capture } = JSON.parse(execFileSync(commandProgram, ["report", path, "--format", "json"], { encoding: "utf8" }));
      assert.equal(capture.lost_events, 0);
      assert.ok(capture.channels.length > 0, "what was recorded can be read");
    }, { extensionDir: broken });
  } finally {
    rmSync(broken, { recursive: true, force: true });
  }
});
