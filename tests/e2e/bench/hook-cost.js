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
 * Arms, each in a frame of its own so that they do not share patches: `plain` (no hook), `hooked` (ours, with a receiver
 * that takes the chunks), `json` (a hook that calls `JSON.stringify` on each message), and for 2 KB `walk` (a
 * hook that reads every member and writes nothing: the work that any encoder in JavaScript has beside its writing). What is timed is the
 * `postMessage` calls of a task; closing chunks, making payloads and the worker's work fall between the tasks.
 *
 * The worker stands still while a task is timed. Otherwise what it does falls into the task, and into a longer task more
 * of it: a hook then seems to cost what the worker costs (docs/measurements.md has figures).
 *
 * The arms take turns after every twelve tasks, within a tenth of a second: what is added is a difference of two times that
 * are several times as long, and a machine changes its pace within a second by more than that difference. They do not take
 * turns after every single task, because they share one heap: collecting garbage falls to whoever runs, and twelve tasks
 * mostly collect their own. The figure of a round is made of the sums of all its tasks, garbage and all; on a busy machine
 * the medians of tasks beside it are steadier, which leave all pauses out.
 *
 * The page must be cross-origin isolated: only then is the clock fine enough (5 µs in Chromium, 20 µs in Firefox)
 * for the length of a task. Answer:
 *
 *     { rounds, isolated, shortestRoundMillis, labels, received,        received: chunks of the hook
 *       micros: { small: {plain, hooked, json}, reply: …, objects: …, text: … },   medians over all tasks, a call: without collecting garbage
 *       figures: [{ name: 'T1', meaning, measured, least, most, floor }, …] }      floor: null where there is none
 */

const ARMS = ['plain', 'hooked', 'json', 'walk'];
/** Tasks of one arm before the next one's. */
const BLOCK = 12;
/** Rounds that are not counted: the engines compile for real only after some ten thousand calls. */
const WARM_UP = 3;

/**
 * The payloads. `turns` of a round, and how many calls a task has: what a busy page sends in a frame; in between, the hook
 * closes its chunks as it does in a game. `distinct` messages are made anew for each round and sent in turn.
 */
const PAYLOADS = {
  small: { label: '100 B, one object', turns: 60, perTask: 200, distinct: 4000, arms: ['plain', 'hooked', 'json'] },
  reply: { label: '2 KB, a reply with 140 numbers', turns: 60, perTask: 80, distinct: 1600, arms: ARMS },
  objects: { label: '2 KB, 37 nested small objects', turns: 60, perTask: 80, distinct: 1600, arms: ARMS },
  text: { label: '200 KB, one text', turns: 144, perTask: 8, distinct: 120, arms: ['plain', 'hooked', 'json'] },
};
/**
 * Slowdown: hooked / plain. Added: (hooked - plain) / (json - plain), of sums. Quiet: the same of medians. Least: the same
 * of `walk`, of medians.
 * @type {[string, 'slowdown' | 'added' | 'quiet' | 'least', keyof typeof PAYLOADS, number | null][]}
 */
const FIGURES = [
  ['T1', 'slowdown', 'small', 1.8],
  ['T2', 'slowdown', 'reply', 2.0],
  ['T2', 'slowdown', 'objects', 2.0],
  ['T3', 'added', 'reply', 0.5],
  ['T3', 'added', 'objects', 0.5],
  ['T3', 'quiet', 'reply', null],
  ['T3', 'quiet', 'objects', null],
  ['T3', 'least', 'reply', null],
  ['T3', 'least', 'objects', null],
  ['T4', 'added', 'text', 0.4],
];
const MEANING = { slowdown: 'hooked / unhooked `postMessage`', added: 'added cost / that of a JSON hook',
  quiet: 'beside it, medians of tasks: without collecting garbage',
  least: 'beside it, a hook that reads every member and writes nothing' };

/**
 * A worker that counts its messages and says when it has caught up. It can be held: a worker that reads while a task is
 * timed takes the processor from that task, the more of it the longer the task is.
 */
const WORKER = `
  let n = 0, gate;
  onmessage = ({ data }) => {
    if (data === 'sync') postMessage(n);
    else if (data === 'hold') {
      Atomics.store(gate, 1, 1);
      Atomics.wait(gate, 0, 1);
      Atomics.store(gate, 1, 0);
    } else if (gate) n++;
    else gate = data;
  };`;

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
    // Texts are made flat here, so that no arm pays for joining them.
    const flat = (m) => (typeof m === 'string' ? JSON.parse('"' + m + '"') : m);
    let messages = [];
    window.make = (payload, distinct) => { messages = Array.from({ length: distinct }, (_, i) => flat(payloads[payload](i))); };
    window.task = (turn, calls) => {
      const distinct = messages.length;
      let next = (turn * calls) % distinct;
      const end = next + calls;
      const start = performance.now();
      for (; next < end; next++) worker.postMessage(messages[next % distinct]);
      return performance.now() - start;
    };
    const gate = new Int32Array(new SharedArrayBuffer(8));
    worker.postMessage(gate);
    // Answers when the worker has read everything and stands still.
    window.hold = async () => {
      Atomics.store(gate, 0, 1);
      worker.postMessage('hold');
      do await new Promise((resolve) => setTimeout(resolve, 1)); while (Atomics.load(gate, 1) === 0);
    };
    window.release = () => { Atomics.store(gate, 0, 0); Atomics.notify(gate, 0); };
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

