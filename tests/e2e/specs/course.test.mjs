// The course of a game in real pages: episodes one after the other with a tab in the background and back,
// a page that holds the game up while it is hidden, new network paths in mid-game, a state that replaces
// one that differs.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { checkAgreement, openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { engineLog } from "../lib/session.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const plain = { extensionDir: undefined };
const onlyChromium = { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" };

/** Says to a page that it is hidden or seen, as the browser does when tabs change. @param {any} page @param {boolean} isHidden */
const setHidden = (page, isHidden) =>
  page.evaluate(`(isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (isHidden ? "hidden" : "visible") });
    document.dispatchEvent(new Event("visibilitychange"));
  }`, isHidden);

/** Hashes of a page by episode and frame. @param {any} page */
async function hashes(page) {
  const { lines } = await engineLog(page);
  assert.deepEqual(lines.filter((/** @type {any} */ line) => ["desync", "conflict", "failed"].includes(line.event)), []);
  const said = lines.filter((/** @type {any} */ line) => line.event === "hash");
  return new Map(said.map((/** @type {any} */ line) => [`${line.episode}/${line.frame}`, line.hash]));
}

test(`two episodes, a tab in the background and back: equal states to the last frame (${browserName})`, LIMIT, () =>
  withBrowser("episodes", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl, { episodes: 2, episode_frames: 300 });
    for (const page of pages) await page.showVisibility();
    await untilAll("the first episode", pages, (stats) => stats.episode === 1 || stats.confirmed > 60);
    // Another tab in front of both.
    const other = await browser.openPage(`${arenaUrl}/idle.html`);
    await other.bringToFront();
    const visibility = () => Promise.all(pages.map((page) => page.evaluate("() => document.visibilityState")));
    await until("both tabs to be hidden", async () => (await visibility()).every((state) => state === "hidden"), { detail: visibility });
    await untilAll("the second episode", pages, (stats) => stats.episode === 1 && stats.confirmed > 60);
    assert.deepEqual(await visibility(), ["hidden", "hidden"], "all of that happened in the background");
    await pages[0].bringToFront();
    await untilAll("the end", pages, (stats) => stats.episode === 1 && stats.frame === 300);
    for (const page of pages) await until("the page to say so", () => page.evaluate("() => window.arena.state() === 'stopped'"));
    await stopAll(pages);
    const [ours, theirs] = await Promise.all(pages.map(hashes));
    for (const episode of [0, 1]) {
      const frames = Array.from({ length: 61 }, (_, index) => `${episode}/${index * 5}`);
      for (const frame of frames) {
        assert.ok(ours.has(frame) && ours.get(frame) === theirs.get(frame), `${frame}: ${ours.get(frame)} and ${theirs.get(frame)}`);
      }
    }
    assert.notEqual(ours.get("0/0"), ours.get("1/0"), "each episode has a seed of its own");
  }, plain),
);

test(`a hidden page that is to pause holds the game up, and it goes on (${browserName})`, LIMIT, () =>
  withBrowser("pause", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl, { pause_hidden: "on" });
    for (const page of pages) await setHidden(page, false);
    await playOn(pages, 60);
    const stats = () => Promise.all(pages.map((page) => page.evaluate("() => window.arena.stats()")));
    const frames = async () => (await stats()).map(({ frame }) => frame);
    await setHidden(pages[0], true);
    // A busy machine holds pages up now and then as well: here neither has moved on for as long as both are held.
    let before = await stats();
    await until("both to stand still", async () => {
      const now = await stats();
      if (now.some(({ frame }, player) => frame !== before[player].frame)) before = now;
      return now.every(({ held }, player) => held > before[player].held + 30);
    }, { detail: stats });
    const { held } = (await stats())[1];
    await untilAll("a second more", pages, (stats) => stats.player === 0 || stats.held > held + 60);
    assert.deepEqual(await frames(), before.map(({ frame }) => frame));
    await setHidden(pages[0], false);
    await playOn(pages, 90);
    await stopAll(pages);
    await checkAgreement(pages, 25);
  }, plain),
);

