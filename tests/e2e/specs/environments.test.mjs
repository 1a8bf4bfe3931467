// The game in Rust and the game in Python, each in a real worker behind the Worker protocol: same
// states, same hashes, same answers to what cannot be done. The sync test of every kind of environment:
// silent on a sound one, and at the first frame that a planted fault changes.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withServedFile } from "../lib/served.mjs";
import { arenaRoot, browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

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

const SYNC_TEST = `async ({ url, env, frames, distance }) => {
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  const init = JSON.stringify(env ?? {});
  return (await runtime.syncTestWorker(url, init, 2, 11, frames, distance)) ?? null;
}`;

/** The page's own client of the protocol: every command as a method, failures as rejected promises. */
const BY_HAND = `async (url) => {
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  const worker = new runtime.GameWorker(url);
  const failed = (promise) => promise.then(
    (value) => ({ value }),
    (error) => ({ isError: error instanceof Error, message: error.message, failedIndex: error.failedIndex, partialResults: error.partialResults }),
  );
  const installed = await worker.installPackages([]);
  const prepared = await worker.initEnv("arena", { players: 2 });
  const { capabilities } = await worker.validateCapabilities();
  const { renderState } = await worker.reset(3);
  const seeded = await worker.seedRng(5);
  const { stateJson } = await worker.getState(0);
  const stepped = await worker.step([1, 2], 0);
  const restored = await worker.setState(stateJson, 0);
  const again = await worker.getState();
  const hashes = [(await worker.computeHash()).hash, (await worker.computeHash(stateJson)).hash, runtime.hashState(stateJson)];
  const picture = await worker.render();
  const step = { op: "step", params: { actions: { 0: 1, 1: 2 } } };
  const done = await worker.batch([step, { op: "getState", params: {} }, { op: "render", params: {} }]);
  const broken = await failed(worker.batch([step, { op: "getState", params: {} }, { op: "setState", params: { stateJson: "{}" } }, step]));
  const unknown = await failed(worker.batch([{ op: "runPython", params: { code: "1" } }]));
  const few = await failed(worker.step([1]));
  const pending = failed(worker.getState());
  worker.end();
  return {
    capabilities, installed, prepared, seeded, restored, hashes, done, broken, unknown, few,
    isRestored: again.stateJson === stateJson, hasStepped: "0" in stepped.rewards && stepped.terminateds[1] === false,
    pictures: [renderState.frame, picture.renderState.frame], ended: [await pending, await failed(worker.render())],
  };
}`;

/** A worker that dies while it is asked. */
const DEAD = `async (url) => {
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  const worker = new runtime.GameWorker(url);
  const words = (promise) => promise.then(() => "answered", (error) => error.message);
  return [await words(worker.render()), await words(worker.render())];
}`;

/** A sound game in JavaScript; `step` gets the state, the actions, and how often this object has stepped. */
const SCRIPT_GAME = `
  const game = (disturb) => {
    let state, steps = 0;
    return {
      name: "sum",
      reset: (seed) => (state = { frame: 0, random: seed ?? 1, sum: 0 }),
      seedRng: (seed) => (state.random = seed),
      step(actions) {
        state.random = (Math.imul(state.random, 1664525) + 1013904223) >>> 0;
        state.sum = (state.sum * 31 + (state.random % 7) + actions[0] + 3 * actions[1]) % 1000003;
        state.frame += 1;
        disturb?.(state, (steps += 1));
        return { rewards: [0, 0], terminateds: [false, false] };
      },
      getState: () => JSON.stringify(state),
      setState: (text) => (state = JSON.parse(text)),
      render: () => state,
    };
  };
  const faults = {
    none: undefined,
    random: (state) => { if (state.frame >= 40) state.sum += Math.random(); },
    counter: (state, steps) => { if (state.frame >= 40) state.sum += steps; },
  };
`;

const SCRIPT_SYNC_TEST = `async () => {
  ${SCRIPT_GAME}
  const runtime = await import("./rollscope_demo.js");
  await runtime.default();
  return Object.values(faults).map((fault) => runtime.syncTest(game(fault), 2, 9, 120, 7) ?? null);
}`;

const SCRIPT_WORKER = `${SCRIPT_GAME}
import init, { serveEnvironment } from "../rollscope_demo.js";
await init();
serveEnvironment(game(faults[new URLSearchParams(self.location.search).get("fault") ?? "none"]));
`;

/** The arena's game in Python, with what a game may do wrong: random numbers and counts that are no part of the state. */
const PYTHON_FAULTS = `
import random

class Drawing(ArenaEnv):
    def advance(self, actions):
        super().advance(actions)
        if self.frame >= 40:
            self.craft[0]["vx"] += random.random() * 1e-6

class Counting(ArenaEnv):
    steps = 0

    def advance(self, actions):
        super().advance(actions)
        self.steps += 1
        if self.frame >= 40:
            self.craft[0]["vx"] += self.steps * 1e-6
`;

const pythonWorker = (/** @type {string} */ source) => `
import init, { serveLoader } from "../rollscope_demo.js";
import { servePython } from "../runtime/python.js";
await init();
const environments = {};
for (const className of ["ArenaEnv", "Drawing", "Counting"]) environments[className] = { source: ${JSON.stringify(source)}, className };
servePython({ serveLoader, pyodideUrl: "../vendor/pyodide/", environments });
`;

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
      for (const url of ["worker.js", "python_worker.js"]) checkByHand(await page.evaluate(BY_HAND, url));
      await withServedFile("dead.js", `self.onmessage = () => { throw new Error("out of order"); };
        postMessage({ type: "ready", protocol: "rollscope-worker", version: 1 });`, async (url) => {
        for (const words of await page.evaluate(DEAD, url)) assert.match(words, /worker died.*out of order/);
      });
    },
    { extensionDir: undefined },
  ),
);

