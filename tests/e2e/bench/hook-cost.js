// @ts-check
/**
 * What the hook costs the page: figures T1 to T4, as ratios within one run.
 *
 * An ES module for an ordinary page of the browser under test, without the extension:
 *
 *     import { measureHookCost } from './hook-cost.js';
 *     const figures = await measureHookCost({ hookBase: '/extension/', rounds: 7 });
 *
 * `hookBase` is where the folder `extension/` is served; its six files of the MAIN world are loaded as
 * script tags into frames of this page. hook-cost.html runs it by itself, writes the JSON into its body, and
 * keeps it as `window.figures`. Serve the repository root and open /tests/e2e/bench/hook-cost.html.
 *
 * Every round measures three arms after another, each in a frame of its own so that they do not share
 * patches: `plain` (no hook), `hooked` (ours, with a receiver that takes the chunks), `json` (a hook that
 * calls `JSON.stringify` on each message). Times are microseconds of `postMessage` calls only. Answer:
 *
 *     { rounds, micros: { '100B': {plain, hooked, json}, '2KB': …, '200KB': … },      medians over rounds
 *       T1, T2: hooked / plain for 100 B and 2 KB,
 *       T3, T4: (hooked - plain) / (json - plain) for 2 KB and the 200 KB string,
 *       floors: {T1: 1.8, T2: 2.0, T3: 0.5, T4: 0.4}, received }                      chunks of the hook
 */

const HOOK_FILES = ['builtins', 'buffer', 'values', 'encoder', 'recorder', 'hook'];
const ARMS = ['plain', 'hooked', 'json'];
/** Rounds that are not counted: the engines compile for real only after some ten thousand calls. */
const WARM_UP = 6;
export const FLOORS = { T1: 1.8, T2: 2.0, T3: 0.5, T4: 0.4 };

/** Calls per measurement: enough for a clock of 1 ms, few enough that the worker's queue stays short. */
const SIZES = { '100B': 4000, '2KB': 1600, '200KB': 120 };
/** Calls in one task: what a busy page sends in a frame. In between, the hook closes its chunks as it does in a game. */
const CALLS_PER_TASK = { '100B': 200, '2KB': 80, '200KB': 4 };

/** A worker that only counts, and says when it has caught up. */
const WORKER = 'let n = 0; onmessage = (e) => { if (e.data === "sync") postMessage(n); else n++; };';

/** Runs inside a frame. @param {Window & any} frame */
function prepare(frame) {
  frame.eval(`
    const blob = new Blob([${JSON.stringify(WORKER)}], { type: 'text/javascript' });
    const worker = new Worker(URL.createObjectURL(blob));
    let state = '';
    while (state.length < 200000) state += Math.random().toString(36);
    const payloads = {
      '100B': (i) => ({ type: 'input', frame: i, player: i & 1, keys: 5, sentAt: i * 16.67 }),
      // The shape of a worker's reply: an identifier, a little state, and many words of a generator.
      '2KB': (i) => ({ type: 'reply', id: i, ok: true, results: [{ op: 'step', frame: i, state: {
        players: [0, 1].map((p) => ({ id: p, x: i / 3 + p, y: i / 7, vx: -1.5, vy: 0.25, hp: 100, keys: [] })),
        score: { p1: 3, p2: 4 }, rng: Array.from({ length: 140 }, (_, k) => ((i + k) * 2654435761) >>> 0) },
        note: 'resimulated after a misprediction of the remote player' }] }),
      '200KB': (i) => 'f' + i + state,
    };
    window.run = async (size, count, callsPerTask) => {
      const make = payloads[size];
      // Texts are made flat here, so that no arm pays for joining them.
      const flat = (m) => (typeof m === 'string' ? JSON.parse('"' + m + '"') : m);
      const messages = Array.from({ length: count }, (_, i) => flat(make(i)));
      let spent = 0;
      for (let next = 0; next < count;) {
        const end = next + callsPerTask;
        const start = performance.now();
        for (; next < end; next++) worker.postMessage(messages[next]);
        spent += performance.now() - start;
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      return spent * 1000 / count;
    };
    window.settle = () => new Promise((resolve) => { worker.onmessage = resolve; worker.postMessage('sync'); });
  `);
}

