// One played session: two peers in two tabs, the panel on the first, and what each of them says.
// @ts-check
import { readFileSync } from "node:fs";
import { downloadedBy, until } from "../drivers/common.mjs";
import { freshRoom, peerAddress } from "./arena.mjs";

/** What panel and specs have agreed upon. */
export const PANEL = {
  verdict: "[data-testid=verdict]",
  rollbackCount: "[data-testid=rollback-count]",
  rollbackRow: "[data-testid=rollback-row]",
  emptyState: "[data-testid=empty-state]",
  consent: "[data-testid=empty-state] button.primary",
  error: "[data-testid=error]",
  view: (/** @type {string} */ name) => `[data-view=${name}]`,
  exportJson: "[data-testid=export-json]",
  exportHtml: "[data-testid=export-html]",
  exportCapture: "[data-testid=export-capture]",
};

/** Loads the driver of a browser. @returns {Promise<{launch: (o: import("../drivers/driver").LaunchOptions) => Promise<import("../drivers/driver").Browser>}>} */
export const driverOf = (/** @type {string} */ name) => import(`../drivers/${name}.mjs`);

/**
 * Opens two peers that play each other, then DevTools with the panel on the first, which is player 1. Their link is slow
 * enough that inputs come late also at a page that a busy machine keeps a few frames behind: it is rolled back, too.
 * @param {import("../drivers/driver").Browser} browser
 * @param {string} arenaUrl
 * @param {{bots?: (number | undefined)[], latencyMs?: number, jitterMs?: number, loss?: number, inputDelay?: number, fault?: string,
 *   from?: number}} [options] `fault` is the first page's; the others have its switch too, and never do it
 */
export async function openSession(browser, arenaUrl, { bots = [11, 22], latencyMs = 140, ...link } = {}) {
  const room = freshRoom();
  const pages = [];
  for (const [index, bot] of bots.entries()) {
    const from = index === 0 ? link.from : "never";
    const page = await browser.openPage(peerAddress(arenaUrl, { room, bot, latencyMs, ...link, from }));
    pages.push(page);
    // Places are given in the order of coming, and a page can be ready before one that was opened earlier.
    await until(`page ${index} to have its place`, async () => (await page.evaluate("() => window.arena?.stats()?.player ?? null")) === index, {
      detail: () => page.evaluate("() => `${document.body.innerText.slice(0, 300)} ${JSON.stringify(window.arena?.stats())}`"),
    });
  }
  const panel = await browser.openPanel(pages[0]);
  return { observed: pages[0], other: pages[1], panel };
}

/** Ends the game in both tabs at a moment when neither waits for the other. */
export async function stopSession({ observed, other }) {
  await Promise.all([observed, other].map((page) => page.evaluate("async () => { await window.arena.stop(); }")));
}

/**
 * Waits until the panel holds all that the page has recorded so far: events come in order, and the last one is a channel
 * with a name of its own, on a connection to nobody.
 */
export async function untilHandedOver({ observed, panel }) {
  const label = `the end of ${freshRoom()}`;
  await observed.evaluate("(label) => { const connection = new RTCPeerConnection(); connection.createDataChannel(label); connection.close(); }", label);
  const isThere = () => panel.evaluate("(label) => new TextDecoder('latin1').decode(rollscopePanel.captureFile()).includes(label)", label);
  await until("the last of what was recorded in the panel", isThere, { interval: 200, detail: () => panel.body() });
}

/** The observed peer's own log: its text, and its lines as objects. */
export async function engineLog(page) {
  const text = await page.evaluate("() => window.arena.engineLog()");
  return { text, lines: text.split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
}

/** The rollbacks that the engine executed, as `[episode, target, current]`, in order. */
export const executedRollbacks = (log) =>
  log.lines.filter((line) => line.event === "rollback").map((line) => [line.episode, line.target, line.current]);

/** The same of an exported report. */
export const reportedRollbacks = (report) => report.rollbacks.map((row) => [row.episode, row.target, row.current]);

/**
 * Waits until the panel shows everything that it has: `expected` rollbacks, or a count that
 * no longer grows.
 */
export async function waitForPanel(panel, expected) {
  const shown = async () => (await panel.text(PANEL.rollbackCount))?.trim();
  if (expected !== undefined) {
    await until(`the panel to show ${expected} rollbacks`, async () => (await shown()) === String(expected), {
      interval: 100,
      detail: async () => ({ count: await shown(), body: await panel.body() }),
    });
  }
  // Views change four times a second: one whose text stays for a second shows it all.
  let last;
  let since = Date.now();
  await until("the panel to come to rest", async () => {
    const now = `${await panel.text(PANEL.verdict)} ${await shown()}`;
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 1_000;
  });
}

/** Shows one of the panel's views. */
export async function showView(panel, name) {
  const view = PANEL.view(name);
  await panel.click(view);
  await until(`the view ${name}`, async () => (await panel.count(`${view}[aria-current=page], ${view}[aria-pressed=true]`)) > 0, {
    detail: () => panel.body(),
  });
}

/** Presses the panel's three export buttons; returns the paths of what was downloaded. */
export async function exportAll(panel, downloadDir) {
  await showView(panel, "report");
  const press = (selector) => downloadedBy(downloadDir, () => panel.click(selector));
  return {
    json: await press(PANEL.exportJson),
    html: await press(PANEL.exportHtml),
    capture: await press(PANEL.exportCapture),
  };
}

export const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(path, "utf8"));
