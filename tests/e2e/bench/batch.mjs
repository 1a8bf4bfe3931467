// Measures a rollback over a real worker in Chromium: as n + 2 requests, as the three of MUG, and as
// one batch, for the game in wasm and in Python, all in one run. Prints Markdown.
//
// Called by `cargo xtask bench batch`. The measuring runs in a page that is cross-origin isolated,
// which has the finest clock that the browser gives.
// @ts-check
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serveIsolated } from "../lib/isolated.mjs";
import { driverOf } from "../lib/session.mjs";

const root = fileURLToPath(new URL("../../../dist/arena", import.meta.url));
const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const site = await serveIsolated(root);

/** In the page: medians in milliseconds per depth and way, `{total, waiting, execution, reply}`. */
const MEASURE = `async ({ url, rounds, depths }) => {
  if (!crossOriginIsolated) throw new Error("the page is not cross-origin isolated");
  const clock = () => performance.timeOrigin + performance.now();
  const worker = new Worker(url, { type: "module" });
  await new Promise((resolve) => (worker.onmessage = resolve));
  let next = 1;
  const ask = (type, payload) => new Promise((resolve) => {
    const id = next++;
    const posted = clock();
    worker.onmessage = ({ data }) => {
      const received = clock();
      if (data.error) throw new Error(data.error.message);
      const { startedMs, finishedMs } = data.timing;
      resolve({ data, times: [startedMs - posted, finishedMs - startedMs, received - finishedMs] });
    };
    worker.postMessage({ type, id, payload });
  });
  const step = (frame) => ({ actions: { 0: (frame * 5) % 32, 1: (frame * 3) % 32 }, frame });
  await ask("initEnv", { env: "arena", config: { players: 2 } });
  await ask("reset", { seed: 7 });
  for (let frame = 0; frame < 120; frame += 1) await ask("step", step(frame));
  const { stateJson } = (await ask("getState", { frame: 120 })).data.result;
  const restore = { stateJson, frame: 120 };
  const steps = (depth) => Array.from({ length: depth }, (_, index) => step(120 + index));
  const ways = {
    single: (depth) => [["setState", restore], ...steps(depth).map((params) => ["step", params]), ["render", {}]],
    mug: (depth) => [["setState", restore], ["batch", { operations: steps(depth).map((params) => ({ op: "step", params })) }], ["render", {}]],
    batch: (depth) => [["batch", { operations: [
      { op: "setState", params: restore }, ...steps(depth).map((params) => ({ op: "step", params })), { op: "render", params: {} },
    ] }]],
  };
  const samples = {};
  const once = async (depth, way) => {
    const requests = ways[way](depth);
    const began = clock();
    const parts = [0, 0, 0];
    for (const [type, payload] of requests) {
      const { times } = await ask(type, payload);
      times.forEach((time, index) => (parts[index] += time));
    }
    return [clock() - began, ...parts];
  };
  for (let round = -1; round < rounds; round += 1) {
    for (const depth of depths) {
      for (const way of Object.keys(ways)) {
        for (let count = 0; count < 8; count += 1) {
          const sample = await once(depth, way);
          // The first round warms up.
          if (round >= 0) ((samples[way] ??= {})[depth] ??= []).push(sample);
        }
      }
    }
  }
  worker.terminate();
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const result = {};
  for (const way of Object.keys(ways)) {
    for (const depth of depths) {
      const [total, waiting, execution, reply] = [0, 1, 2, 3].map((part) => median(samples[way][depth].map((sample) => sample[part])));
      (result[way] ??= {})[depth] = { total, waiting, execution, reply };
    }
  }
  return { result, bytes: stateJson.length, samples: samples.batch[depths[0]].length };
}`;

const depths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const { launch } = await driverOf("chromium");
const browser = await launch({});
try {
  const page = await browser.openPage(`${site.url}/workbench.html`);
  const measured = {};
  for (const [name, url] of [["wasm", "worker.js"], ["Python", "python_worker.js"]]) {
    console.error(`  measuring the game in ${name}`);
    measured[name] = await page.evaluate(MEASURE, { url, rounds: Number(values.rounds), depths });
  }
  print(measured);
} finally {
  await browser.close();
  site.stop();
}

/** @param {Record<string, any>} measured */
function print(measured) {
  const millis = (/** @type {number} */ value) => value.toFixed(2);
  const parts = (/** @type {any} */ one) => `${millis(one.total)} (${millis(one.waiting)} + ${millis(one.execution)} + ${millis(one.reply)})`;
  const less = (/** @type {any} */ one, /** @type {any} */ than) => Math.round((1 - one.total / than.total) * 100);
  const [first] = Object.values(measured);
  console.log(
    `**Chromium**, a rollback of n frames in the arena's worker, medians of ${first.samples} in one run, interleaved; state of ${first.bytes} bytes;`,
    "milliseconds in all (waiting + execution + reply). Every request waits for the reply to the one before.\n",
  );
  for (const [name, { result }] of Object.entries(measured)) {
    console.log(`| ${name}, n | n + 2 requests | three requests, as MUG | one batch | less than n + 2 | less than MUG |`);
    console.log("|---:|---:|---:|---:|---:|---:|");
    const saved = { single: /** @type {number[]} */ ([]), mug: /** @type {number[]} */ ([]) };
    for (const depth of depths) {
      const [single, mug, batch] = [result.single[depth], result.mug[depth], result.batch[depth]];
      saved.single.push(less(batch, single));
      saved.mug.push(less(batch, mug));
      console.log(`| ${depth} | ${parts(single)} | ${parts(mug)} | ${parts(batch)} | ${less(batch, single)} % | ${less(batch, mug)} % |`);
    }
    console.log(`\n${verdict(name, saved)}\n`);
    if (name === "wasm") console.log(`${goal(result)}\n`);
  }
}

/** @param {string} name @param {{single: number[], mug: number[]}} saved */
function verdict(name, saved) {
  const range = (/** @type {number[]} */ list) => `${Math.min(...list)} to ${Math.max(...list)} %`;
  const inClaim = (/** @type {number[]} */ list) => list.filter((one) => one >= 60 && one <= 80).length;
  const above = (/** @type {number[]} */ list) => list.filter((one) => one > 80).length;
  return (
    `The seed claims 60 to 80 % less latency. In ${name}, one batch takes ${range(saved.single)} less than n + 2 requests ` +
    `(${inClaim(saved.single)} of ${depths.length} depths within the claim, ${above(saved.single)} above it) and ${range(saved.mug)} less than ` +
    `MUG's three (${inClaim(saved.mug)} within, ${above(saved.mug)} above).`
  );
}

/** @param {any} result */
function goal(result) {
  const perStep = (result.batch[10].execution - result.batch[1].execution) / 9;
  const over = depths.filter((depth) => result.batch[depth].total > 1 + depth * perStep);
  const met = over.length === 0 ? "met at every depth" : `missed at n = ${over.join(", ")}`;
  return `A step costs ${perStep.toFixed(3)} ms in wasm. Aim for one batch: 1 ms plus n steps; ${met}.`;
}
