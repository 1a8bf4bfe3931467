// Games of any number of peers, each in a page of its own, and what their engines say afterwards.
// @ts-check
import assert from "node:assert/strict";
import { until } from "../drivers/common.mjs";
import { freshRoom } from "./arena.mjs";
import { engineLog } from "./session.mjs";

const STATS = "() => window.arena?.stats() ?? null";
const SEEN = "() => `${document.body.innerText.slice(0, 300)} ${JSON.stringify(window.arena?.stats())}`";

/**
 * Opens one page per browser of the list, all in one room, each with a bot.
 * @param {import("../drivers/driver").Browser[]} browsers
 * @param {string} arenaUrl
 * @param {Record<string, string | number> | Record<string, string | number>[]} [more] further parameters of all pages, or
 *   of each
 */
export async function openPeers(browsers, arenaUrl, more = {}) {
  const room = freshRoom();
  const pages = [];
  for (const [index, browser] of browsers.entries()) {
    const query = new URLSearchParams({
      room, players: String(browsers.length), bot: String(31 + index), seed: "12", latency_ms: "30", jitter_ms: "20", loss: "0.03",
    });
    const own = Array.isArray(more) ? more[index] : more;
    for (const [name, value] of Object.entries(own)) query.set(name, String(value));
    const page = await browser.openPage(`${arenaUrl}/?${query}`);
    pages.push(page);
    // Places are given in the order of coming.
    await until(`page ${index} to have its place`, async () => (await page.evaluate(STATS))?.player === index, {
      detail: () => page.evaluate(SEEN),
    });
  }
  return pages;
}

/**
 * Waits until `condition` holds for the figures of every page.
 * @param {string} what @param {any[]} pages @param {(stats: any) => boolean} condition
 */
export const untilAll = (what, pages, condition) =>
  until(what, async () => (await Promise.all(pages.map((page) => page.evaluate(STATS)))).every((stats) => stats && condition(stats)), {
    interval: 100,
    detail: () => Promise.all(pages.map((page) => page.evaluate(SEEN))),
  });

/** Confirmed so far by the page that is furthest behind. @param {any[]} pages */
export const confirmed = async (pages) =>
  Math.min(...(await Promise.all(pages.map((page) => page.evaluate(STATS)))).map((stats) => stats?.confirmed ?? 0));

/** Plays on until every page has confirmed `frames` more. @param {any[]} pages @param {number} frames */
export async function playOn(pages, frames) {
  const goal = (await confirmed(pages)) + frames;
  await untilAll(`frame ${goal} to be confirmed`, pages, (stats) => stats.confirmed >= goal);
}

/** Stops all pages. @param {any[]} pages */
export const stopAll = (pages) =>
  Promise.all(pages.map((page) => page.evaluate("async () => { await window.arena.stop(); }")));

/**
 * All pages went through the same confirmed states: no desync was noticed, and the hashes that any
 * two of them settled on are equal, up to a frame that all have.
 * @param {any[]} pages @param {number} least compared hashes
 */
export async function checkAgreement(pages, least) {
  const logs = await Promise.all(pages.map((page) => engineLog(page)));
  const hashes = logs.map((log) => new Map(log.lines.filter((line) => line.event === "hash").map((line) => [line.frame, line.hash])));
  for (const [index, log] of logs.entries()) {
    const wrong = log.lines.filter((line) => ["desync", "conflict", "failed"].includes(line.event));
    assert.deepEqual(wrong, [], `page ${index}`);
  }
  const frames = [...hashes[0].keys()].filter((frame) => hashes.every((of) => of.has(frame)));
  assert.ok(frames.length >= least, `${frames.length} frames were hashed by all`);
  for (const frame of frames) {
    const seen = new Set(hashes.map((of) => of.get(frame)));
    assert.equal(seen.size, 1, `frame ${frame}: ${[...seen].join(" ")}`);
  }
}
