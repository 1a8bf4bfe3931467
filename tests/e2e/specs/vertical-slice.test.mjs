// The whole way of a real session: page, hook, relay, panel, report, file, and back again, with the
// figures of each step held against the log of what the engine truly executed.
// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import {
  engineLog, executedRollbacks, exportAll, openSession, PANEL, readJson, reportedRollbacks, showView, stopSession,
  untilHandedOver, waitForPanel,
} from "../lib/session.mjs";
import { arenaRoot, browserName, commandProgram, LIMIT, withBrowser } from "../lib/spec.mjs";

/** Enough that an error in one of them would hardly hide. */
const ROLLBACKS = 15;

test(`panel, report and file agree with the engine's log (${browserName})`, LIMIT, () =>
  withBrowser("vertical-slice", async ({ browser, arenaUrl, downloadDir, watch }) => {
    const session = await openSession(browser, arenaUrl);
    watch(session.panel);
    const played = () => session.observed.evaluate("() => window.arena.stats().rollbacks");
    await until(`${ROLLBACKS} rollbacks`, async () => (await played()) >= ROLLBACKS, { timeout: 300_000, detail: played });
    await stopSession(session);
    await untilHandedOver(session);
    const executed = executedRollbacks(await engineLog(session.observed));
    assert.ok(executed.length >= ROLLBACKS, `${executed.length} rollbacks were executed`);

    await waitForPanel(session.panel, executed.length);
    assert.equal(await session.panel.text(PANEL.error), null);
    await checkRows(session.panel, executed);

    const files = await exportAll(session.panel, downloadDir);
    const report = readJson(files.json);
    assert.deepEqual(reportedRollbacks(report), executed);
    assert.ok(report.hashes.recomputed > 0, "hashes were recomputed");
    assert.equal(report.hashes.differ, 0);
    assert.equal(report.hashes.agree, report.hashes.recomputed);
    assert.match(readFileSync(files.html, "utf8"), /^<!doctype html>/i);

    checkCommand(files.capture, report);
    await checkPageMode(browser, arenaUrl, files.capture, executed.length);
  }),
);

/** The table draws only the rows in sight: those must be rows of the log, in its order. */
async function checkRows(panel, executed) {
  await showView(panel, "rollbacks");
  const drawn = () => panel.rows(PANEL.rollbackRow, ["data-target", "data-current"]);
  await until("drawn rows", async () => (await drawn()).length > 0, { detail: () => panel.body() });
  const rows = await drawn();
  const shown = rows.map((row) => row.join("→"));
  const logged = executed.map(([, target, current]) => `${target}→${current}`);
  const start = logged.indexOf(shown[0]);
  assert.deepEqual(shown, logged.slice(start, start + shown.length));
}

/** The command line reads the same file with the same result. */
function checkCommand(capture, report) {
  const text = execFileSync(commandProgram, ["report", "--format", "json", capture], { encoding: "utf8", maxBuffer: 1 << 28 });
  const again = JSON.parse(text);
  assert.deepEqual(reportedRollbacks(again), reportedRollbacks(report));
  assert.deepEqual(again.hashes, report.hashes);
  assert.equal(again.verdict.kind, report.verdict.kind);
}

/** The panel as an ordinary page opens the same file with the same count. */
async function checkPageMode(browser, arenaUrl, capture, count) {
  const name = `${browserName}-${process.pid}-${basename(capture)}`;
  const served = join(arenaRoot, "captures", name);
  mkdirSync(join(arenaRoot, "captures"), { recursive: true });
  copyFileSync(capture, served);
  try {
    const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=/captures/${name}`);
    await waitForPanel(pagePanel(page), count);
  } finally {
    rmSync(served, { force: true });
  }
}
