// Games of two to six peers: connected with each other, by the server, both, and through the loss of
// either; in every one all pages settle on the same states.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { startArena } from "../lib/arena.mjs";
import { startDoor } from "../lib/door.mjs";
import { checkAgreement, openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { arenaProgram, arenaRoot, browserName, launchBrowser, LIMIT, withBrowser } from "../lib/spec.mjs";

const routes = (/** @type {any} */ stats) => stats.routes.map((/** @type {any} */ way) => way.route);
const areAll = (/** @type {string} */ route) => (/** @type {any} */ stats) => routes(stats).every((/** @type {string} */ one) => one === route);
const allOf = (/** @type {any} */ browser, /** @type {number} */ count) => Array.from({ length: count }, () => browser);
const plain = { extensionDir: undefined };

test(`three peers and four peers play in a mesh (${browserName})`, LIMIT, () =>
  withBrowser("mesh", async ({ browser, arenaUrl }) => {
    for (const players of browserName === "chromium" ? [3, 4] : [3]) {
      const pages = await openPeers(allOf(browser, players), arenaUrl);
      await untilAll("all to be connected directly", pages, (stats) => stats.routes.length === players - 1 && areAll("p2p")(stats));
      await playOn(pages, 120);
      await stopAll(pages);
      await checkAgreement(pages, 20);
      for (const page of pages) await page.close();
    }
  }, plain),
);

test(`a connection that is killed falls back to the server and returns (${browserName})`, LIMIT, () =>
  withBrowser("fallback", async ({ browser, arenaUrl }) => {
    const pages = await openPeers(allOf(browser, 2), arenaUrl);
    await untilAll("a direct game", pages, (stats) => stats.confirmed > 60 && areAll("p2p")(stats));
    await pages[0].evaluate("() => window.arena.cutP2p(true)");
    await untilAll("the server to carry the game", pages, areAll("relay"));
    await playOn(pages, 90);
    await pages[0].evaluate("() => window.arena.cutP2p(false)");
    await untilAll("the connection to be back", pages, areAll("p2p"));
    await playOn(pages, 60);
    for (const page of pages) {
      const [way] = (await page.evaluate("() => window.arena.stats()")).routes;
      assert.ok(way.fallbacks >= 1 && way.returns >= 1, JSON.stringify(way));
    }
    await stopAll(pages);
    await checkAgreement(pages, 30);
  }, plain),
);

test(`six peers: four in a mesh, two by the server (${browserName})`, { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("hybrid", async ({ browser, arenaUrl }) => {
    // Six pages on two cores: each says its inputs every sixth tick, so that their server has two hundred messages a second to carry and not a thousand.
    const pages = await openPeers(allOf(browser, 6), arenaUrl, { latency_ms: 10, jitter_ms: 5, loss: 0.01, send_interval: 6 });
    await untilAll("the mesh and the relay", pages, ({ player, routes: ways }) =>
      ways.length === 5 && ways.every((/** @type {any} */ way) => way.route === (player < 4 && way.player < 4 ? "p2p" : "relay")),
    );
    await playOn(pages, 30);
    await stopAll(pages);
    await checkAgreement(pages, 4);
  }, plain),
);

test(`the server is started anew in the middle of a game (${browserName})`, { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, async () => {
  let arena = await startArena({ program: arenaProgram, root: arenaRoot });
  // Between two servers their port would be anybody's: what listens there stays, and passes on.
  const door = await startDoor();
  let browser;
  try {
    door.leadTo(arena.url);
    browser = await launchBrowser(browserName, {});
    const direct = await openPeers(allOf(browser, 2), door.url);
    const relayed = await openPeers(allOf(browser, 2), door.url, { p2p: "off" });
    const pages = [...direct, ...relayed];
    await untilAll("both games to run", pages, (stats) => stats.confirmed > 40);
    door.leadTo(null);
    await arena.stop();
    await untilAll("all pages to notice", pages, (stats) => !stats.isServerConnected);
    await playOn(direct, 60);
    arena = await startArena({ program: arenaProgram, root: arenaRoot });
    door.leadTo(arena.url);
    await untilAll("all pages to be back", pages, (stats) => stats.isServerConnected);
    await playOn(pages, 60);
    await stopAll(pages);
    await checkAgreement(direct, 20);
    await checkAgreement(relayed, 15);
  } finally {
    await browser?.close();
    await arena.stop();
    door.stop();
  }
});

test(`the game in Python is played (${browserName})`, { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("python", async ({ browser, arenaUrl }) => {
    const pages = await openPeers(allOf(browser, 2), arenaUrl, { env: "python", latency_ms: 80 });
    const rollbacks = (/** @type {any} */ page) => page.evaluate("() => window.arena.stats()?.rollbacks ?? 0");
    await playOn(pages, 100);
    // A page that is always behind is never surprised: the other one is.
    await until("rollbacks in Python", async () => (await Promise.all(pages.map(rollbacks))).some((count) => count >= 3), {
      detail: () => Promise.all(pages.map(rollbacks)),
    });
    await stopAll(pages);
    await checkAgreement(pages, 20);
  }, plain),
);

test("Chromium and Firefox play one game", { ...LIMIT, skip: browserName !== "chromium" && "once is enough" }, async () => {
  const arena = await startArena({ program: arenaProgram, root: arenaRoot });
  const browsers = [];
  try {
    for (const name of ["chromium", "firefox"]) browsers.push(await launchBrowser(name, {}));
    const pages = await openPeers(browsers, arena.url);
    await untilAll("a direct game", pages, areAll("p2p"));
    await playOn(pages, 120);
    await stopAll(pages);
    await checkAgreement(pages, 20);
  } finally {
    for (const browser of browsers) await browser.close();
    await arena.stop();
  }
});