/** Reads every member of every object of each message. @param {any} frame */
function installWalkingHook(frame) {
  frame.eval(`{
    const original = Worker.prototype.postMessage;
    let read = 0;
    // As extension/numbers.js: a place that meets arrays of several kinds would have Chromium store the page's arrays anew.
    const elementAt = (array, i) => array[i];
    for (let i = 0; i < 40; i++) for (const Type of [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Float32Array, Float64Array]) elementAt(new Type(1), 0);
    const walkNumbers = (array) => {
      let count = 0;
      for (let i = 0; i < array.length; i++) count += typeof array[i] === 'number' ? 2 : 1;
      return count;
    };
    // Counts instead of adding up: a sum would make a number of its own for each.
    const walk = (value) => {
      let count = 0;
      if (Array.isArray(value)) {
        if (value.length > 0 && typeof elementAt(value, 0) === 'number') return walkNumbers(value);
        for (let i = 0; i < value.length; i++) {
          const member = value[i];
          count += typeof member === 'object' && member !== null ? walk(member) : 1;
        }
        return count;
      }
      for (const name in value) {
        const member = value[name];
        if (typeof member === 'number') count += 2;
        else count += typeof member === 'object' && member !== null ? walk(member) : 1;
      }
      return count;
    };
    Worker.prototype.postMessage = function postMessage(...args) {
      const result = original.apply(this, args);
      read += walk(args[0]);
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
    if (arm === 'walk') installWalkingHook(frame);
    prepare(frame);
    frames[arm] = frame;
  }
  /** Milliseconds of each task: by payload, arm, round and turn. @type {Record<string, Record<string, number[][]>>} */
  const tasks = {};
  const breathe = (/** @type {number} */ millis) => new Promise((resolve) => setTimeout(resolve, millis));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [payload, { turns, perTask, distinct, arms }] of Object.entries(PAYLOADS)) {
      for (const arm of arms) {
        frames[arm].make(payload, distinct);
        if (round >= 0) ((tasks[payload] ??= {})[arm] ??= []).push([]);
      }
      await breathe(80);
      for (let block = 0; block < turns / BLOCK; block++) {
        for (let i = 0; i < arms.length; i++) {
          // Each arm comes first in its turn; the rounds before 0 only warm up.
          const arm = arms[(i + block) % arms.length];
          for (let turn = block * BLOCK; turn < (block + 1) * BLOCK; turn++) {
            await frames[arm].hold();
            const millis = frames[arm].task(turn, perTask);
            frames[arm].release();
            if (round >= 0) tasks[payload][arm][round].push(millis);
            await breathe(4);
          }
        }
      }
      for (const arm of arms) {
        await frames[arm].settle();
        frames[arm].make(payload, 0);
      }
    }
  }
  /** @type {Record<string, Record<string, number>>} */
  const micros = {};
  for (const [payload, { perTask, arms }] of Object.entries(PAYLOADS)) {
    micros[payload] = Object.fromEntries(arms.map((arm) => [arm, 1000 * median(tasks[payload][arm].flat()) / perTask]));
  }
  /** Milliseconds of a round. @param {string} payload @param {number} round @param {string} arm */
  const total = (payload, round, arm) => tasks[payload][arm][round].reduce((sum, millis) => sum + millis, 0);
  /** Of a task. @param {string} payload @param {number} round @param {string} arm */
  const middle = (payload, round, arm) => median(tasks[payload][arm][round]);
  /** @param {typeof total} time @param {string} arm @param {string} payload @param {number} round */
  const share = (time, arm, payload, round) => {
    const plain = time(payload, round, 'plain');
    return (time(payload, round, arm) - plain) / (time(payload, round, 'json') - plain);
  };
  /** Each figure in one round. @type {Record<string, (payload: string, round: number) => number>} */
  const measure = {
    slowdown: (payload, round) => total(payload, round, 'hooked') / total(payload, round, 'plain'),
    added: (payload, round) => share(total, 'hooked', payload, round),
    quiet: (payload, round) => share(middle, 'hooked', payload, round),
    least: (payload, round) => share(middle, 'walk', payload, round),
  };
  return {
    rounds, micros, received,
    isolated: crossOriginIsolated,
    shortestRoundMillis: Math.min(...Object.entries(tasks).flatMap(([payload, arms]) =>
      Object.entries(arms).flatMap(([arm, all]) => all.map((_, round) => total(payload, round, arm))))),
    labels: Object.fromEntries(Object.entries(PAYLOADS).map(([payload, { label }]) => [payload, label])),
    figures: FIGURES.map(([name, kind, payload, floor]) => {
      const values = Array.from({ length: rounds }, (_, round) => measure[kind](payload, round));
      return {
        name, floor, meaning: `${MEANING[kind]}, ${PAYLOADS[payload].label}`,
        measured: median(values), least: Math.min(...values), most: Math.max(...values),
      };
    }),
  };
}
