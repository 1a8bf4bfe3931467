// Runs hook-cost.html in one browser and prints a Markdown table of T1 to T4.
//
// Called by `cargo xtask bench hook`; the measuring itself is the page's (hook-cost.js). The page
// loads the hook by script tags, so the browser runs without the extension.
// @ts-check
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { until } from "../drivers/common.mjs";
import { driverOf } from "../lib/session.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseArgs({
  options: { browser: { type: "string", default: "chromium" }, rounds: { type: "string", default: "5" } },
});
const MEANING = {
  T1: "hooked / unhooked `postMessage`, 100 B",
  T2: "hooked / unhooked `postMessage`, 2 KB",
  T3: "added cost / that of a JSON hook, 2 KB",
  T4: "added cost / that of a JSON hook, 200 KB string",
};
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };

const server = createServer((request, response) => {
  const path = join(root, normalize(new URL(request.url ?? "/", "http://localhost").pathname));
  if (!path.startsWith(root) || !existsSync(path) || !statSync(path).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
  createReadStream(path).pipe(response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const { launch } = await driverOf(values.browser);
const browser = await launch({});
try {
  const page = await browser.openPage(`http://127.0.0.1:${port}/tests/e2e/bench/hook-cost.html?rounds=${values.rounds}`);
  const figures = await until("the figures", () => page.evaluate("() => window.figures ?? null"), {
    timeout: 300_000,
    interval: 500,
  });
  if (figures.error) throw new Error(figures.error);
  print(figures);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}

function print(figures) {
  console.log(`**${values.browser}**, ${figures.rounds} interleaved rounds, medians\n`);
  console.log("| # | figure | measured | limit |\n|---|---|---:|---:|");
  for (const [name, meaning] of Object.entries(MEANING)) {
    console.log(`| ${name} | ${meaning} | ${figures[name].toFixed(2)} | ≤ ${figures.floors[name].toFixed(1)} |`);
  }
  console.log("\n| payload | plain | hooked | JSON hook |\n|---|---:|---:|---:|");
  for (const [size, { plain, hooked, json }] of Object.entries(figures.micros)) {
    console.log(`| ${size}, µs a call | ${plain.toFixed(2)} | ${hooked.toFixed(2)} | ${json.toFixed(2)} |`);
  }
}
