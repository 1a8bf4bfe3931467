// Pages that may use paths through a TURN server only: the game runs over its relayed addresses, and where it serves nobody
// the pages' own server carries the game.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { checkAgreement, openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { startTurn } from "../lib/turn.mjs";

// Keeps every connection that a page makes, so that a spec can ask which path it took.
const KEEP_CONNECTIONS = `
  window.connections = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) { super(...settings); window.connections.push(this); }
  };
`;

/** Types of the candidates of the path in use, ours and the other page's; null while there is none. */
const PATH = `async () => {
  const connection = window.connections.findLast((one) => one.connectionState === "connected");
  if (!connection) return null;
  const stats = [...(await connection.getStats()).values()];
  const transport = stats.find((one) => one.type === "transport");
  const pair = stats.find((one) => one.type === "candidate-pair" &&
    (transport?.selectedCandidatePairId ? one.id === transport.selectedCandidatePairId : one.selected));
  const typeOf = (id) => stats.find((one) => one.id === id)?.candidateType ?? null;
  return pair ? { local: typeOf(pair.localCandidateId), remote: typeOf(pair.remoteCandidateId), bytes: pair.bytesSent } : null;
}`;
const routes = (/** @type {any} */ stats) => stats.routes.map((/** @type {any} */ way) => way.route);
const areAll = (/** @type {string} */ route) => (/** @type {any} */ stats) => routes(stats).every((/** @type {string} */ one) => one === route);

test(`a game over a TURN server's relayed addresses only (${browserName})`, LIMIT, async () => {
  const turn = await startTurn();
  try {
    await withBrowser("turn", async ({ browser, arenaUrl }) => {
      const pages = await openPeers([browser, browser], arenaUrl, { relay_only: "on", turn: turn.address });
      await untilAll("a direct game", pages, (stats) => stats.confirmed > 30 && areAll("p2p")(stats));
      const paths = () => Promise.all(pages.map((page) => page.evaluate(PATH)));
      const before = await until("both paths", async () => { const now = await paths(); return now.every((path) => path?.local && path.remote) && now; }, { detail: paths });
      await playOn(pages, 120);
      const after = await until("more over both paths", async () => {
        const now = await paths();
        return now.every((path, index) => path?.local && path.remote && path.bytes > before[index].bytes) && now;
      }, { detail: async () => [before, await paths()] });
      for (const [index, path] of after.entries()) assert.deepEqual([path.local, path.remote], ["relay", "relay"], `page ${index}`);
      await stopAll(pages);
      await checkAgreement(pages, 25);
    }, { extensionDir: undefined, initScript: KEEP_CONNECTIONS });
  } finally {
    await turn.stop();
  }
});

test(`a TURN server that refuses leaves the game to the pages' own server (${browserName})`, { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, async () => {
  const turn = await startTurn();
  try {
    await withBrowser("turn-refused", async ({ browser, arenaUrl }) => {
      const pages = await openPeers([browser, browser], arenaUrl, { relay_only: "on", turn: turn.wrongAddress });
      await untilAll("the server to carry the game", pages, (stats) => stats.confirmed > 60 && areAll("relay")(stats));
      await stopAll(pages);
      await checkAgreement(pages, 10);
    }, { extensionDir: undefined });
  } finally {
    await turn.stop();
  }
});
