// @ts-check
/**
 * What the hook costs the page: figures T1 to T4, as ratios within one run.
 *
 * An ES module for an ordinary page of the browser under test, without the extension:
 *
 *     import { measureHookCost } from './hook-cost.js';
 *     const figures = await measureHookCost({ hookBase: '/extension/', rounds: 7 });
 *
 * `hookBase` is where the folder `extension/` is served, beside manifest.json, which lists the files of
 * the MAIN world; they are loaded as script tags into frames of this page. hook-cost.html runs it by itself, writes the JSON into its body, and
 * keeps it as `window.figures`. Serve the repository root and open /tests/e2e/bench/hook-cost.html.
 *
 * Every round measures three arms after another, each in a frame of its own so that they do not share
 * patches: `plain` (no hook), `hooked` (ours, with a receiver that takes the chunks), `json` (a hook that
 * calls `JSON.stringify` on each message). What is timed is the `postMessage` calls of a task, all tasks of
 * a sample added up; closing chunks, making payloads and the worker's work fall between the tasks. The page
 * must be cross-origin isolated: only then is the clock fine enough (5 µs in Chromium, 20 µs in Firefox)
 * for the length of a task. Answer:
 *
 *     { rounds, isolated, shortestSampleMillis, labels, received,        received: chunks of the hook
 *       micros: { small: {plain, hooked, json}, reply: …, objects: …, text: … },   medians over rounds, a call
 *       figures: [{ name: 'T1', meaning, measured, floor }, …] }
 */

const ARMS = ['plain', 'hooked', 'json'];
/** Rounds that are not counted: the engines compile for real only after some ten thousand calls. */
const WARM_UP = 3;

/**
 * The payloads. `calls` a sample: 20 ms and more in every browser and arm. `perTask`: what a busy page sends
 * in a frame; in between, the hook closes its chunks as it does in a game. `distinct` messages are made anew
 * for each sample and sent in turn.
 */
const PAYLOADS = {
  small: { label: '100 B, one object', calls: 20_000, perTask: 200, distinct: 4000 },
  reply: { label: '2 KB, a reply with 140 numbers', calls: 4800, perTask: 80, distinct: 1600 },
  objects: { label: '2 KB, 37 nested small objects', calls: 4800, perTask: 80, distinct: 1600 },
  text: { label: '200 KB, one text', calls: 2400, perTask: 8, distinct: 120 },
};
/** Slowdown: hooked / plain. Added: (hooked - plain) / (json - plain). @type {[string, 'slowdown' | 'added', keyof typeof PAYLOADS, number][]} */
const FIGURES = [
  ['T1', 'slowdown', 'small', 1.8],
  ['T2', 'slowdown', 'reply', 2.0],
  ['T2', 'slowdown', 'objects', 2.0],
  ['T3', 'added', 'reply', 0.5],
  ['T3', 'added', 'objects', 0.5],
  ['T4', 'added', 'text', 0.4],
];
const MEANING = { slowdown: 'hooked / unhooked `postMessage`', added: 'added cost / that of a JSON hook' };

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
      small: (i) => ({ type: 'input', frame: i, player: i & 1, keys: 5, sentAt: i * 16.67 }),
      // The shape of a worker's reply: an identifier, a little state, and many words of a generator.
      reply: (i) => ({ type: 'reply', id: i, ok: true, results: [{ op: 'step', frame: i, state: {
        players: [0, 1].map((p) => ({ id: p, x: i / 3 + p, y: i / 7, vx: -1.5, vy: 0.25, hp: 100, keys: [] })),
        score: { p1: 3, p2: 4 }, rng: Array.from({ length: 140 }, (_, k) => ((i + k) * 2654435761) >>> 0) },
        note: 'resimulated after a misprediction of the remote player' }] }),
      // A game state without arrays of numbers: two players of five objects each, 23 things, four around them.
      objects: (i) => ({ type: 'state', frame: i, state: {
        clock: { frame: i, seconds: i / 60 }, score: { p1: 3, p2: 4 },
        players: [0, 1].map((p) => ({ id: p, position: { x: i / 3 + p, y: i / 7 }, velocity: { x: -1.5, y: 0.25 },
          input: { left: true, right: false, jump: false }, health: { now: 100 - p, most: 100 } })),
        things: Array.from({ length: 23 }, (_, k) => ({ id: k, kind: k % 3 ? 'coin' : 'crate', x: k * 12.5 + i,
          y: i / (k + 1), vx: 0.5, alive: k % 5 > 0 })) } }),
      text: (i) => 'f' + i + state,
    };
    window.run = async (payload, { calls, perTask, distinct }) => {
      const make = payloads[payload];
      // Texts are made flat here, so that no arm pays for joining them.
      const flat = (m) => (typeof m === 'string' ? JSON.parse('"' + m + '"') : m);
      const messages = Array.from({ length: distinct }, (_, i) => flat(make(i)));
      let spent = 0;
      for (let done = 0; done < calls; done += perTask) {
        let next = done % distinct;
        const end = next + perTask;
        const start = performance.now();
        for (; next < end; next++) worker.postMessage(messages[next % distinct]);
        spent += performance.now() - start;
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      return spent;
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
  // What is measured is full recording: this page sends more than any game.
  frame.localStorage.setItem('rollscope.settings', JSON.stringify({ load: 'keep' }));
  const root = new URL('..', new URL(base, location.href));
  const manifest = await (await fetch(new URL('manifest.json', root))).json();
  const files = manifest.content_scripts.find((/** @type {any} */ script) => script.world === 'MAIN').js;
  for (const file of files) {
    await new Promise((resolve, reject) => {
      const script = frame.document.createElement('script');
      script.src = new URL(file, root).href;
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
  /** Milliseconds of each sample. @type {Record<string, Record<string, number[]>>} */
  const samples = {};
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [payload, plan] of Object.entries(PAYLOADS)) {
      for (let turn = 0; turn < ARMS.length; turn++) {
        // Each arm comes first in its turn; the rounds before 0 only warm up.
        const arm = ARMS[(turn + round + WARM_UP) % ARMS.length];
        const millis = await frames[arm].run(payload, plan);
        await frames[arm].settle();
        // Time for the last chunk of this arm, so that it does not fall into the next one.
        await new Promise((resolve) => setTimeout(resolve, 80));
        if (round >= 0) ((samples[payload] ??= {})[arm] ??= []).push(millis);
      }
    }
  }
  /** @type {Record<string, Record<string, number>>} */
  const micros = {};
  for (const [payload, { calls }] of Object.entries(PAYLOADS)) {
    micros[payload] = Object.fromEntries(ARMS.map((arm) => [arm, 1000 * median(samples[payload][arm]) / calls]));
  }
  const measure = {
    /** Median over the rounds of the ratio within each round. @param {string} payload */
    slowdown: (payload) => median(samples[payload].plain.map((time, i) => samples[payload].hooked[i] / time)),
    /** @param {string} payload */
    added(payload) {
      const { plain, hooked, json } = micros[payload];
      return (hooked - plain) / (json - plain);
    },
  };
  return {
    rounds, micros, received,
    isolated: crossOriginIsolated,
    shortestSampleMillis: Math.min(...Object.values(samples).flatMap((arms) => Object.values(arms).flat())),
    labels: Object.fromEntries(Object.entries(PAYLOADS).map(([payload, { label }]) => [payload, label])),
    figures: FIGURES.map(([name, kind, payload, floor]) => ({
      name, floor, meaning: `${MEANING[kind]}, ${PAYLOADS[payload].label}`, measured: measure[kind](payload),
    })),
  };
}
