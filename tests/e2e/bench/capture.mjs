// Measures T1 to T12 of the capture in one browser and prints Markdown: what the hook costs a page, what gets lost, and
// what reading costs the panel.
//
// Called by `cargo xtask bench capture`. DevTools is open with the panel, as for a user: one page has the hook, the other
// stands on a name that the extension does not look at. Arms take turns within every round; ratios are within a round.
// @ts-check
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pause, until } from "../drivers/common.mjs";
import { driverOf } from "../lib/session.mjs";
import { script, startSite } from "../lib/site.mjs";
import { startArena } from "../lib/arena.mjs";
import { arenaProgram, arenaRoot, extensionDir } from "../lib/spec.mjs";
import { TRAFFIC_SITE, untilCaptured, workerMessages } from "../lib/traffic.mjs";
import { cpuMillis, processOf, residentBytes } from "./cpu.mjs";
import { lossRun } from "./loss.mjs";

const { values } = parseArgs({
  options: { browser: { type: "string", default: "chromium" }, rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "60" } },
});
const rounds = Number(values.rounds);
const MILLIS = 700, GAME_MILLIS = 3000, FLOW_SECONDS = 2.5, RATE = 20_000;
const own = (/** @type {string} */ name) => script(readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8"));
const begun = Date.now();
const say = (/** @type {string} */ text) => console.error(`  ${((Date.now() - begun) / 1000).toFixed(0)} s: ${text}`);

const site = await startSite({
  ...TRAFFIC_SITE,
  "/bench": `<!doctype html><title>Bench</title><body><script src="/bench/load.js"></script>`,
  "/bench/load.js": own("load.js"),
  "/bench/echo.js": script("onmessage = ({ data }) => postMessage(data);"),
  "/bench/sink.js": script("onmessage = () => {};"),
});
const arena = await startArena({ program: arenaProgram, root: arenaRoot });
const { launch } = await driverOf(values.browser);
const browser = await launch({ extensionDir });
/** @type {{id: string, figure: string, values: number[], limit: number, isAtLeast: boolean, aim?: string}[]} */
const table = [];

const median = (/** @type {number[]} */ list) => {
  const sorted = [...list].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
/** @param {string} id @param {string} figure @param {number} limit @param {boolean} isAtLeast */
function row(id, figure, limit, isAtLeast, aim = "") {
  const entry = { id, figure, values: /** @type {number[]} */ ([]), limit, isAtLeast, aim };
  table.push(entry);
  return entry;
}

try {
  const echo = `${arena.url.replace("http", "ws")}/echo`;
  const open = async (/** @type {string} */ host) => {
    const page = await browser.openPage(`http://${host}:${site.port}/bench`);
    await until("the page", () => page.evaluate("() => window.isReady === true"));
    await page.evaluate("(echo) => connect(echo)", echo);
    return page;
  };
  const hooked = await open("localhost");
  const panel = await browser.openPanel(hooked);
  const plain = await open("unhooked.localhost"), naive = await open("naive.localhost");
  await naive.evaluate("() => hookNaively()");
  // DevTools itself costs a page much: every arm has it.
  for (const page of [plain, naive]) { await page.bringToFront(); await browser.openPanel(page); }
  /** Both arms, the first one in turn. @param {number} round @param {(page: any) => Promise<number>} measure */
  const both = async (round, measure) => {
    const pages = round % 2 ? [plain, hooked] : [hooked, plain];
    const results = new Map();
    for (const page of pages) { await page.bringToFront(); results.set(page, await measure(page)); }
    return results.get(hooked) / results.get(plain);
  };
  const pings = [
    { of: row("T5", "worker ping-pong, hooked / unhooked, 100 B", 0.8, true, "0.90"), run: "(millis) => pingWorker('small', millis)" },
    { of: row("T5", "worker ping-pong, hooked / unhooked, 2 KB", 0.7, true, "0.80"), run: "(millis) => pingWorker('reply', millis)" },
    { of: row("T6", "data channel ping-pong, hooked / unhooked", 0.85, true), run: "(millis) => pingChannel(millis)" },
    { of: row("T6", "WebSocket ping-pong, hooked / unhooked", 0.7, true), run: "(millis) => pingSocket(millis)" },
  ];
  const beside = pings.map(({ of }) => row("T7", `${of.figure.replace(", hooked / unhooked", "")}: that ratio / the ratio under the browser's profiler`, 1, true));
  const game = row("T8", "game of 60 fps, 20 messages a frame: page CPU, hooked / unhooked", 1.2, false, "1.10");
  const naiveGame = row("T8", "the same with a hook of one object a message (shows that the load can tell)", 1.3, true);
  const share = row("T9", `${RATE} messages/s: what the hook adds, % of a core`, 3, false, "1.5");
  const lost = row("T9", `${RATE} messages/s: captured − sent`, 0, false);
  const pids = new Map();
  for (const page of [hooked, plain, naive]) { await page.bringToFront(); pids.set(page, await processOf(page)); }
  // Otherwise the work of one arm would be counted as that of another.
  if (new Set(pids.values()).size < pids.size) throw new Error(`two of the pages share a process: ${[...pids.values()]}`);
  const memory = row("T10", "memory of the page's process, hooked − unhooked, after all that (ring and waiting chunks: at most 80 MB), MB", 96, false);
  /** Processor time of a frame without the hook, in milliseconds. @type {number[]} */
  const frameMillis = [];

  for (let round = -1; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    const keep = (/** @type {{values: number[]}} */ to, /** @type {number} */ value) => { if (round >= 0) to.values.push(value); };
    for (const { of, run } of pings) keep(of, await both(round, (page) => page.evaluate(run, MILLIS)));
    const cost = new Map();
    const arms = [hooked, plain, naive];
    for (let i = 0; i < arms.length; i++) {
      const page = arms[(i + round + 1) % arms.length];
      await page.bringToFront();
      let frames = 0;
      const millis = await cpuMillis(pids.get(page), async () => { ({ frames } = await page.evaluate("(millis) => game(millis)", GAME_MILLIS)); });
      // By frame: a machine that is busy with something else draws fewer of them.
      cost.set(page, millis / frames);
    }
    keep(game, cost.get(hooked) / cost.get(plain));
    if (round >= 0) frameMillis.push(cost.get(plain));
    keep(naiveGame, cost.get(naive) / cost.get(plain));
    // What the game sent last is on its way for a tenth of a second.
    await pause(1000);
    const before = (await workerMessages(panel)).sent;
    const sentBefore = await hooked.evaluate("() => sunk");
    const busy = new Map();
    for (const page of round % 2 ? [plain, hooked] : [hooked, plain]) {
      await page.bringToFront();
      let given = 0;
      const millis = await cpuMillis(pids.get(page), async () => { given = await page.evaluate("(rate, seconds) => flow(rate, seconds)", RATE, FLOW_SECONDS); });
      busy.set(page, 100 * (millis / given) * RATE / 1000);
    }
    keep(share, busy.get(hooked) - busy.get(plain));
    const sent = (await hooked.evaluate("() => sunk")) - sentBefore;
    await untilCaptured(panel, before + sent, 20_000).catch(() => {});
    keep(lost, (await workerMessages(panel)).sent - before - sent);
  }
  const [withHook, without] = [hooked, plain].map((page) => residentBytes(pids.get(page)));
  memory.values.push((withHook - without) / 2 ** 20);
  say("under the browser's profiler");
  await plain.bringToFront();
  for (let round = -1; round < rounds; round++) {
    /** Without the profiler, and with it. @type {number[][]} */
    const rates = [[], []];
    for (const isProfiled of round % 2 ? [true, false] : [false, true]) {
      if (isProfiled) await browser.startProfiler();
      for (const { run } of pings) rates[isProfiled ? 1 : 0].push(await plain.evaluate(run, MILLIS));
      if (isProfiled) await browser.stopProfiler();
    }
    if (round >= 0) beside.forEach((to, i) => to.values.push(median(pings[i].of.values) / (rates[1][i] / rates[0][i])));
  }
  for (const page of [hooked, plain, naive]) await page.close();

  say(`loss: ${values.seconds} s, and ten of each disturbance`);
  const loss = await lossRun(browser, site, { seconds: Number(values.seconds), rate: RATE });
  for (const { what, sent, captured } of loss) {
    row("T11", `captured − sent: ${what} (${sent.toLocaleString("en")} messages)`, 0, false).values.push(captured - sent);
  }
  say("decoding");
  for (const [name, label, limit] of /** @type {[string, string, number][]} */ ([["small", "100 B", 1], ["reply", "2 KB", 0.5]])) {
    const decode = row("T12", `reading a file in the panel, decoded and rebuilt to its end / \`JSON.parse\` of the same messages, ${label}`, limit, false);
    decode.values.push(...(await decodeRatios(name)));
  }
  say("done");
  game.figure += ` (a frame without it: ${median(frameMillis).toFixed(1)} ms)`;
  print();
} finally {
  await browser.close();
  await arena.stop();
  site.stop();
}

/** Records messages of one kind, and reads the file in the panel as the panel does. @param {string} name */
async function decodeRatios(name) {
  const page = await browser.openPage(`http://localhost:${site.port}/bench`);
  await until("the page", () => page.evaluate("() => window.isReady === true"));
  const panel = await browser.openPanel(page);
  const count = name === "small" ? 40_000 : 8000;
  await page.evaluate(`(name, count) => { for (let i = 0; i < count; i++) sink.postMessage(payloads[name](i)); }`, name, count);
  await untilCaptured(panel, count);
  const ratios = await panel.evaluate(`async (name, count, rounds) => {
    const payloads = ${String(payloadSource())};
    const texts = Array.from({ length: count }, (_, i) => JSON.stringify(payloads[name](i)));
    const file = rollscopePanel.captureFile();
    const time = async (run) => { const start = performance.now(); await run(); return performance.now() - start; };
    // The panel reads in slices and says so meanwhile: the time is that until all of it is read.
    const read = async () => {
      rollscopePanel.openFile("bench", file);
      do await new Promise((done) => setTimeout(done)); while (document.querySelector("[data-testid=opening]"));
    };
    const ratios = [];
    for (let round = -1; round < rounds; round++) {
      const parsed = await time(() => { for (const text of texts) JSON.parse(text); });
      const decoded = await time(read);
      if (round >= 0) ratios.push(decoded / parsed);
    }
    return ratios;
  }`, name, count, rounds);
  await page.close();
  return ratios;
}

/** The payloads of load.js, for the panel. */
function payloadSource() {
  const source = readFileSync(fileURLToPath(new URL("load.js", import.meta.url)), "utf8");
  const start = source.indexOf("({", source.indexOf("const payloads"));
  return source.slice(start, source.indexOf("\n});", start) + 3);
}

function print() {
  console.log(
    `**${values.browser}**, DevTools open with the panel. Figures of several rounds: medians (smallest to largest), the arms in turn within`,
    "each round. Losses and memory are measured once.\n",
  );
  console.log("| # | figure | rounds | measured | floor | aim | holds |\n|---|---|---:|---:|---:|---|---|");
  for (const { id, figure, values: list, limit, isAtLeast, aim } of table) {
    const middle = median(list);
    const range = list.length > 1 ? ` (${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)})` : "";
    // One lost message in one round is one too many.
    const isExact = list.length > 0 && list.every((one) => one === 0);
    const shown = limit === 0 ? (isExact ? "0" : list.join(", ")) : `${middle.toFixed(2)}${range}`;
    const holds = limit === 0 ? isExact : isAtLeast ? middle >= limit : middle <= limit;
    console.log(`| ${id} | ${figure} | ${list.length} | ${shown} | ${limit === 0 ? "0" : `${isAtLeast ? "≥" : "≤"} ${limit}`} | ${aim} | ${holds ? "yes" : "**no**"} |`);
  }
}
