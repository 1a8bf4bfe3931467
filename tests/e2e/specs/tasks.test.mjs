// What a new user wants of a session that nobody has seen before, in at most three actions each: the first bad frame and
// its cause, the worst rollback and its cost, the report as a file; in the panel as an ordinary page, held against what the
// command says of the same file.
//
// The session is played here: two pages, both recorded by the hook without the extension, one with a planted fault.
// @ts-check
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { openPeers, stopAll, untilAll } from "../lib/peers.mjs";
import { engineLog, PANEL } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, commandProgram, hookScript, LIMIT, withBrowser } from "../lib/spec.mjs";

const FIRST = "[data-testid=state-first]";
/** From here on the fault is at work (demo/src/faults.rs). */
const FAULT_FRAME = 300;
const number = (/** @type {string | null} */ text) => Number((text ?? "").replace(/[^0-9]/g, ""));

/** Plays a session in which one page's game goes its own way; returns the two captures as one file. */
async function playFaulty(browser, arenaUrl) {
  const pages = await openPeers([browser, browser], arenaUrl, [{ fault: "hidden-counter", latency_ms: "140" }, { latency_ms: "140" }]);
  await untilAll("rollbacks in the play", pages, (stats) => stats.confirmed > 60);
  const noticed = async () => (await Promise.all(pages.map((page) => engineLog(page)))).some(({ lines }) => lines.some(({ event }) => event === "desync"));
  await until("a peer to notice the fault", noticed, { timeout: 300_000, interval: 500, detail: () => Promise.all(pages.map((page) => page.evaluate("() => JSON.stringify(window.arena.stats())"))) });
  await stopAll(pages);
  const folder = mkdtempSync(join(tmpdir(), "rollscope-tasks-"));
  try {
    const paths = [];
    for (const [index, page] of pages.entries()) {
      await page.evaluate("() => rollscopeHook.stop()");
      paths.push(join(folder, `${index}.rollscope`));
      writeFileSync(paths[index], Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));
      await page.close();
    }
    const out = join(folder, "session.rollscope");
    execFileSync(commandProgram, ["convert", ...paths, "--out", out]);
    const options = /** @type {const} */ ({ encoding: "utf8", maxBuffer: 1 << 28 });
    return {
      file: readFileSync(out),
      check: JSON.parse(spawnSync(commandProgram, ["check", "--json", out], options).stdout),
      report: JSON.parse(execFileSync(commandProgram, ["report", "--format", "json", out], options)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(`a session never seen before: three tasks in three actions each (${browserName})`, LIMIT, () =>
  withBrowser("tasks", async ({ browser, arenaUrl, watch }) => {
    const { file, check, report } = await playFaulty(browser, arenaUrl);
    const bad = report.hashes.first_different;
    assert.equal(check.verdict.kind, "desync");
    assert.ok(bad >= FAULT_FRAME, `the first difference is at frame ${bad}`);
    await withServedFile(`tasks-${browserName}.rollscope`, file, async (address) => {
      /** @param {string} name @param {(panel: any, act: (key: string) => Promise<void>, page: any) => Promise<void>} body */
      const task = async (name, body) => {
        const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${address}`);
        await page.bringToFront();
        const panel = pagePanel(page);
        watch(panel);
        await shows(panel, PANEL.verdict, /DESYNC/);
        let actions = 0;
        await body(panel, async (key) => { actions++; await page.press(key); }, page);
        await page.close();
        assert.ok(actions <= 3, `${name}: ${actions} actions`);
        console.log(`${name}: ${actions} actions`);
      };
      await task("the first bad frame and its cause", async (panel, act) => {
        await shows(panel, PANEL.verdict, new RegExp(`DESYNC DETECTED at frame ${bad}\\b`));
        await act("]");
        await act("v");
        await shows(panel, FIRST, /First differs at frame \d+, path \S+/);
        const first = number((await panel.text(`${FIRST} b`)) ?? "");
        assert.ok(first >= FAULT_FRAME && first <= bad, `the states differ first at frame ${first}, the hashes at ${bad}`);
      });
      await task("the worst rollback and what it cost", async (panel, act, page) => {
        const times = report.rollbacks.map((/** @type {any} */ row) => row.total_micros ?? 0);
        const most = Math.max(...times);
        await act("x");
        const row = async () => [await panel.attribute(`${PANEL.rollbackRow}[aria-selected=true]`, "data-current"), await panel.text(`${PANEL.rollbackRow}[aria-selected=true]`)];
        await until("the row of the worst", async () => (await row())[0] !== null, { detail: row });
        const [current, text] = await row();
        const worst = report.rollbacks.filter((/** @type {any} */ each) => each.total_micros === most).map((/** @type {any} */ each) => String(each.current));
        assert.ok(worst.includes(current), `frame ${current} is chosen, the worst are ${worst}`);
        assert.ok(text?.includes((most / 1000).toFixed(1)), `${text} says ${most} µs`);
        // Chosen from another view, a row far down is there as well when the table comes.
        await page.press("2");
        await panel.evaluate(`() => { for (let count = ${times.length}; count > 0; count -= 1) dispatchEvent(new KeyboardEvent("keydown", { key: ">", code: "Period", shiftKey: true })); }`);
        await page.press("3");
        const chosen = async () => Number(await panel.attribute(`${PANEL.rollbackRow}[aria-selected=true]`, "data-row"));
        // Rows stand peer by peer, keys go by frame, and of one frame by row: the last one may be of any peer.
        const frames = report.rollbacks.map((/** @type {any} */ row) => row.current);
        const last = frames.lastIndexOf(Math.max(...frames));
        await until(`row ${last}`, async () => (await chosen()) === last, { detail: async () => [await chosen(), frames] });
      });
      await task("the report as a file", async (panel, act) => {
        await act("7");
        await until("the buttons", async () => (await panel.count(PANEL.exportJson)) === 1, { detail: () => panel.body() });
        // What is offered for download, wherever this browser puts it.
        await panel.evaluate("() => { const make = URL.createObjectURL; URL.createObjectURL = (blob) => { window.offered = blob; return make.call(URL, blob); }; }");
        await panel.evaluate(`() => document.querySelector("${PANEL.exportJson}").focus()`);
        await act("Enter");
        const text = await until("the file", () => panel.evaluate("async () => window.offered ? await window.offered.text() : null"));
        assert.deepEqual(JSON.parse(text).hashes, report.hashes);
      });
    });
  }, { initScript: `${readFileSync(hookScript, "utf8")}\nrollscopeHook.start();` }),
);

/** Waits until a text of the panel matches. @param {import("../drivers/driver").Panel} panel */
const shows = (panel, selector, pattern) =>
  until(`${selector} with ${pattern}`, async () => pattern.test((await panel.text(selector)) ?? ""), {
    detail: async () => [await panel.text(selector), await panel.body()],
  });
