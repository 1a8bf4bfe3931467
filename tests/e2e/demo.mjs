// The demo: two peers in one browser, the panel on the first; on a display until it is closed,
// without one for some seconds and then into files.
//
// Called by `cargo xtask demo` with one argument, the plan as JSON (xtask/src/demo.rs).
// @ts-check
import { mkdirSync, mkdtempSync, renameSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstLine, pause } from "./drivers/common.mjs";
import { startArena } from "./lib/arena.mjs";
import {
  driverOf, engineLog, executedRollbacks, exportAll, openSession, PANEL, showView, stopSession, waitForPanel,
} from "./lib/session.mjs";

const plan = JSON.parse(process.argv[2] ?? "{}");
const say = (/** @type {string} */ text) => console.error(`  ${text}`);

try {
  await main();
} catch (error) {
  console.error(`  ${error instanceof Error && process.env.ROLLSCOPE_TRACE ? error.stack : firstLine(error)}`);
  process.exitCode = 1;
}

async function main() {
  const { launch } = await driverOf(plan.browser);
  const downloadDir = mkdtempSync(join(tmpdir(), "rollscope-demo-"));
  const arena = await startArena({ program: plan.arena, root: plan.arenaRoot, port: plan.port });
  say(`arena on ${arena.url}`);
  let browser;
  try {
    // Somebody plays in the page: DevTools beside it leave it its height.
    const window = plan.headless ? {} : /** @type {const} */ ({ dock: "right", width: 1360, height: 760 });
    browser = await launch({ extensionDir: plan.extension, headless: plan.headless, downloadDir, ...window });
    const { latencyMs, jitterMs, loss, inputDelay, fault, from } = plan;
    // On a display the first tab is the user's: arrow keys against a bot.
    const bots = plan.headless ? [11, 22] : [undefined, 22];
    const session = await openSession(browser, arena.url, { bots, latencyMs, jitterMs, loss, inputDelay, fault, from });
    say(`the panel is open in ${plan.browser}`);
    if (plan.headless) await playAndKeep(session, downloadDir);
    else await playUntilClosed(browser);
  } finally {
    await browser?.close();
    await arena.stop();
    rmSync(downloadDir, { recursive: true, force: true });
  }
}

async function playUntilClosed(browser) {
  say(plan.seconds ? `playing for ${plan.seconds} s` : "play in the first tab; close the browser to end the demo");
  await Promise.race([browser.closed, ...(plan.seconds ? [pause(plan.seconds * 1000)] : [])]);
}

async function playAndKeep(session, downloadDir) {
  for (let second = 0; second < plan.seconds; second += 5) {
    await pause(Math.min(5, plan.seconds - second) * 1000);
    const count = (await session.panel.text(PANEL.rollbackCount))?.trim() ?? "no";
    say(`${Math.min(second + 5, plan.seconds)} of ${plan.seconds} s played, ${count} rollbacks so far`);
  }
  mkdirSync(plan.out, { recursive: true });
  const out = (/** @type {string} */ name) => join(plan.out, name);
  // While they still play: a stopped arena hides its game behind a notice.
  await showView(session.panel, "verdict");
  await session.panel.screenshot(out("devtools.png"), session.observed);
  // A page whose fault stops its loop never comes to the end of its tick.
  await Promise.race([stopSession(session), ...(plan.fault ? [pause(5_000)] : [])]);
  const log = await engineLog(session.observed);
  await waitForPanel(session.panel);
  writeFileSync(out("engine-log.jsonl"), log.text.endsWith("\n") ? log.text : `${log.text}\n`);
  const files = await exportAll(session.panel, downloadDir);
  move(files.json, out("report.json"));
  move(files.html, out("report.html"));
  move(files.capture, out("session.rollscope"));
  say(`the engine's own log names ${executedRollbacks(log).length} rollbacks`);
}

/** The temporary folder may lie on another file system, where a rename is refused. */
function move(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    renameSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
