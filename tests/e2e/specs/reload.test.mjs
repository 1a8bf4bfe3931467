// Pages that are loaded anew in the middle of a game: each has its place back, takes the game from the others, and all settle
// on the same states.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { checkAgreement, openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { engineLog } from "../lib/session.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const stats = (/** @type {any} */ page) => page.evaluate("() => window.arena?.stats() ?? null");
const of = (/** @type {any} */ log, /** @type {string} */ event) => log.lines.filter((/** @type {any} */ line) => line.event === event);

/** Loads a page anew and waits until it plays on. Returns the frame that it went on from. @param {any[]} pages @param {number} player */
async function loadAnew(pages, player) {
  const { confirmed } = await stats(pages[player]);
  // Only the page that is there now has this.
  await pages[player].evaluate("() => { window.isOld = true; }");
  await pages[player].reload();
  const seen = () => pages[player].evaluate("() => `${window.isOld} ${document.body?.innerText.slice(0, 300)} ${JSON.stringify(window.arena?.stats())}`");
  await until("the new page to play", async () => {
    const [isOld, now] = await Promise.all([pages[player].evaluate("() => window.isOld === true"), stats(pages[player])]);
    return !isOld && now?.player === player && now.confirmed > confirmed;
  }, { detail: seen });
  const [returned, ...more] = of(await engineLog(pages[player]), "returned");
  assert.ok(returned && more.length === 0, "it came back once");
  return returned.frame;
}

test(`a page that is loaded anew plays on (${browserName})`, LIMIT, () =>
  withBrowser("reload", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl);
    await untilAll("a game under way", pages, (now) => now.confirmed > 120);
    // One after the other: the page that offers the connection, and the one that answers.
    for (const player of [1, 0]) {
      const frame = await loadAnew(pages, player);
      assert.ok(frame > 60, `it goes on from frame ${frame}`);
      await playOn(pages, 90);
      const told = of(await engineLog(pages[1 - player]), "peer_returned");
      assert.equal(told.length, 1, "the other page heard of it once");
    }
    await untilAll("a direct game", pages, (now) => now.routes.every((/** @type {any} */ way) => way.route === "p2p"));
    await stopAll(pages);
    await checkAgreement(pages, 15);
  }, { extensionDir: undefined }),
);

test("a page that never comes back is told to be silent, then the game is over", { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("gone", async ({ browser, arenaUrl }) => {
    const [stays, goes] = await openPeers([browser, browser], arenaUrl);
    await untilAll("a game under way", [stays, goes], (now) => now.confirmed > 60 && now.routes[0].presence === "here");
    // What the page says is short-lived; a machine may be too busy to look in time.
    await stays.evaluate(`() => {
      const headline = document.getElementById("headline");
      window.headlines = [];
      const note = () => { if (headlines.at(-1) !== headline.textContent) headlines.push(headline.textContent); };
      new MutationObserver(note).observe(headline, { childList: true, characterData: true, subtree: true });
    }`);
    const headlines = () => stays.evaluate("() => window.headlines");
    await goes.close();
    const seen = () => stays.evaluate("() => `${document.body.innerText.slice(0, 300)} ${JSON.stringify(window.arena.stats())}`");
    await until("the page to be told silent", async () => (await headlines()).includes("Waiting for Coral"), { detail: async () => [await headlines(), await seen()] });
    // Its place is kept for fifteen seconds.
    await until("the game to be over", async () => (await stats(stays)).routes[0].presence === "left", { detail: seen });
    const words = () => stays.evaluate("() => ['headline', 'details'].map((id) => document.getElementById(id).textContent).join(': ')");
    await until("the page to say so", async () => (await words()) === "The game is over: Another player has left. Reload to play again.", { detail: words });
    await stopAll([stays]);
  }, { extensionDir: undefined }),
);

test("of three pages two are loaded anew, one without connections of its own", { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("reload-three", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser, browser], arenaUrl, [{}, {}, { p2p: "off" }]);
    await untilAll("a game under way", pages, (now) => now.confirmed > 60);
    await loadAnew(pages, 2);
    await playOn(pages, 30);
    await loadAnew(pages, 1);
    await playOn(pages, 60);
    await stopAll(pages);
    await checkAgreement(pages, 10);
  }, { extensionDir: undefined }),
);
