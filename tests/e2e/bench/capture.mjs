// Measures T5 to T12 of the capture in one browser and prints Markdown: what the hook costs a page, what gets lost, and
// what reading costs the panel.
//
// Called by `cargo xtask bench capture`. DevTools is open with the panel, as for a user: one page has the hook, the other
// stands on a name that the extension does not look at. Arms take turns within every round; ratios are within a round.
// The table is printed anew after every round and every part, so that whoever stops the run keeps what is done.
// @ts-check
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pause, until } from "../drivers/common.mjs";
import { driverOf } from "../lib/session.mjs";
import { script, startSite } from "../lib/site.mjs";
import { startArena } from "../lib/arena.mjs";
import { countChannels } from "../lib/channels.mjs";
import { arenaProgram, arenaRoot, extensionDir } from "../lib/spec.mjs";
import { TRAFFIC_SITE, untilCaptured, workerMessages } from "../lib/traffic.mjs";
import { cpuMillis, processOf, residentBytes } from "./cpu.mjs";
import { decodeRatios } from "./decode.mjs";
import { lossRun } from "./loss.mjs";
import { createTable, median } from "./table.mjs";

const { values } = parseArgs({
  options: {
    browser: { type: "string", default: "chromium" }, rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "60" },
    only: { type: "string", default: "" },
  },
});
const rounds = Number(values.rounds);
/** A sample is two stretches of this length, one before and one after the other arm's. */
const STRETCH_MILLIS = 350, WARM_MILLIS = 150, GAME_MILLIS = 3000, FLOW_SECONDS = 1.25, RATE = 20_000;
const own = (/** @type {string} */ name) => script(readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8"));
const begun = Date.now();
const say = (/** @type {string} */ text) => console.error(`  ${((Date.now() - begun) / 1000).toFixed(0)} s: ${text}`);
const { wants, row, print } = createTable(values.browser, new Set(values.only.toUpperCase().split(",").filter(Boolean)));

const PINGS = [
  { id: "T5", of: "worker ping-pong", size: ", 100 B", floor: 0.8, aim: "0.90", run: "(millis) => pingWorker('small', millis)" },
  { id: "T5", of: "worker ping-pong", size: ", 2 KB", floor: 0.7, aim: "0.80", run: "(millis) => pingWorker('reply', millis)" },
  { id: "T6", of: "data channel ping-pong", size: "", floor: 0.85, aim: "", run: "(millis) => pingChannel(millis)" },
  { id: "T6", of: "WebSocket ping-pong", size: "", floor: 0.7, aim: "", run: "(millis) => pingSocket(millis)" },
];

const site = await startSite({
  ...TRAFFIC_SITE,
  "/bench": `<!doctype html><title>Bench</title><body><script src="/bench/load.js"></script>`,
  "/bench/load.js": own("load.js"),
  "/bench/echo.js": script("onmessage = ({ data }) => postMessage(data);"),
  "/bench/sink.js": script("onmessage = ({ data }) => { if (data.port) data.port.onmessage = () => {}; };"),
});
const arena = await startArena({ program: arenaProgram, root: arenaRoot });
const { launch } = await driverOf(values.browser);
const browser = await launch({ extensionDir });
try {
  if (wants("T5", "T6", "T7", "T8", "T9", "T10")) await costs();
  if (wants("T11")) await losses();
  if (wants("T12")) await decoding();
  say("done");
  print();
} finally {
  await browser.close();
  await arena.stop();
  site.stop();
}

async function costs() {
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
  // What no hook can be cheaper than: a method in the place of the browser's own that only calls it.
  const least = await open("least.localhost");
  await least.evaluate("() => hookLeast()");
  // DevTools itself costs a page much: every arm has it.
  for (const page of [plain, naive, least]) { await page.bringToFront(); await browser.openPanel(page); }
  const arms = [hooked, plain, naive];
  const pids = new Map();
  for (const page of [...arms, least]) { await page.bringToFront(); pids.set(page, await processOf(page)); }
  // Otherwise the work of one arm would be counted as that of another.
  if (new Set(pids.values()).size < pids.size) throw new Error(`two of the pages share a process: ${[...pids.values()]}`);

  const pings = PINGS.map(({ id, of, size, floor, aim, run }) => ({
    run, of: row(id, `${of}, hooked / unhooked${size}`, floor, true, aim),
    beside: row("T7", `${of}${size}: hooked / unhooked under the browser's profiler`, 1, true),
  }));
  const game = row("T8", "game of 60 fps, 20 messages a frame: page CPU, hooked / unhooked", 1.2, false, "1.10");
  const naiveGame = row("T8", "the same with a hook of one object a message (shows that the load can tell)", 1.3, true);
  const share = row("T9", `${RATE} messages/s: what the hook adds, % of a core`, 3, false, "1.5");
  const leastShare = row("T9", "beside it, a method in the place of `postMessage` that only calls the browser's own", Infinity, false);
  const lost = row("T9", `${RATE} messages/s: captured − sent`, 0, false);
  const memory = row("T10", "memory of the page's process, hooked − unhooked, after all that and a collection of garbage (ring and waiting chunks: at most 80 MB), MB", 96, false);
  const uncollected = row("T10", "beside it, the same before that collection, MB", Infinity, false);
  /** Processor time of a frame without the hook, in milliseconds. @type {number[]} */
  const frameMillis = [];

  /**
   * The first arm's rate over the second's: each has a stretch before and one after the other's, so that a machine that
   * becomes slower meanwhile does so for both. @param {any} first @param {any} second @param {number} round
   * @param {(arm: any, millis: number) => Promise<number>} measure
   */
  async function paired(first, second, round, measure) {
    const order = round % 2 ? [second, first, first, second] : [first, second, second, first];
    const sums = new Map([[first, 0], [second, 0]]);
    let before = null;
    for (const arm of order) {
      if (arm !== before) await measure(arm, WARM_MILLIS);
      sums.set(arm, (sums.get(arm) ?? 0) + await measure(arm, STRETCH_MILLIS));
      before = arm;
    }
    return Number(sums.get(first)) / Number(sums.get(second));
  }
  /** @param {number} round @param {(to: {values: number[]}, value: number) => void} keep */
  async function pingRound(round, keep) {
    for (const { of, run } of pings) {
      if (!wants(of.id)) continue;
      let shown = null;
      keep(of, await paired(hooked, plain, round, async (page, millis) => {
        if (page !== shown) await page.bringToFront();
        shown = page;
        return page.evaluate(run, millis);
      }));
    }
  }
  /** @param {number} round @param {(to: {values: number[]}, value: number) => void} keep */
  async function gameRound(round, keep) {
    const cost = new Map();
    for (let i = 0; i < arms.length; i++) {
      const page = arms[(i + round + 1) % arms.length];
      await page.bringToFront();
      let frames = 0;
      const millis = await cpuMillis(pids.get(page), async () => { ({ frames } = await page.evaluate("(millis) => game(millis)", GAME_MILLIS)); });
      // By frame: a machine that is busy with something else draws fewer of them.
      cost.set(page, millis / frames);
    }
    keep(game, cost.get(hooked) / cost.get(plain));
    keep(naiveGame, cost.get(naive) / cost.get(plain));
    if (round < 0) return;
    frameMillis.push(cost.get(plain));
    game.figure = `${game.figure.split(" (")[0]} (a frame without it: ${median(frameMillis).toFixed(1)} ms)`;
  }
  /** @param {number} round @param {(to: {values: number[]}, value: number) => void} keep */
  async function flowRound(round, keep) {
    // What was sent last is on its way for a tenth of a second.
    await pause(1000);
    const before = (await workerMessages(panel)).sent;
    const sentBefore = await hooked.evaluate("() => sunk");
    // There and back, twice: what makes the machine slower meanwhile does so for all arms.
    const order = round % 2 ? [plain, least, hooked] : [hooked, least, plain];
    const millis = new Map(order.map((page) => [page, 0])), given = new Map(millis);
    for (const page of [...order, ...order.toReversed(), ...order, ...order.toReversed()]) {
      await page.bringToFront();
      millis.set(page, (millis.get(page) ?? 0) + await cpuMillis(pids.get(page), async () => {
        given.set(page, (given.get(page) ?? 0) + await page.evaluate("(rate, seconds) => flow(rate, seconds)", RATE, FLOW_SECONDS));
        // Until the last chunk is closed and given away.
        await pause(150);
      }));
    }
    const busy = (/** @type {any} */ page) => 100 * (Number(millis.get(page)) / Number(given.get(page))) * RATE / 1000;
    keep(share, busy(hooked) - busy(plain));
    keep(leastShare, busy(least) - busy(plain));
    const sent = (await hooked.evaluate("() => sunk")) - sentBefore;
    await untilCaptured(panel, before + sent, 0, 20_000).catch(() => {});
    keep(lost, (await workerMessages(panel)).sent - before - sent);
  }
  /** Each line of T7 in one round: the hook's page, and the other one under the profiler. @param {number} round @param {(to: {values: number[]}, value: number) => void} keep */
  async function profiledRound(round, keep) {
    const rates = new Map([[hooked, /** @type {number[]} */ ([])], [plain, /** @type {number[]} */ ([])]]);
    for (const page of round % 2 ? [plain, hooked] : [hooked, plain]) {
      await page.bringToFront();
      if (page === plain) await browser.startProfiler();
      for (const { run } of pings) {
        await page.evaluate(run, WARM_MILLIS);
        rates.get(page)?.push(await page.evaluate(run, 2 * STRETCH_MILLIS));
      }
      if (page === plain) await browser.stopProfiler();
    }
    pings.forEach(({ beside }, i) => keep(beside, Number(rates.get(hooked)?.[i]) / Number(rates.get(plain)?.[i])));
  }

  for (let round = -1; round < rounds; round++) {
    say(round < 0 ? "a round that is not counted" : `round ${round + 1} of ${rounds}`);
    const keep = (/** @type {{values: number[]}} */ to, /** @type {number} */ value) => { if (round >= 0) to.values.push(value); };
    if (wants("T5", "T6")) await pingRound(round, keep);
    if (wants("T8")) await gameRound(round, keep);
    if (wants("T9")) await flowRound(round, keep);
    if (round >= 0) print();
  }
  if (wants("T10")) {
    const grown = () => (residentBytes(pids.get(hooked)) - residentBytes(pids.get(plain))) / 2 ** 20;
    uncollected.values.push(grown());
    // How much garbage lies about is the browser's to decide, and differs from minute to minute.
    for (const page of [hooked, plain]) await browser.memory(page);
    memory.values.push(grown());
  }
  for (let round = -1; wants("T7") && round < rounds; round++) {
    say(`under the browser's profiler, ${round < 0 ? "not counted" : `round ${round + 1} of ${rounds}`}`);
    await profiledRound(round, (to, value) => { if (round >= 0) to.values.push(value); });
    if (round >= 0) print();
  }
  for (const page of [...arms, least]) await page.close();
}

async function losses() {
  say(`loss: ${values.seconds} s with ten stopped backgrounds, ten reloaded panels, ten navigations`);
  await lossRun(browser, site, { seconds: Number(values.seconds), rate: RATE }, ({ what, sent, captured }) => {
    row("T11", `captured − sent: ${what} (${sent.toLocaleString("en")} messages)`, 0, false).values.push(captured - sent);
    say(what);
    print();
  });
  say("a million channels");
  const page = await browser.openPage(`http://unhooked.localhost:${site.port}/plain`);
  row("T11", "events kept or counted − events made: a million channels of one page", 0, false).values.push(await countChannels(page, 1_000_000, 0));
  await page.close();
}

async function decoding() {
  for (const [name, label, limit] of /** @type {[string, string, number][]} */ ([["small", "100 B", 1], ["reply", "2 KB", 0.5]])) {
    say(`decoding, ${label}`);
    const { decoded, rebuilt } = await decodeRatios(browser, site, name, rounds);
    row("T12", `every value of a capture decoded in wasm / \`JSON.parse\` of the same messages, ${label}`, limit, false).values.push(...decoded);
    row("T12", `beside it, reading the file in the panel to its end, rebuilt and checked / \`JSON.parse\`, ${label}`, Infinity, false).values.push(...rebuilt);
    print();
  }
}
