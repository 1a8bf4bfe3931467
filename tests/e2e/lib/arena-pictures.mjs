// Pictures of the arena's pages: a game, its second player's page, one that watches, and every notice that can stand
// over the ice.
// @ts-check
import { join } from "node:path";
import { until } from "../drivers/common.mjs";
import { freshRoom, peerAddress } from "./arena.mjs";

const SIZES = [[1280, 800], [1280, 320], [320, 640]];

/** Frames after which craft have left tracks and gems have been taken. */
const PLAYED = 420;

/**
 * @param {import("../drivers/driver").Browser} browser @param {string} url of the arena @param {string} out folder
 * @param {"light" | "dark"} theme
 */
export async function shootArena(browser, url, out, theme) {
  const open = async (/** @type {string} */ address) => {
    const page = await browser.openPage(address);
    await page.setTheme(theme);
    return page;
  };
  const shoot = async (/** @type {import("../drivers/driver").Page} */ page, /** @type {string} */ name) => {
    await page.bringToFront();
    for (const [width = 0, height = 0] of SIZES) {
      await page.setViewport(width, height);
      // Two animation frames: the first draws in the new size.
      await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
      await page.screenshot(join(out, `arena-${name}-${width}x${height}-${theme}.png`));
    }
  };
  const status = (/** @type {import("../drivers/driver").Page} */ page) => page.evaluate("() => document.getElementById('status').textContent");
  const stands = (/** @type {import("../drivers/driver").Page} */ page, /** @type {string} */ word) =>
    until(`a page that is ${word}`, async () => (await status(page)) === word, { detail: () => page.evaluate("() => document.body.innerText") });
  const played = (/** @type {import("../drivers/driver").Page} */ page) =>
    until("some play", async () => Number(await page.evaluate("() => window.arena?.stats()?.frame ?? 0")) >= PLAYED, { timeout: 90_000 });

  const room = freshRoom();
  const watching = await open(`${url}/?room=${room}&role=spectator`);
  await shoot(watching, "spectator-waiting");
  const first = await open(peerAddress(url, { room, bot: 3 }));
  await stands(first, "waiting");
  await shoot(first, "waiting");
  const second = await open(peerAddress(url, { room, bot: 4 }));
  await stands(second, "playing");
  await stands(watching, "playing");
  await played(first);
  await shoot(first, "playing");
  await shoot(watching, "spectator");
  await first.evaluate("async () => { await window.arena.stop(); }");
  await stands(first, "stopped");
  await shoot(first, "stopped");
  for (const page of [watching, first, second]) await page.close();

  const lost = freshRoom();
  const stays = await open(peerAddress(url, { room: lost, bot: 3 }));
  const goes = await open(peerAddress(url, { room: lost, bot: 4 }));
  await played(stays);
  await goes.close();
  await until("a page that waits for the other one", () => stays.evaluate("() => /^Waiting for/.test(document.getElementById('headline').textContent)"));
  await shoot(stays, "silent");
  await stays.close();

  const wrong = await open(`${url}/?room=${room}&loss=7`);
  await stands(wrong, "failed");
  await shoot(wrong, "failed");
  await wrong.close();

  const crowd = freshRoom();
  const pages = [];
  for (let bot = 0; bot < 5; bot += 1) {
    pages.push(await open(`${peerAddress(url, { room: crowd, bot, latencyMs: 40, loss: 0.01 })}&players=5&resync=delta&hash_rate=predictive`));
  }
  await played(pages[0]);
  await shoot(pages[0], "five");
  for (const page of pages) await page.close();
}
