// Measures the panel as an ordinary page of one browser and prints a Markdown table.
//
// Called by `cargo xtask bench panel` with one argument, the plan as JSON (xtask/src/bench/panel.rs). What the
// page's own clock and animation frames say counts, not the time that driving it takes. The pages are cross-origin
// isolated: Firefox's clock is a millisecond coarse in others.
// @ts-check
import { linkSync, mkdirSync, rmSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { basename, join } from "node:path";
import { until } from "../drivers/common.mjs";
import { serveIsolated } from "../lib/isolated.mjs";
import { driverOf } from "../lib/session.mjs";

const plan = JSON.parse(process.argv[2] ?? "{}");
const folder = join(plan.arenaRoot, "captures");
mkdirSync(folder, { recursive: true });
const site = await serveIsolated(plan.arenaRoot);
const { launch } = await driverOf(plan.browser);
const rows = /** @type {[string, string, string][]} */ ([]);
try {
  await withPanel("", async (page) => {
    const ready = await page.evaluate(INTERACTIVE());
    rows.push(["interactive after the page began to load, ms", ready.toFixed(0), "300"]);
    await open(page, plan.capture, "an hour of the arena's two peers, every frame saved", undefined);
    await move(page, "that hour");
  });
  for (const { file, about, limit } of plan.hours) {
    await withPanel("", (page) => open(page, file, `an hour of ${about}`, limit));
  }
  await withPanel("", async (page) => {
    await open(page, plan.million, "a million frames of two peers with every lane", undefined);
    await move(page, "those");
  });
  await withPanel("#view=timeline", async (page) => {
    const name = offer(plan.capture);
    const fed = await page.evaluate(FEED(), name);
    rows.push([`live, ${fed.rate.toFixed(0)} events a second for ${fed.seconds.toFixed(0)} s: longest time between two animation frames, ms`, fed.longest.toFixed(0), "50"]);
    rows.push(["the same, p99, ms", fed.p99.toFixed(0), "–"]);
    rmSync(join(folder, name));
  });
} finally {
  site.stop();
}
console.log(`**${plan.browser}**, 1280 by 800, drawn without a GPU, load of the machine ${loadavg()[0].toFixed(1)} on two cores.\n`);
console.log("| figure | measured | limit |\n|---|---:|---:|");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);

/**
 * Opens the panel as an ordinary page in a browser of its own, so that no file stands in another's memory.
 *
 * @param {string} address @param {(page: import("../drivers/driver").Page) => Promise<void>} use
 */
async function withPanel(address, use) {
  const browser = await launch({});
  try {
    const page = await browser.openPage(`${site.url}/panel/extension/panel.html${address}`);
    await until("the panel", () => page.evaluate("() => Boolean(window.rollscopePanel && document.querySelector('.panel'))"));
    await use(page);
  } finally {
    await browser.close();
  }
}

/** Lets the arena's server give away a file, without a copy; returns its name. @param {string} file */
function offer(file) {
  const name = basename(file);
  rmSync(join(folder, name), { force: true });
  linkSync(file, join(folder, name));
  return name;
}

/** @param {import("../drivers/driver").Page} page @param {string} file @param {string} about @param {number | undefined} limit */
async function open(page, file, about, limit) {
  const name = offer(file);
  const megabytes = (statSync(file).size / 1e6).toFixed(0);
  const opened = await page.evaluate(OPEN(), name);
  rmSync(join(folder, name));
  rows.push([`${about} (${megabytes} MB), bytes handed over to first paint of its progress, ms`, opened.first.toFixed(0), "1000"]);
  rows.push(["the same, complete, ms", opened.complete.toFixed(0), limit ? String(limit) : "–"]);
  rows.push(["the same, longest time between two animation frames meanwhile, ms", opened.longest.toFixed(0), "–"]);
}

