// Pictures of the panel, named as the design's: every view as an ordinary page on a capture file, in both
// themes and the sizes that it must serve; the panel docked in the real DevTools; and the arena's pages.
//
// Called by `cargo xtask screenshots` with one argument, the plan as JSON (xtask/src/screenshots.rs).
// @ts-check
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pause, until } from "./drivers/common.mjs";
import { startArena } from "./lib/arena.mjs";
import { shootArena } from "./lib/arena-pictures.mjs";
import { pagePanel } from "./lib/page-panel.mjs";
import { driverOf, openSession, PANEL, showView, stopSession } from "./lib/session.mjs";

/** @typedef {import("./drivers/driver").Panel} Panel */

const WIDE = [[1280, 800], [1280, 320]];
const ALL = [...WIDE, [700, 320]];
const plan = JSON.parse(process.argv[2] ?? "{}");

/** @param {string} selector @param {string} [words] clicks the first match that holds these words */
const clickWith = (selector, words = "") =>
  `() => { const found = [...document.querySelectorAll(${JSON.stringify(selector)})]
    .find((one) => one.textContent.includes(${JSON.stringify(words)})); found?.click(); return Boolean(found); }`;

/** @param {string} selector @param {string} text types into a box */
const typed = (selector, text) =>
  `() => { const box = document.querySelector(${JSON.stringify(selector)}); box.value = ${JSON.stringify(text)};
    box.dispatchEvent(new Event("input", { bubbles: true })); }`;

/** What is selected in each picture, so that the pane is not empty. @type {[string, string, number[][], (panel: Panel) => Promise<unknown>][]} */
const PICTURES = [
  ["verdict", "verdict", ALL, (panel) => panel.evaluate(clickWith(".findings li, .findings button"))],
  ["timeline", "timeline", WIDE, (panel) => panel.press("f")],
  ["timeline-zoomed", "timeline", ALL, async (panel) => { for (let i = 0; i < 12; i++) await panel.press("w"); }],
  ["state", "state", ALL, async (panel) => {
    await panel.evaluate(clickWith("[data-testid=go-to-first]"));
    await pause(300);
    await panel.evaluate(clickWith("[data-testid=state-row]", "first"));
  }],
  ["traffic", "traffic", ALL, async (panel) => {
    await panel.evaluate(typed("[data-testid=traffic-filter]", "frame:397..420 player:1"));
    await pause(300);
    await panel.evaluate(clickWith("[data-testid=traffic-row]", "batch"));
  }],
  ["roundtrips", "rollbacks", ALL, async (panel) => { for (const key of [",", ",", "Shift+."]) await panel.press(key); }],
  ["checks", "checks", ALL, (panel) => panel.evaluate(clickWith("[data-check] button"))],
  ["report", "report", ALL, async () => {}],
  ["capture", "capture", ALL, async () => {}],
];

mkdirSync(plan.out, { recursive: true });
const arena = await startArena({ program: plan.arena, root: plan.arenaRoot });
const folder = join(plan.arenaRoot, "captures");
mkdirSync(folder, { recursive: true });
/** @type {Set<string>} */
const copies = new Set();
const isAsked = (/** @type {string} */ name) => plan.only.length === 0 || plan.only.some((/** @type {string} */ begin) => name.startsWith(begin));
const { launch } = await driverOf(plan.browser);
try {
  for (const theme of /** @type {const} */ (["light", "dark"])) {
    const browser = await launch({ extensionDir: plan.extension, theme });
    try {
      if (isAsked("arena")) await shootArena(browser, arena.url, plan.out, theme);
      if (plan.capture.length === 0) continue;
      const open = (/** @type {string} */ query) => browser.openPage(`${arena.url}/panel/extension/panel.html${query}`);
      if (isAsked("empty")) await shoot(await shown(await open(""), theme), "empty", WIDE, theme);
      const capture = await shown(await open(served(plan.capture, "screenshots")), theme);
      await waitForVerdict(capture);
      for (const [name, view, sizes, prepare] of PICTURES.filter(([name]) => isAsked(name))) {
        await showView(capture, view);
        await prepare(capture);
        await shoot(capture, name, sizes, theme);
      }
      if (plan.clean.length > 0 && isAsked("verified")) {
        const clean = await shown(await open(`${served(plan.clean, "screenshots-clean")}#episode=1&frame=895`), theme);
        await waitForVerdict(clean);
        await shoot(clean, "verified", WIDE, theme);
      }
      if (isAsked("popup") || isAsked("consent")) await shootPages(browser, theme);
      if (plan.seconds > 0 && isAsked("docked")) await shootDocked(browser, theme);
    } finally {
      await browser.close();
    }
  }
} finally {
  for (const name of copies) rmSync(join(folder, name), { force: true });
  await arena.stop();
}

