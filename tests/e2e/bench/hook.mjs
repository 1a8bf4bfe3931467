// Runs hook-cost.html in one browser and prints a Markdown table of T1 to T4.
//
// Called by `cargo xtask bench hook`; the measuring itself is the page's (hook-cost.js). The page
// loads the hook by script tags, so the browser runs without the extension.
// @ts-check
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { until } from "../drivers/common.mjs";
import { serveIsolated } from "../lib/isolated.mjs";
import { driverOf } from "../lib/session.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseArgs({
  options: {
    browser: { type: "string", default: "chromium" }, rounds: { type: "string", default: "5" }, only: { type: "string", default: "" },
  },
});
const site = await serveIsolated(root);
const { launch } = await driverOf(values.browser);
const browser = await launch({});
try {
  const page = await browser.openPage(`${site.url}/tests/e2e/bench/hook-cost.html?rounds=${values.rounds}`);
  const figures = await until("the figures", () => page.evaluate("() => window.figures ?? null"), {
    timeout: 300_000,
    interval: 500,
  });
  if (figures.error) throw new Error(figures.error);
  print(figures);
} finally {
  await browser.close();
  site.stop();
}

function print({ rounds, isolated, shortestRoundMillis, labels, micros, figures }) {
  if (!isolated) throw new Error("the page is not cross-origin isolated: its clock is too coarse");
  console.log(
    `**${values.browser}**, medians of ${rounds} rounds (smallest to largest), the arms in turn after every twelve tasks; shortest`,
    `sum of a round ${shortestRoundMillis.toFixed(0)} ms. Timed are the \`postMessage\` calls of each task; chunks are closed between the tasks, untimed.\n`,
  );
  console.log("| # | figure | measured | limit |\n|---|---|---:|---:|");
  for (const { name, meaning, measured, least, most, floor } of figures) {
    const limit = floor === null ? "–" : `≤ ${floor.toFixed(1)}`;
    console.log(`| ${name} | ${meaning} | ${measured.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}) | ${limit} |`);
  }
  console.log("\n| payload, µs a call without collecting garbage | plain | hooked | JSON hook | only reading |\n|---|---:|---:|---:|---:|");
  for (const [payload, { plain, hooked, json, walk }] of Object.entries(micros)) {
    const last = walk === undefined ? "–" : walk.toFixed(2);
    console.log(`| ${labels[payload]} | ${plain.toFixed(2)} | ${hooked.toFixed(2)} | ${json.toFixed(2)} | ${last} |`);
  }
}