/** @param {import("../drivers/driver").Page} page @param {string} what */
async function move(page, what) {
  await page.evaluate("() => { document.querySelector('[data-view=timeline]').click(); }");
  await until("the timeline", () => page.evaluate("() => Boolean(document.querySelector('[data-testid=timeline]'))"));
  const drawn = await page.evaluate(MOVE());
  rows.push([`redraw while zooming and panning over ${what}, median of ${drawn.count}, ms`, drawn.median.toFixed(1), "–"]);
  rows.push(["the same, p99, ms", drawn.p99.toFixed(1), "8"]);
  rows.push(["key press to the animation frame that shows it, p95, ms", drawn.paint.toFixed(0), "50"]);
  rows.push(["animation frames a second meanwhile", drawn.rate.toFixed(0), "60"]);
}

/** Milliseconds from the beginning of the page's load to the first animation frame with a panel in it. */
function INTERACTIVE() {
  return `() => {
    const marks = performance.getEntriesByType("paint");
    return marks.length > 0 ? Math.max(...marks.map((mark) => mark.startTime)) : performance.now();
  }`;
}

/** Opens a capture: when its progress shows, when it is complete, and the longest pause between two animation frames. */
function OPEN() {
  return `async (name) => {
    const bytes = new Uint8Array(await (await fetch("/captures/" + name)).arrayBuffer());
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    const begin = performance.now();
    rollscopePanel.openFile("hour", bytes, false);
    let [first, last, longest] = [0, begin, 0];
    for (;;) {
      await frame();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      const reads = document.querySelector("[data-testid=opening]");
      if (!first && reads) first = now - begin;
      if (!reads && document.querySelector(".verdict-chip")) return { first: first || now - begin, complete: now - begin, longest };
    }
  }`;
}

/** Zooms and pans by key for 240 animation frames: durations of redraws, and from the key to the frame that shows it. */
function MOVE() {
  return `async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const key = (key) => window.dispatchEvent(new KeyboardEvent("keydown", { key, code: "Key" + key.toUpperCase(), bubbles: true }));
    const plan = [..."w".repeat(30), ..."d".repeat(40), ..."a".repeat(40), ..."s".repeat(40), ..."wd".repeat(45)];
    for (let i = 0; i < 20; i++) await frame();
    rollscopePanel.takeRedraws();
    const waits = [];
    const begin = performance.now();
    for (const each of plan) {
      const pressed = performance.now();
      key(each);
      await frame();
      // What the key asked for is drawn within this frame; the next one begins after it was shown.
      await frame();
      waits.push(performance.now() - pressed);
    }
    const seconds = (performance.now() - begin) / 1000;
    const redraws = [...rollscopePanel.takeRedraws()].sort((a, b) => a - b);
    waits.sort((a, b) => a - b);
    const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
    return { count: redraws.length, median: at(redraws, 0.5), p99: at(redraws, 0.99), paint: at(waits, 0.95), rate: (plan.length * 2) / seconds };
  }`;
}

/** Feeds the chunks of the hour's beginning at 20,000 events a second, as the bridge does every 100 ms. */
function FEED() {
  return `async (name) => {
    const file = new DataView(await (await fetch("/captures/" + name)).arrayBuffer());
    const chunks = [];
    let events = 0;
    for (let at = 16 + file.getUint32(12, true); at < file.byteLength && events < 200_000; ) {
      const length = file.getUint32(at + 1, true);
      if (file.getUint8(at) === 1) {
        const count = file.getUint32(at + 9 + 20, true);
        chunks.push([new Uint8Array(file.buffer, at + 9, length), count]);
        events += count;
      }
      at += 9 + length;
    }
    const pauses = [];
    let last = performance.now();
    let running = true;
    const watch = () => {
      const now = performance.now();
      pauses.push(now - last);
      last = now;
      if (running) requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
    const begin = performance.now();
    let fed = 0;
    for (const [bytes, count] of chunks) {
      rollscopePanel.handleChunk(bytes);
      fed += count;
      const due = begin + (fed / 20_000) * 1000;
      const left = due - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    }
    running = false;
    pauses.sort((a, b) => a - b);
    const seconds = (performance.now() - begin) / 1000;
    return { rate: fed / seconds, seconds, longest: pauses.at(-1), p99: pauses[Math.floor(pauses.length * 0.99)] };
  }`;
}
