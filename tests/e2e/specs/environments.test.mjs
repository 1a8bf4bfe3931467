// The game in Rust and the game in Python, each in a real worker behind the Worker protocol: same
// states, same hashes, same answers to what cannot be done.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

/** Two players past the end of a round, the pause and the beginning of the next; five for a moment. */
const GAMES = [
  { players: 2, seed: 7, frames: 1_700 },
  { players: 5, seed: 8, frames: 200 },
];

/** In the page: opens a worker, returns how to ask it, and its replies in the order of their coming. */
const CLIENT = `
  const openWorker = (url) => {
    const worker = new Worker(url, { type: "module" });
    const waiting = new Map();
    const order = [];
    let next = 1;
    const ready = new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.type === "ready") return resolve(data);
        order.push(data.id);
        waiting.get(data.id)?.(data);
      };
    });
    const ask = (type, payload) => {
      const id = next++;
      const reply = new Promise((resolve) => waiting.set(id, resolve));
      worker.postMessage({ type, id, payload });
      return reply;
    };
    return { worker, ready, ask, order };
  };
  const actions = (frame, player) => (Math.imul((frame / 6) | 0, 2654435761) >>> (9 + 5 * player)) & 31;
  const steps = (from, to, players) => {
    const operations = [];
    for (let frame = from; frame < to; frame += 1) {
      const named = {};
      for (let player = 0; player < players; player += 1) named[player] = actions(frame, player);
      operations.push({ op: "step", params: { actions: named, frame } });
      if (frame % 10 === 0) operations.push({ op: "getState", params: { frame: frame + 1 } }, { op: "computeHash", params: {} });
    }
    return operations;
  };
`;
const inPage = (/** @type {string} */ body) => `async (given) => { ${CLIENT} ${body} }`;

/** Plays the games in one worker, then asks for what cannot be done. No reply is awaited before a
 * whole game has been posted: what comes while an environment is prepared waits for it. */
const PLAY = inPage(`
  const { worker, ready, ask, order } = openWorker(given.url);
  await ready;
  const games = [];
  for (const { players, seed, frames } of given.games) {
    const asked = [
      ask("installPackages", { packages: [] }),
      ask("initEnv", { env: "arena", config: { players } }),
      ask("validateCapabilities"),
      ask("reset", { seed }),
      ask("getState"),
    ];
    for (let frame = 0; frame < frames; frame += 250) {
      asked.push(ask("batch", { operations: steps(frame, Math.min(frame + 250, frames), players) }));
    }
    asked.push(ask("render"), ask("seedRng", { seed: 5 }), ask("getState"), ask("reset", { seed: null }), ask("getState"));
    games.push((await Promise.all(asked)).map((reply) => reply.error ?? reply.result));
  }
  const inOrder = order.every((id, index) => id === index + 1);

  await ask("initEnv", { env: "arena", config: {} });
  await ask("reset", { seed: 3 });
  const step = { op: "step", params: { actions: { 0: 1, 1: 2 } } };
  const before = (await ask("getState")).result.stateJson;
  const batch = await ask("batch", { operations: [step, { op: "getState", params: {} }, { op: "setState", params: { stateJson: "{}" } }, step] });
  const after = (await ask("getState")).result.stateJson;
  const refusals = {
    batch: batch.error,
    stopped: batch.error.partialResults[1].stateJson === after && after !== before,
    few: (await ask("step", { actions: { 0: 1 } })).error,
    code: (await ask("runPython", { code: "1 + 1" })).error,
    environment: (await ask("initEnv", { env: "__import__('os')" })).error,
    packages: (await ask("installPackages", { packages: ["numpy"] })).error,
    config: (await ask("initEnv", { env: "arena", config: { players: 99 } })).error,
    prepared: (await ask("batch", { operations: [{ op: "initEnv", params: {} }] })).error,
    alive: (await ask("getState")).result.stateJson === after,
  };
  worker.terminate();
  return { games, inOrder, refusals };
`);

const HASH = `async (texts) => {
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  return texts.map((text) => runtime.hashState(text));
}`;

const SYNC_TEST = `async ({ url, frames, distance }) => {
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  const init = JSON.stringify({ env: "arena", config: { players: 2 } });
  return (await runtime.syncTestWorker(url, init, 2, 11, frames, distance)) ?? null;
}`;

test(`one game in Rust and in Python (${browserName})`, LIMIT, () =>
  withBrowser(
    "environments",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/workbench.html`);
      const play = (/** @type {string} */ url) => page.evaluate(PLAY, { url, games: GAMES });
      const rust = await play("worker.js");
      const python = await play("python_worker.js");
      for (const [index, game] of rust.games.entries()) {
        checkEqual(game, python.games[index]);
        await checkHashes(page, game, GAMES[index].frames);
      }
      for (const { inOrder, refusals } of [rust, python]) {
        assert.ok(inOrder, "replies come in the order of their requests");
        checkRefusals(refusals);
      }
      const sync = (/** @type {string} */ url, /** @type {number} */ distance) =>
        page.evaluate(SYNC_TEST, { url, frames: 320, distance });
      assert.equal(await sync("worker.js", 2), null);
      assert.equal(await sync("worker.js", 7), null);
      assert.equal(await sync("python_worker.js", 7), null);
      assert.equal(await sync("worker.js?fault=hidden-counter", 2), 300, "a planted fault is found where it begins");
    },
    { extensionDir: undefined },
  ),
);

/** @param {any} rust @param {any} python */
function checkEqual(rust, python) {
  for (const [index, result] of rust.entries()) {
    assert.equal(result.message, undefined, JSON.stringify(result).slice(0, 300));
    assert.deepEqual(python[index], result, `reply ${index}`);
  }
}

/** The page hashes the states that came, and finds the worker's hashes. */
async function checkHashes(/** @type {any} */ page, /** @type {any} */ game, /** @type {number} */ frames) {
  const all = game.filter(Array.isArray).flat();
  const texts = all.filter((/** @type {any} */ one) => one.stateJson).map((/** @type {any} */ one) => one.stateJson);
  const hashes = all.filter((/** @type {any} */ one) => one.hash).map((/** @type {any} */ one) => one.hash);
  assert.ok(texts.length >= frames / 10);
  assert.equal(new Set(hashes).size, hashes.length, "no two frames are alike");
  assert.deepEqual(await page.evaluate(HASH, texts), hashes);
}

/** @param {any} replies */
function checkRefusals(replies) {
  assert.equal(replies.batch.failedIndex, 2);
  assert.equal(replies.batch.partialResults.length, 2);
  assert.ok(replies.stopped, "what stood before the error was done, nothing after it");
  assert.match(replies.few.message, /2 players, not 1/);
  assert.match(replies.code.message, /not a request of the Worker protocol/);
  assert.match(replies.environment.message, /knows no environment/);
  assert.match(replies.packages.message, /knows no package "numpy"/);
  assert.match(replies.config.message, /2 to 8 players, not 99/);
  assert.equal(replies.prepared.failedIndex, 0);
  assert.ok(replies.alive, "a worker that refused goes on");
}
