// A session of eight peers (tests/eight_peers.rs), all of them observed, in the panel as an ordinary page: everybody has a
// chip, a strip, lanes, columns, and nothing covers anything else at any size.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { reportOf } from "../lib/traffic.mjs";

const PEERS = 8;
const NAMES = Array.from({ length: PEERS }, (_, peer) => `P${peer + 1}`);

test(`eight peers in one panel (${browserName})`, LIMIT, () =>
  withBrowser("eight", async ({ browser, arenaUrl, watch }) => {
    const file = gunzipSync(readFileSync(new URL("../../fixtures/eight-peers.rollscope.gz", import.meta.url)));
    await withServedFile(`eight-${browserName}.rollscope`, file, async (address) => {
      const panel = pagePanel(await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${address}`));
      watch(panel);
      const seen = async () => (await panel.count(PANEL.verdict)) === 1 && (await reportOf(panel)).session.peers.filter((/** @type {any} */ peer) => peer.is_observed).length;
      await until("all sides", async () => (await seen()) === PEERS, { detail: () => panel.body() });
      for (const [width, height] of [[1280, 800], [1280, 320], [700, 320]]) {
        await panel.resizeDevTools(width, height);
        await until(`a window of ${width} px`, async () => (await panel.evaluate("() => innerWidth")) === width, { detail: () => panel.evaluate("() => innerWidth") });
        // What is drawn by measure follows the window a moment later.
        const parts = () => panel.evaluate(HEADER);
        const right = JSON.stringify({ names: NAMES, wrong: [] });
        await until(`chips of all and nothing over its neighbour at ${width} px`, async () => (await parts()) === right, { detail: parts });
      }
      await panel.resizeDevTools(1280, 800);
      await until("a tall window", async () => (await panel.evaluate("() => innerHeight")) >= 500, { detail: () => panel.evaluate("() => innerHeight") });
      await checkVerdict(panel);
      await checkTimeline(panel);
    });
  }, { extensionDir: undefined }));

/** Names of the chips, and what of the header covers its neighbour or leaves the window. */
const HEADER = `() => {
  const parts = [...document.querySelectorAll(".header > *, .header .peer")].filter((one) => one.offsetWidth > 0 && !one.matches(".peers, .space"));
  const areas = parts.map((one) => [one.className + " " + one.textContent, one.getBoundingClientRect()]).sort(([, one], [, other]) => one.left - other.left);
  const wrong = areas.flatMap(([name, area], at) => {
    const next = areas[at + 1];
    return area.right > innerWidth + 0.5 || (next && area.right > next[1].left + 0.5) ? [name + " ends at " + area.right + (next ? ", " + next[0] + " begins at " + next[1].left : "")] : [];
  });
  return JSON.stringify({ names: [...document.querySelectorAll(".header .peer .badge")].map((one) => one.textContent), wrong });
}`;

/** Figures have a column or a line for everybody. @param {any} panel */
async function checkVerdict(panel) {
  await showView(panel, "verdict");
  const heads = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll(".figures .columns thead")].map((head) => head.innerText.trim().split(/\\s+/)))`));
  await until("figures of all", async () => JSON.stringify(await heads()) === JSON.stringify([["figure", ...NAMES]]), { detail: heads });
  const lines = JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll(".figures .wide tbody .who")].map((one) => one.textContent))`));
  assert.ok(lines.length > 0 && lines.length % PEERS === 0, `${lines.length} lines`);
  assert.deepEqual([...new Set(lines)], NAMES);
}

/** Everybody has frames, and the selected frame is told of everybody, in the pane and aloud. @param {any} panel */
async function checkTimeline(panel) {
  await showView(panel, "timeline");
  const label = () => panel.attribute("[data-testid=timeline]", "aria-label");
  await until("eight peers", async () => new RegExp(`, ${PEERS} peers`).test((await label()) ?? ""), { detail: label });
  await panel.press(".");
  const spoken = () => panel.text("[data-testid=spoken-selection]");
  await until("a frame of everybody", async () => {
    const text = (await spoken()) ?? "";
    return NAMES.every((name) => text.includes(`; ${name} `));
  }, { detail: spoken });
  // Columns of the pane are as wide as a word: it scrolls sideways, and the names of its rows stay in sight.
  const columns = () => panel.evaluate(`() => {
    const body = document.querySelector(".pane-body");
    body.scrollLeft = body.scrollWidth;
    const heads = [...body.querySelectorAll(".peers thead th")];
    const name = body.querySelector(".peers tbody th")?.getBoundingClientRect();
    return JSON.stringify({ names: heads.map((head) => head.textContent), least: Math.min(...heads.map((head) => head.offsetWidth)), scrolled: body.scrollLeft, left: (name?.left ?? NaN) - body.getBoundingClientRect().left });
  }`);
  await until("a pane with a column of everybody", async () => {
    const { names, least, scrolled, left } = JSON.parse(await columns());
    return names.join() === NAMES.join() && least >= 56 && scrolled > 0 && left >= 0 && left < 20;
  }, { detail: columns });
}
