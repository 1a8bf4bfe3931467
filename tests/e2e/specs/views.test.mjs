// The views of evidence in the real DevTools, on a session played there: messages, states, round trips,
// checks, the capture itself. What they say is held against the exported files.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { decodeChunk } from "../../hook/decode.mjs";
import { engineLog, executedRollbacks, exportAll, openSession, PANEL, readJson, showView, stopSession, untilHandedOver, waitForPanel } from "../lib/session.mjs";
import { reportOf } from "../lib/traffic.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const ROLLBACKS = 6;
const ROW = { traffic: "[data-testid=traffic-row]", state: "[data-testid=state-row]", check: "[data-check]" };
const PANE = ".pane-body";

test(`the views of evidence agree with the exported files (${browserName})`, LIMIT, () =>
  withBrowser("views", async ({ browser, arenaUrl, downloadDir, watch }) => {
    const session = await openSession(browser, arenaUrl);
    const { panel, observed } = session;
    watch(panel);
    const played = () => observed.evaluate("() => window.arena.stats().rollbacks");
    await until(`${ROLLBACKS} rollbacks`, async () => (await played()) >= ROLLBACKS, { timeout: 300_000, detail: played });
    await stopSession(session);
    await untilHandedOver(session);
    await waitForPanel(panel, executedRollbacks(await engineLog(observed)).length);
    // The page may say a little more while the panel is looked at: what the file holds lies between what is
    // listed before and after it was written.
    const before = await listedMessages(panel);
    const files = await exportAll(panel, downloadDir);
    const report = readJson(files.json);
    const held = messagesOf(readFileSync(files.capture));
    assert.ok(before > 0 && before <= held, `${before} messages were listed, the file holds ${held}`);
    await checkTimeline(panel, executedRollbacks(await engineLog(observed)));
    await checkTraffic(panel, held);
    await checkStates(panel);
    await checkRoundTrips(panel);
    await checkChecks(panel, report);
    await checkCapture(panel, observed);
  }),
);

/** Messages in a capture file. @param {Buffer} file */
function messagesOf(file) {
  let at = 16 + file.readUInt32LE(12);
  let count = 0;
  const texts = new Map();
  while (at < file.length) {
    const length = file.readUInt32LE(at + 1);
    if (file[at] === 1) {
      const { events } = decodeChunk(new Uint8Array(file.subarray(at + 9, at + 9 + length)), texts);
      count += events.filter(({ kind }) => kind === "sent" || kind === "received").length;
    }
    at += 9 + length;
  }
  return count;
}

/** @param {string | null} text @returns {number} digits of a text, whatever groups them */
const number = (text) => Number((text ?? "").replace(/[^0-9]/g, ""));

const listed = async (panel) => number(((await panel.text("[data-testid=traffic-sum]")) ?? "").split(",")[1] ?? "");

/** Messages of every family, as the view counts them. */
async function listedMessages(panel) {
  await showView(panel, "traffic");
  // The last family is hidden at first.
  await panel.click(".traffic .chip[aria-pressed=false]");
  await until("listed messages", async () => (await listed(panel)) > 0, { detail: () => panel.body() });
  return listed(panel);
}

/** By key: the worst rollback, where the timeline stands then, zoom, and the frame after. */
async function checkTimeline(panel, executed) {
  const spoken = () => panel.text("[data-testid=spoken-selection]");
  const label = () => panel.attribute("[data-testid=timeline]", "aria-label");
  await panel.press("x");
  await until("the table of rollbacks", async () => (await panel.count(`${PANEL.view("rollbacks")}[aria-current=page]`)) === 1, { detail: () => panel.body() });
  await panel.press("2");
  await until("a rollback of the engine", async () => {
    const frame = Number(/^Frame (\d+) is selected.*rollback/.exec((await spoken()) ?? "")?.[1]);
    return executed.some(([, , current]) => current === frame);
  }, { detail: async () => ({ spoken: await spoken(), executed }) });
  const frame = Number(/^Frame (\d+)/.exec(await spoken())?.[1]);
  await panel.press("f");
  const whole = await until("the whole episode", async () => /frames 0 to \d+/.exec((await label()) ?? "")?.[0], { detail: label });
  await panel.press("w");
  await until("fewer frames", async () => !(await label())?.includes(whole), { detail: label });
  await panel.press(",");
  await until("the frame before", async () => (await spoken())?.startsWith(`Frame ${frame - 1} is selected`), { detail: spoken });
}

