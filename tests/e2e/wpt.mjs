// Pages of a checkout of web-platform-tests, each in a browser without the hook and in one where an init script starts
// it. A test that passes without the hook and not with it is a defect of the hook.
//
// Called by `cargo xtask wpt` with one argument, the plan as JSON (xtask/src/wpt.rs). Nothing of the suite is kept here.
// @ts-check
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { firstLine, until } from "./drivers/common.mjs";
import { startArena } from "./lib/arena.mjs";
import { driverOf } from "./lib/session.mjs";

const plan = JSON.parse(process.argv[2] ?? "{}");
const TYPES = /** @type {Record<string, string>} */ ({
  ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".json": "application/json", ".html": "text/html",
  ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".svg": "image/svg+xml", ".txt": "text/plain",
});
/** What a page may take, and one that says of itself that it is long. Most need less than a second. */
const PAGE_MS = 12_000, LONG_MS = 60_000;
const ROUNDS = 3;
const REPORT = readFileSync(new URL("conformance/report.js", import.meta.url), "utf8");

/** Every file below `folder`, by its path in the checkout. @param {string} folder @returns {string[]} */
const filesUnder = (folder) => readdirSync(join(plan.checkout, folder), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? filesUnder(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]);
const read = (/** @type {string} */ path) => readFileSync(join(plan.checkout, path), "utf8");

/** `// META:` lines of a script that is a test. @param {string} text @param {string} key */
const meta = (text, key) => [...text.matchAll(new RegExp(`^// META: ${key}=(.*)$`, "gm"))].map(([, value]) => value.trim());

/** The address of the page that a file is or makes, if it is a test that this server can serve. @param {string} path */
function addressOf(path) {
  if (/-manual|-ref\.|\.https\.|\.h2\.|\/(support|resources|tools|handlers)\//.test(path)) return undefined;
  const text = /\.(html?|js)$/.test(path) ? read(path) : "";
  // What a Python handler answers, nobody answers here.
  if (/\.py\b|testdriver|get_host_info|set_permission/.test(text)) return undefined;
  if (/\.(any|window)\.js$/.test(path)) {
    const globals = meta(text, "global").join().split(",").filter(Boolean);
    if (path.includes(".any.") && globals.length > 0 && !globals.includes("window")) return undefined;
    return path.replace(/\.js$/, ".html") + (meta(text, "variant")[0] ?? "");
  }
  if (!/\.html?$/.test(path) || !text.includes("testharness.js")) return undefined;
  return path + (/<meta\s+name="?variant"?\s+content="(\?[^"]+)"/.exec(text)?.[1] ?? "");
}

/** The page around a test that is a script. @param {string} path of the script */
function wrapped(path) {
  const scripts = meta(read(path), "script").map((source) => `<script src="${source}"></script>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>${path}</title>
<script>self.GLOBAL = { isWindow: () => true, isWorker: () => false, isShadowRealm: () => false };</script>
<script src="/resources/testharness.js"></script><script src="/resources/testharnessreport.js"></script>
${scripts}<div id="log"></div><script src="/${path}"></script>`;
}

/** Serves the checkout; sockets of its tests find the arena's echo. @param {string} arenaUrl */
async function serve(arenaUrl) {
  const sockets = new URL(arenaUrl).port;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = decodeURIComponent(pathname.slice(1));
    const answer = (/** @type {string | Buffer} */ body, type = "text/html", headers = {}) =>
      response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store", ...headers }).end(body);
    if (path === "resources/testharnessreport.js") return answer(REPORT, TYPES[".js"]);
    const script = path.replace(/\.html$/, ".js");
    if (/\.(any|window)\.html$/.test(path) && existsSync(join(plan.checkout, script))) return answer(wrapped(script));
    const file = join(plan.checkout, path);
    if (path.split("/").includes("..") || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const headers = existsSync(`${file}.headers`)
      ? Object.fromEntries(readFileSync(`${file}.headers`, "utf8").split("\n").filter((line) => line.includes(":")).map((line) => {
        const at = line.indexOf(":");
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
      })) : {};
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    if (!path.includes(".sub.")) return answer(readFileSync(file), type, headers);
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    return answer(readFileSync(file, "utf8")
      .replace(/\{\{(host|domains\[[^\]]*\]|hosts\[[^\]]*\]\[[^\]]*\])\}\}/g, "127.0.0.1")
      .replace(/\{\{ports\[wss?\]\[\d\]\}\}/g, sockets).replace(/\{\{(ports\[\w+\]\[\d\]|location\[port\])\}\}/g, String(port)), type, headers);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, stop() { server.close(); server.closeAllConnections(); } };
}