/** Puts the sides of a session where the arena's server finds them. @param {string[]} paths @param {string} name */
function served(paths, name) {
  const names = paths.map((path, side) => `${name}-${side + 1}.rollscope`);
  for (const [side, copy] of names.entries()) {
    copyFileSync(paths[side], join(folder, copy));
    copies.add(copy);
  }
  return `?${names.map((copy) => `capture=/captures/${copy}`).join("&")}`;
}

/** @param {import("./drivers/driver").Page} page @param {"light" | "dark"} theme */
async function shown(page, theme) {
  await page.setTheme(theme);
  return pagePanel(page);
}

/** @param {Panel} panel */
async function waitForVerdict(panel) {
  await until("the verdict of the whole file", async () => (await panel.count(PANEL.verdict)) === 1, {
    timeout: 60_000,
    detail: () => panel.body(),
  });
  // A long file is read in slices: the last frame stands still when all is read.
  let last = "";
  await until("the file to be read", async () => {
    const now = (await panel.text(".frame-box .total")) ?? "";
    const rests = now === last && now !== "";
    last = now;
    return rests;
  }, { timeout: 60_000, interval: 1_000 });
}

/** @param {Panel} panel @param {string} name @param {number[][]} sizes @param {string} theme */
async function shoot(panel, name, sizes, theme) {
  for (const [width = 0, height = 0] of sizes) {
    await panel.resizeDevTools(width, height);
    await pause(300);
    // Over a narrow view the pane would hide what the picture is about.
    if (width < 900) await panel.evaluate(clickWith(".pane.open .close"));
    await panel.screenshot(join(plan.out, `${name}-${width}x${height}-${theme}.png`));
  }
}

/** @param {import("./drivers/driver").Browser} browser @param {string} theme */
async function shootDocked(browser, theme) {
  const session = await openSession(browser, arena.url);
  await pause(plan.seconds * 1000);
  await session.panel.screenshot(join(plan.out, `docked-${theme}.png`), session.observed);
  await stopSession(session);
}

/**
 * The popup of the extension's button in its three states, and the window in which Firefox asks for a site.
 * @param {import("./drivers/driver").Browser} browser @param {"light" | "dark"} theme
 */
async function shootPages(browser, theme) {
  // Firefox's popup is no page, of which a picture could be taken.
  if (browser.name !== "chromium") return;
  const page = await browser.openPage(`${arena.url}/idle.html`);
  const popup = await browser.openPopup(page);
  const says = (/** @type {string} */ words) => until(words, () => popup.evaluate(`() => document.getElementById("text").textContent === ${JSON.stringify(words)}`));
  const take = async (/** @type {import("./drivers/driver").Page} */ one, /** @type {string} */ name, width = 300, height = 210) => {
    await one.setTheme(theme);
    await one.setViewport(width, height);
    await one.screenshot(join(plan.out, `${name}-${theme}.png`));
  };
  await says("Recording");
  await take(popup, "popup-recording");
  await popup.evaluate("() => document.getElementById('switch').click()");
  await says("Not recording");
  await take(popup, "popup-off");
  const none = await browser.openPopup();
  await take(none, "popup-nothing");
  await none.goto(popup.url().replace("popup.html", `consent.html?pattern=${encodeURIComponent("https://game.example/*")}`));
  await take(none, "consent", 460, 220);
  for (const one of [none, popup, page]) await one.close();
}
