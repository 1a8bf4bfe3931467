// Measures the panel in Chromium as an ordinary page and prints a Markdown table.
//
// Called by `cargo xtask bench panel` with one argument, the plan as JSON (xtask/src/bench/panel.rs). What the
// page's own clock and animation frames say counts, not the time that driving it takes.
// @ts-check
import { copyFileSync, mkdirSync, rmSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { until } from "../drivers/common.mjs";
import { startArena } from "../lib/arena.mjs";
import { driverOf } from "../lib/session.mjs";

const plan = JSON.parse(process.argv[2] ?? "{}");
const folder = join(plan.arenaRoot, "captures");
const served = join(folder, "bench-panel.rollscope");
mkdirSync(folder, { recursive: true });
copyFileSync(plan.capture, served);
const arena = await startArena({ program: plan.arena, root: plan.arenaRoot });
const { launch } = await driverOf("chromium");
const browser = await launch({});
const rows = /** @type {[string, string, string][]} */ ([]);
try {
  const page = await browser.openPage(`${arena.url}/panel/extension/panel.html`);
  await until("the panel", () => page.evaluate("() => Boolean(window.rollscopePanel && document.querySelector('.panel'))"));
  const opened = await page.evaluate(INTERACTIVE());
  rows.push(["interactive after the page began to load, ms", opened.toFixed(0), "300"]);

  const megabytes = (statSync(plan.capture).size / 1e6).toFixed(0);
  const hour = await page.evaluate(OPEN());
  rows.push([`an hour of two peers (${megabytes} MB), bytes handed over to first paint of its progress, ms`, hour.first.toFixed(0), "1000"]);
  rows.push(["the same, complete, ms", hour.complete.toFixed(0), "3000"]);
  rows.push(["the same, longest time between two animation frames meanwhile, ms", hour.longest.toFixed(0), "–"]);

  await page.evaluate("() => { document.querySelector('[data-view=timeline]').click(); }");
  await until("the timeline", () => page.evaluate("() => Boolean(document.querySelector('[data-testid=timeline]'))"));
  const drawn = await page.evaluate(MOVE());
  rows.push([`redraw while zooming and panning over the hour, median of ${drawn.count}, ms`, drawn.median.toFixed(1), "–"]);
  rows.push(["the same, p99, ms", drawn.p99.toFixed(1), "8"]);
  rows.push(["key press to the animation frame that shows it, p95, ms", drawn.paint.toFixed(0), "50"]);
  rows.push(["animation frames a second meanwhile", drawn.rate.toFixed(0), "60"]);

  const live = await browser.openPage(`${arena.url}/panel/extension/panel.html#view=timeline`);
  await until("the panel", () => live.evaluate("() => Boolean(window.rollscopePanel && document.querySelector('.panel'))"));
  const fed = await live.evaluate(FEED());
  rows.push([`live, ${fed.rate.toFixed(0)} events a second for ${fed.seconds.toFixed(0)} s: longest time between two animation frames, ms`, fed.longest.toFixed(0), "50"]);
  rows.push(["the same, p99, ms", fed.p99.toFixed(0), "–"]);
} finally {
  await browser.close();
  await arena.stop();
  rmSync(served, { force: true });
}
console.log(`**chromium**, 1280 by 800, drawn without a GPU, load of the machine ${loadavg()[0].toFixed(1)} on two cores.\n`);
console.log("| figure | measured | limit |\n|---|---:|---:|");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);

/** Milliseconds from the beginning of the page's load to the first animation frame with a panel in it. */
function INTERACTIVE() {
  return `() => {
    const marks = performance.getEntriesByType("paint");
    return marks.length > 0 ? Math.max(...marks.map((mark) => mark.startTime)) : performance.now();
  }`;
}

/** Opens the hour: when its progress shows, when it is complete, and the longest pause between two animation frames. */
function OPEN() {
  return `async () => {
    const bytes = new Uint8Array(await (await fetch("/captures/bench-panel.rollscope")).arrayBuffer());
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
  return `async () => {
    const file = new DataView(await (await fetch("/captures/bench-panel.rollscope")).arrayBuffer());
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