/** The hook to compare with: one JSON text for each message, kept until the next timer. @param {any} frame */
function installJsonHook(frame) {
  frame.eval(`{
    const original = Worker.prototype.postMessage;
    let kept = [];
    setInterval(() => { kept = []; }, 64);
    Worker.prototype.postMessage = function postMessage(...args) {
      const result = original.apply(this, args);
      kept.push(JSON.stringify({ time: performance.now(), data: args[0] }));
      return result;
    };
  }`);
}

/** @param {any} frame @param {string} base @param {{chunks: number, characters: number}} received */
async function installHook(frame, base, received) {
  frame.addEventListener('rollscope:hook', (/** @type {FocusEvent} */ event) => {
    const node = event.relatedTarget;
    if (!node) return;
    node.addEventListener('chunk', (offer) => {
      received.chunks++;
      received.characters += /** @type {CustomEvent} */ (offer).detail.length;
      offer.preventDefault();
    });
    node.dispatchEvent(new frame.CustomEvent('command', { detail: 'connected' }));
  }, { once: true });
  for (const name of HOOK_FILES) {
    await new Promise((resolve, reject) => {
      const script = frame.document.createElement('script');
      script.src = new URL(`${name}.js`, new URL(base, location.href)).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`cannot load ${script.src}`));
      frame.document.head.append(script);
    });
  }
}

/** @param {number[]} list */
function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {{hookBase?: string, rounds?: number}} [options] */
export async function measureHookCost({ hookBase = '/extension/', rounds = 7 } = {}) {
  const received = { chunks: 0, characters: 0 };
  /** @type {Record<string, any>} */
  const frames = {};
  for (const arm of ARMS) {
    const element = document.createElement('iframe');
    element.style.display = 'none';
    document.body.append(element);
    const frame = /** @type {any} */ (element.contentWindow);
    if (arm === 'hooked') await installHook(frame, hookBase, received);
    if (arm === 'json') installJsonHook(frame);
    prepare(frame);
    frames[arm] = frame;
  }
  /** @type {Record<string, Record<string, number[]>>} */
  const times = {};
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [size, count] of Object.entries(SIZES)) {
      for (let turn = 0; turn < ARMS.length; turn++) {
        // Each arm comes first in its turn; the rounds before 0 only warm up.
        const arm = ARMS[(turn + round + WARM_UP) % ARMS.length];
        const micros = await frames[arm].run(size, count, CALLS_PER_TASK[/** @type {'2KB'} */ (size)]);
        await frames[arm].settle();
        // Time for the last chunk of this arm, so that it does not fall into the next one.
        await new Promise((resolve) => setTimeout(resolve, 80));
        if (round >= 0) ((times[size] ??= {})[arm] ??= []).push(micros);
      }
    }
  }
  /** @type {Record<string, Record<string, number>>} */
  const micros = {};
  /** Median over the rounds of the ratio within each round. @param {string} size */
  const slowdown = (size) => {
    const { plain, hooked } = times[size];
    return Number(median(plain.map((time, i) => hooked[i] / time)).toFixed(3));
  };
  for (const [size, arms] of Object.entries(times)) {
    micros[size] = Object.fromEntries(Object.entries(arms).map(([arm, list]) => [arm, Number(median(list).toFixed(3))]));
  }
  const added = (/** @type {string} */ size) => {
    const { plain, hooked, json } = micros[size];
    return Number(((hooked - plain) / (json - plain)).toFixed(3));
  };
  return {
    rounds, micros, floors: FLOORS, received,
    T1: slowdown('100B'),
    T2: slowdown('2KB'),
    T3: added('2KB'),
    T4: added('200KB'),
  };
}