/** Opens a page and returns its tests: name → whether it passed. @param {any} page @param {string} address @param {boolean} isHooked */
async function resultsOf(page, address, isHooked) {
  const ask = () => page.evaluate("() => window.conformance ?? null");
  await page.goto(address);
  const hooked = await page.evaluate("() => Symbol.for('rollscope.hooked') in Worker");
  if (hooked !== isHooked) throw new Error(`${address} is hooked: ${hooked}`);
  const isLong = await page.evaluate("() => document.querySelector('meta[name=timeout][content=long]') !== null");
  const results = await until("results", ask, { timeout: isLong ? LONG_MS : PAGE_MS, interval: 30 }).catch(() => ({ status: -1, tests: [] }));
  return new Map([["the page itself", results.status === 0], ...results.tests.map((/** @type {any} */ each) => [each.name, each.status === 0])]);
}

const addresses = [...new Set(plan.only.flatMap((/** @type {string} */ prefix) =>
  filesUnder(prefix.replace(/\/[^/]*$/, "")).filter((path) => path.startsWith(prefix)).map(addressOf).filter(Boolean)))].sort();
const arena = await startArena({ program: plan.arena, root: plan.arenaRoot });
const site = await serve(arena.url);
const { launch } = await driverOf(plan.browser);
const hook = `${readFileSync(plan.hook, "utf8")}\nif (globalThis.Worker) rollscopeHook.start();`;
/** Pages, tests, and tests that passed: in both, only without the hook, only with it. @type {Record<string, number[]>} */
const sums = {};
const worse = [];
/** One browser and one page for each arm. */
const open = async () => {
  browsers = await Promise.all([launch({}), launch({ initScript: hook })]);
  pages = await Promise.all(browsers.map((browser) => browser.openPage(`${site.url}/resources/blank.html`)));
};
/** @type {any[]} */
let browsers = [], pages = [];
await open();
try {
  for (const address of addresses) {
    const both = async () => {
      try {
        return await Promise.all(pages.map((page, arm) => resultsOf(page, `${site.url}/${address}`, arm === 1)));
      } catch (error) {
        console.error(`${address} could not be opened: ${firstLine(error)}`);
        await Promise.all(browsers.map((browser) => browser.close()));
        await open();
        return [new Map(), new Map()];
      }
    };
    const [plain, hooked] = await both();
    const lost = () => [...plain].filter(([name, passed]) => passed && !hooked.get(name)).map(([name]) => name);
    // Some tests of the suite are decided by a race: one that passes with the hook in any round is not lost by the hook,
    // and one that fails without it in any round says nothing.
    for (let round = 1; round < ROUNDS && lost().length > 0; round++) {
      const [again, hookedAgain] = await both();
      for (const name of lost()) {
        if (hookedAgain.get(name)) hooked.set(name, true);
        else if (!again.get(name)) plain.set(name, false);
      }
    }
    for (const name of lost()) worse.push(`${address}: ${name}`);
    const sum = (sums[address.split("/")[0]] ??= [0, 0, 0, 0, 0]);
    const names = [...new Set([...plain.keys(), ...hooked.keys()])].filter((name) => name !== "the page itself");
    sum[0]++;
    sum[1] += names.length;
    for (const name of names) {
      if (plain.get(name) && hooked.get(name)) sum[2]++;
      else if (plain.get(name)) sum[3]++;
      else if (hooked.get(name)) sum[4]++;
    }
  }
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  site.stop();
  await arena.stop();
}
console.log("| folder | pages | tests | pass both ways | pass only without the hook | pass only with it |\n|---|---|---|---|---|---|");
for (const [folder, figures] of Object.entries(sums)) console.log(`| ${folder} | ${figures.join(" | ")} |`);
for (const each of worse) console.error(`only without the hook: ${each}`);
if (worse.length > 0) process.exitCode = 1;