/** The frame from which every planted fault of this file is at work. */
const FIRST_WRONG = 40;

test(`the sync test of every environment, sound and faulty (${browserName})`, LIMIT, () =>
  withBrowser(
    "sync-test",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/workbench.html`);
      /** @param {string} url @param {number} distance @param {any} [env] @param {number} [frames] */
      const sync = (url, distance, env, frames = 120) => page.evaluate(SYNC_TEST, { url, env, frames, distance });
      const arena = (/** @type {string} */ env) => ({ env, config: { players: 2 } });

      for (const distance of [2, 7]) assert.equal(await sync("worker.js", distance, arena("arena"), 320), null, "Rust, sound");
      assert.equal(await sync("worker.js?fault=hidden-counter", 2, arena("arena"), 320), 300, "Rust, a hidden counter");
      // It loses a speed, which does nothing while the craft has sunk.
      const lossy = await sync("worker.js?fault=lossy-restore", 7, arena("arena"), 600);
      assert.ok(lossy > 300, `Rust, a restore that loses something: ${lossy}`);

      assert.deepEqual(await page.evaluate(SCRIPT_SYNC_TEST), [null, FIRST_WRONG, FIRST_WRONG], "JavaScript in place");
      await withServedFile("script-worker.js", SCRIPT_WORKER, async (url) => {
        assert.equal(await sync(url, 7), null, "JavaScript, sound");
        assert.equal(await sync(`${url}?fault=random`, 7), FIRST_WRONG, "JavaScript, Math.random");
        assert.equal(await sync(`${url}?fault=counter`, 2), FIRST_WRONG, "JavaScript, a count beside the state");
      });

      const source = readFileSync(join(arenaRoot, "arena_env.py"), "utf8") + PYTHON_FAULTS;
      await withServedFile("faulty_env.py", source, (module) =>
        withServedFile("faulty-worker.js", pythonWorker(module), async (url) => {
          assert.equal(await sync(url, 7, arena("ArenaEnv")), null, "Python, sound");
          assert.equal(await sync(url, 7, arena("Drawing")), FIRST_WRONG, "Python, random numbers beside the state");
          assert.equal(await sync(url, 2, arena("Counting")), FIRST_WRONG, "Python, a count beside the state");
        }),
      );
    },
    { extensionDir: undefined },
  ),
);

/** @param {any} said */
function checkByHand(said) {
  for (const name of ["installed", "prepared", "seeded", "restored"]) assert.deepEqual(said[name], { ok: true }, name);
  const { environment, problems, ...able } = said.capabilities;
  assert.deepEqual([environment, problems], ["arena", []]);
  assert.deepEqual(Object.values(able), [true, true, true, true, true]);
  assert.ok(said.isRestored && said.hasStepped);
  assert.equal(new Set(said.hashes).size, 1, "the worker's hash of its state, of the text, and the page's own");
  assert.deepEqual(said.pictures, [0, 0]);
  assert.deepEqual(said.done.map((/** @type {any} */ one) => Object.keys(one).sort()), [["rewards", "terminateds"], ["stateJson"], ["renderState"]]);
  assert.ok(said.broken.isError);
  assert.match(said.broken.message, /^Batch operation 2 \(setState\) failed: /);
  assert.equal(said.broken.failedIndex, 2);
  assert.deepEqual(said.broken.partialResults.map((/** @type {any} */ one) => Object.keys(one).sort()), [["rewards", "terminateds"], ["stateJson"]]);
  assert.match(said.unknown.message, /not an operation of the Worker protocol: unknown variant `runPython`/);
  assert.match(said.few.message, /2 players, not 1/);
  for (const late of said.ended) assert.match(late.message, /the worker was ended/);
}

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