// Keeps every connection that a page makes, so that a spec can look at its descriptions.
const KEEP_CONNECTIONS = `
  window.connections = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) { super(...settings); window.connections.push(this); }
  };
`;
/** The user name of ICE of the only connection; a restart makes a new one. */
const ICE_NAME = `() => {
  const [connection, ...others] = window.connections;
  if (others.length > 0 || connection?.signalingState !== "stable") return null;
  return /a=ice-ufrag:(\\S+)/.exec(connection.currentLocalDescription?.sdp ?? "")?.[1] ?? null;
}`;

test("new network paths are found in mid-game while the game goes on", onlyChromium, () =>
  withBrowser("ice-restart", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl);
    await untilAll("a direct game", pages, (stats) => stats.confirmed > 60 && stats.routes[0].route === "p2p");
    const names = () => Promise.all(pages.map((page) => page.evaluate(ICE_NAME)));
    for (let round = 1; round <= 2; round += 1) {
      const before = await until("both descriptions", async () => { const now = await names(); return now.every(Boolean) && now; });
      await pages[0].evaluate("() => window.arena.restartIce()");
      await until("new names of ICE at both pages", async () => (await names()).every((name, index) => name && name !== before[index]), { detail: names });
      await playOn(pages, 60);
    }
    const [{ routes: [way] }] = await Promise.all(pages.map((page) => page.evaluate("() => window.arena.stats()")));
    // A page whose path breaks off on a busy machine looks for another one itself.
    assert.ok(way.iceRestarts >= 2, `${way.iceRestarts} restarts`);
    await stopAll(pages);
    await checkAgreement(pages, 30);
  }, { ...plain, initScript: KEEP_CONNECTIONS }),
);

test("a page whose game differs takes the state of the other, and both agree again", onlyChromium, () =>
  withBrowser("resync", async ({ browser, arenaUrl }) => {
    // A step here depends on more than the state: after rollbacks the game differs, and again after a state of the other.
    const pages = await openPeers([browser, browser], arenaUrl, [{ resync: "delta", fault: "hidden-counter", latency_ms: 80 }, { resync: "delta", latency_ms: 80 }]);
    await until("a state to be replaced", async () => (await pages[0].evaluate("() => window.arena.stats()")).resyncs > 0);
    const of = (/** @type {any} */ log, /** @type {string} */ event) => log.lines.filter((/** @type {any} */ line) => line.event === event);
    const hasSaid = (/** @type {any} */ log, /** @type {number} */ frame) => of(log, "hash").some((/** @type {any} */ line) => line.frame >= frame);
    // A hash is said when nothing can change it any more: both games go on until then.
    await until("both to say hashes from the restored frame on", async () => {
      const logs = await Promise.all(pages.map((page) => engineLog(page)));
      const [{ frame }] = of(logs[0], "resynced");
      return logs.every((log) => hasSaid(log, frame));
    });
    await stopAll(pages);
    const [asking, giving] = await Promise.all(pages.map((page) => engineLog(page)));
    const [{ frame }] = of(asking, "resynced");
    assert.ok(of(giving, "state_given").some((/** @type {any} */ line) => line.frame === frame));
    // The hash that the page said of what it had restored: the first one of that frame after the state had come.
    const after = asking.lines.slice(asking.lines.findIndex((/** @type {any} */ line) => line.event === "resynced"));
    const restored = after.find((/** @type {any} */ line) => line.event === "hash" && line.frame === frame)?.hash;
    const given = of(giving, "hash").find((/** @type {any} */ line) => line.frame === frame)?.hash;
    assert.ok(restored && given, `both said the hash of frame ${frame}: ${restored} and ${given}`);
    assert.equal(restored, given, `the state of frame ${frame}`);
  }, plain),
);

test("the other page's clock is known from pings", onlyChromium, () =>
  withBrowser("clock", async ({ browser, arenaUrl }) => {
    const pages = await openPeers([browser, browser], arenaUrl);
    await playOn(pages, 30);
    const origins = await Promise.all(pages.map((page) => page.evaluate("() => performance.timeOrigin")));
    for (const [index, page] of pages.entries()) {
      // Both clocks count from their page's own start, which one machine knows; the ways take 30 to 50 ms each.
      const truth = origins[index] - origins[1 - index];
      const offset = () => page.evaluate("() => window.arena.stats().routes[0].clockOffsetMs");
      await until("the other page's clock", async () => Math.abs((await offset() ?? Infinity) - truth) < 60, {
        detail: async () => ({ offset: await offset(), truth }),
      });
    }
  }, plain),
);