async function checkTraffic(panel, messages) {
  await showView(panel, "traffic");
  await until(`${messages} listed messages`, async () => (await listed(panel)) >= messages, { detail: () => listed(panel) });
  await panel.click(ROW.traffic);
  await until("the content of the message", async () => (await panel.count(`${PANE} .tree li`)) > 0, { detail: () => panel.text(PANE) });
  await panel.click(".segment:last-child");
  await until("its bytes, or that it has none", async () =>
    (await panel.count(`${PANE} .hex`)) + (await panel.count(`${PANE} .note`)) > 0, { detail: () => panel.text(PANE) });
  await panel.click(".segment");
}

async function checkStates(panel) {
  // The message that was chosen may be of the first frames, before which no state was saved; before the last frame some were.
  const last = Number(/\d+/.exec((await panel.text(".frame-box .total")) ?? "")?.[0]) - 1;
  await panel.evaluate(`(frame) => {
    const box = document.querySelector("[data-testid=frame-box]");
    box.value = frame;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }`, String(last));
  await showView(panel, "state");
  // One side was observed, so the state before is what it is compared with.
  await until("rows of the state", async () => (await panel.count(ROW.state)) > 0, { detail: () => panel.body() });
  // Only rows in sight are drawn, so the table itself says how many there are.
  const rows = async () => Number(await panel.attribute(".state .grid", "aria-rowcount"));
  const before = await rows();
  await panel.click("[data-testid=state-equal]");
  await until("equal values to unfold", async () => (await rows()) > before, { detail: rows });
  await panel.click(ROW.state);
  await until("the detail of a path", async () => /class/.test((await panel.text(PANE)) ?? ""), { detail: () => panel.text(PANE) });
  await panel.evaluate(`() => document.querySelector("[data-testid=state-row]:not([aria-expanded])").click()`);
  await until("the history of a path at this peer", async () => /history of this path at this peervalues\d+looked through\d+ state/.test((await panel.text(PANE)) ?? ""), { detail: () => panel.text(PANE) });
}

async function checkRoundTrips(panel) {
  await showView(panel, "rollbacks");
  const both = async () => [
    number(await panel.text(".sums section:first-child .figure b")), (await reportOf(panel)).savings.as_is[0],
  ];
  await until("the round trips of the report", async () => { const [shown, said] = await both(); return shown > 0 && shown === said; }, { detail: both });
  // A browser's clock may be too coarse to show any time at all; the report says whether it was.
  const { savings } = await reportOf(panel);
  const measured = savings.split_micros[0].some((/** @type {number} */ micros) => micros > 0);
  const sentence = (await panel.text("[data-testid=savings-sentence]")) ?? "";
  if (savings.as_is[1] > 0) assert.match(sentence, measured ? /Execution is \d+ % of the time/ : /was not measured/);
}

async function checkChecks(panel, report) {
  await showView(panel, "checks");
  const shown = await panel.rows(ROW.check, ["data-check"]);
  assert.deepEqual(shown.map(([code]) => code).sort(), report.checks.map((check) => check.code).sort());
  await panel.click(`${ROW.check} button`);
  await until("the rule of a check", async () => /the rule/.test((await panel.text(PANE)) ?? ""), { detail: () => panel.text(PANE) });
}

/** The shaper is switched on in the panel; the page that loads then says so itself. */
async function checkCapture(panel, observed) {
  await showView(panel, "capture");
  await until("the health of the capture", async () => /Nothing is missing/.test((await panel.text(".capture")) ?? ""), { detail: () => panel.text(".capture") });
  await panel.click("[data-testid=shaper-on]");
  await until("the settings", async () => /delayMillis/.test((await panel.text("[data-testid=settings-json]")) ?? ""), { detail: () => panel.text(".capture") });
  await panel.click("[data-testid=apply-settings]");
  const stored = () => observed.evaluate("() => localStorage.getItem('rollscope.settings') ?? ''");
  await until("the settings in the page", async () => /"loss":0.02/.test(await stored().catch(() => "")), { detail: stored });
  await until("the loud banner", async () => (await panel.count(".loud")) === 1, { detail: () => panel.body() });
  await until("its words", async () => /NETWORK SHAPER ON/.test((await panel.text(PANEL.error)) ?? ""), { detail: () => panel.text(PANEL.error) });
}
