// Pages that watch: one comes in mid-game and takes a state, is blocked and goes away, and the players play on; one is fed
// by the server. What each of them stepped is what the players settled on.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { checkAgreement, openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { engineLog } from "../lib/session.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const stats = (/** @type {any} */ page) => page.evaluate("() => window.arena?.stats() ?? null");

/** Opens a page that watches the room of another one. @param {any} browser @param {any} player @param {Record<string, string>} [more] */
async function openSpectator(browser, player, more = {}) {
  const address = new URL(await player.evaluate("() => location.href"));
  address.searchParams.delete("bot");
  for (const [name, value] of Object.entries({ role: "spectator", ...more })) address.searchParams.set(name, value);
  return browser.openPage(address.href);
}

/** Frames that both pages hashed, all of them equally. @param {any} spectator @param {any} player */
async function comparedFrames(spectator, player) {
  const [seen, played] = await Promise.all([spectator, player].map(async (page) => {
    const { lines } = await engineLog(page);
    return new Map(lines.filter((/** @type {any} */ line) => line.event === "hash").map((/** @type {any} */ line) => [line.frame, line.hash]));
  }));
  const both = [...seen.keys()].filter((frame) => played.has(frame));
  for (const frame of both) assert.equal(seen.get(frame), played.get(frame), `frame ${frame}`);
  return both;
}

test(`a spectator comes in mid-game by a whole state, and nobody waits for it (${browserName})`, LIMIT, () =>
  withBrowser("spectator", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl);
    // More than a page keeps for those who are there from the start.
    await untilAll("a game under way", pages, (of) => of.confirmed > 150);
    const spectator = await openSpectator(browser, pages[0]);
    const detail = async () => ({ spectator: await stats(spectator), text: await spectator.evaluate("() => document.body.innerText.slice(0, 300)") });
    // The players may be far ahead before it has loaded.
    const states = async () => (await engineLog(spectator)).lines.filter((/** @type {any} */ line) => line.event === "state_taken");
    const [first] = await until("the spectator to take a state", async () => { const all = await states(); return all.length > 0 && all; }, { detail });
    await until("the spectator to follow", async () => (await stats(spectator)).frame > first.frame + 100, { detail });
    const { player, routes, frame } = await stats(spectator);
    assert.equal(player, 8);
    assert.deepEqual(routes.map((/** @type {any} */ way) => [way.player, way.route]), [[0, "p2p"]]);
    assert.equal((await stats(pages[0])).spectators, 1);
    const taken = await states();
    assert.equal(taken.length, 1, JSON.stringify(taken));
    assert.ok(taken[0].frame > 100 && taken[0].frame < frame);
    assert.ok((await comparedFrames(spectator, pages[0])).length >= 10);
    // A page that does nothing for two seconds: the players step on meanwhile.
    const blocked = spectator.evaluate("() => { const end = performance.now() + 2000; while (performance.now() < end); return true; }");
    await playOn(pages, 60);
    assert.ok(await blocked);
    const now = (await stats(pages[0])).confirmed;
    await until("the spectator to have caught up", async () => (await stats(spectator)).frame >= now, { detail });
    await comparedFrames(spectator, pages[0]);
    await spectator.close();
    await until("the page to know that nobody watches", async () => (await stats(pages[0])).spectators === 0);
    await playOn(pages, 30);
    await stopAll(pages);
    await checkAgreement(pages, 40);
  }, { extensionDir: undefined }),
);

test("a spectator that comes before the players is fed by the server where pages have no connections", { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("spectator-relay", async ({ browser, arenaUrl }) => {
    const early = await browser.openPage(`${arenaUrl}/?room=watched&role=spectator&p2p=off`);
    await until("it to wait", () => early.evaluate("() => document.body.innerText.includes('Waiting for the game to begin')"));
    const pages = await openPeers([browser, browser], arenaUrl, { p2p: "off", room: "watched" });
    await untilAll("a game under way", pages, (of) => of.confirmed > 60);
    await until("the spectator to follow", async () => (await stats(early))?.frame > 60, { detail: () => stats(early) });
    assert.deepEqual((await stats(early)).routes.map((/** @type {any} */ way) => way.route), ["relay"]);
    assert.ok((await comparedFrames(early, pages[0])).length >= 5);
    await stopAll(pages);
    await checkAgreement(pages, 10);
  }, { extensionDir: undefined }),
);

test(`the panel says of a page that watches three players that it only watches (${browserName})`, LIMIT, () =>
  withBrowser("spectator-panel", async ({ browser, arenaUrl, watch }) => {
    const pages = await openPeers([browser, browser, browser], arenaUrl);
    await untilAll("a game under way", pages, (of) => of.confirmed > 40);
    const spectator = await openSpectator(browser, pages[0]);
    await until("the spectator to follow", async () => (await stats(spectator))?.frame > 60, { detail: () => stats(spectator) });
    const panel = await browser.openPanel(spectator);
    watch(panel);
    const verdict = () => panel.text(PANEL.verdict);
    await until("the verdict", async () => /only watches/.test((await verdict()) ?? ""), { detail: async () => ({ verdict: await verdict(), body: await panel.body() }) });
    // A chip of each player, none over another and none over what stands beside it.
    const places = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify(
      [...document.querySelectorAll(".header > *, .peer")].filter((one) => !one.querySelector(".peer") && one.textContent.trim() !== "")
        .map((one) => { const { left, right } = one.getBoundingClientRect(); return [one.textContent, left, right]; }))`));
    const chips = (/** @type {any[]} */ shown) => shown.filter(([text]) => /^P\d/.test(text)).map(([text]) => text.slice(0, 2)).join();
    const shown = await until("a chip of each player", async () => { const all = await places(); return chips(all) === "P1,P2,P3" && all; }, { detail: places });
    for (const [at, [text, left]] of shown.entries()) {
      if (at > 0) assert.ok(left >= shown[at - 1][2] - 1, `${text} stands over ${shown[at - 1][0]}: ${JSON.stringify(shown)}`);
    }
    // No view falls over for want of a player that was observed.
    for (const view of ["timeline", "rollbacks", "state", "traffic", "checks", "report", "capture"]) await showView(panel, view);
    assert.equal(await panel.text(PANEL.error), null);
    await stopAll(pages);
  }));
