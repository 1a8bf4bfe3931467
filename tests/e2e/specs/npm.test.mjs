// The runtime as npm would get it: installed into an empty folder elsewhere, its example is played there by two
// pages, its types are checked, and its manifest names only files that are there.
// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../drivers/common.mjs";
import { startArena } from "../lib/arena.mjs";
import { arenaProgram, arenaRoot, browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const folder = join(arenaRoot, "../npm/rollscope-runtime");
const clientFolder = fileURLToPath(new URL("../../../demo/node_modules/socket.io-client", import.meta.url));

test("the npm folder is whole", { skip: browserName !== "chromium" && "once is enough" }, () => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const named = Object.values(manifest.exports).flatMap((one) => (typeof one === "string" ? [one] : Object.values(one)));
  for (const file of [...named, "README.md", "LICENSE-MIT", "LICENSE-APACHE", "example/index.html"]) {
    assert.ok(existsSync(join(folder, file)), `${file} is missing`);
  }
  const types = readFileSync(join(folder, manifest.types), "utf8");
  for (const name of ["class Session", "interface SessionOptions", "interface Environment", "function hashState", "function serveEnvironment"]) {
    assert.ok(types.includes(name), `the types do not name ${name}`);
  }
  const lines = ["page.js", "worker.js"].map((file) => readFileSync(join(folder, "example", file), "utf8").trim().split("\n").length);
  assert.ok(lines[0] + lines[1] <= 48, `${lines} lines: it is to be about forty`);
});

test("npm installs the folder elsewhere, and its types hold under tsc --strict", { skip: browserName !== "chromium" && "once is enough" }, () =>
  withInstalled((app) => {
    writeFileSync(join(app, "page.ts"), readFileSync(new URL("../lib/npm-types.ts", import.meta.url)));
    const options = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib: ["es2022", "dom", "esnext.disposable"], types: [] };
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["page.ts"] }));
    const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
    const checked = spawnSync(process.execPath, [tsc, "-p", app], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    // A checker that saw no types would pass everything.
    writeFileSync(join(app, "page.ts"), 'import { hashState } from "rollscope-runtime";\nconst hash: number = hashState("{}");\n');
    const refused = spawnSync(process.execPath, [tsc, "-p", app], { encoding: "utf8" });
    assert.match(refused.stdout, /TS2322/, "a wrong use is an error");
  }),
);

test(`two pages of the example play each other from where npm installed it (${browserName})`, LIMIT, () =>
  withInstalled((app) => {
    // As the folder's README says: the example's files beside the installed packages.
    cpSync(join(app, "node_modules/rollscope-runtime/example"), app, { recursive: true });
    cpSync(clientFolder, join(app, "node_modules/socket.io-client"), { recursive: true });
    return withBrowser("npm", async ({ browser }) => {
      const server = await startArena({ program: arenaProgram, root: app });
      try {
        await playExample(browser, (room) => `${server.url}/?room=${room}`);
      } finally {
        await server.stop();
      }
    }, { extensionDir: undefined });
  }),
);

/**
 * Packs the folder and installs it, as a user would, in an empty folder outside of the repository.
 * @param {(app: string) => void | Promise<void>} body
 */
async function withInstalled(body) {
  const app = mkdtempSync(join(tmpdir(), "rollscope-npm-"));
  try {
    writeFileSync(join(app, "package.json"), JSON.stringify({ name: "an-application", private: true, type: "module" }));
    // Offline: the folder must need nothing that is not in it.
    const npm = (/** @type {string[]} */ ...words) => {
      const done = spawnSync("npm", [...words, "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", join(app, "cache")], { cwd: app, encoding: "utf8" });
      assert.equal(done.status, 0, `npm ${words.join(" ")}: ${done.stdout}${done.stderr}`);
      return done.stdout;
    };
    const packed = JSON.parse(npm("pack", folder, "--json"))[0];
    npm("install", `./${packed.filename}`);
    assert.ok(existsSync(join(app, "node_modules/rollscope-runtime/rollscope_runtime_bg.wasm")));
    await body(app);
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
}

/**
 * Two pages at an address play, settle on the same states, and say what they did.
 * @param {import("../drivers/driver").Browser} browser @param {(room: string) => string} address
 */
async function playExample(browser, address) {
  const room = `dots-${process.pid}-${browserName}`;
  /** @type {import("../drivers/driver").Page[]} */
  const pages = [];
  for (let count = 0; count < 2; count += 1) pages.push(await browser.openPage(address(room)));
  const stats = () => Promise.all(pages.map((page) => page.evaluate("() => window.session?.stats() ?? null")));
  const press = "(name, key) => window.dispatchEvent(new KeyboardEvent(name, { key }))";
  await until("both to play", async () => (await stats()).every((one) => one?.status === "playing"), {
    detail: () => Promise.all(pages.map((page) => page.evaluate("() => document.body.innerText"))),
  });
  // Which page is which player depends on whose script was ready first, and the coin may move to a dot at rest.
  const mover = (await stats())[0].player;
  await pages[0].evaluate(press, "keydown", "ArrowRight");
  const pictures = () => Promise.all(pages.map((page) => page.evaluate("() => document.getElementById('picture').textContent")));
  await until("points for the dot that moves", async () => {
    const points = (await pictures()).map((text) => /(\d+) : (\d+)$/.exec(text)?.[mover + 1]);
    return points.every((count) => Number(count) > 0);
  }, { detail: pictures });
  await pages[0].evaluate(press, "keyup", "ArrowRight");
  await until("sixty confirmed frames", async () => (await stats()).every(({ confirmed }) => confirmed >= 60), { detail: stats });
  const seen = (await stats()).map(({ desyncs, unreadable, foreign }) => [desyncs, unreadable, foreign]);
  assert.deepEqual(seen, [[0, 0, 0], [0, 0, 0]]);
  const declared = /interface SessionStats \{([^}]*)\}/.exec(readFileSync(join(folder, "rollscope_runtime.d.ts"), "utf8"))?.[1] ?? "";
  const names = [...declared.matchAll(/(\w+): /g)].map(([, name]) => name).sort();
  assert.deepEqual(Object.keys((await stats())[0]).sort(), names, "the figures are those that the types name");
  await Promise.all(pages.map((page) => page.evaluate("async () => { await window.session.stop(); }")));
  const hashes = await Promise.all(pages.map(async (page) => {
    const lines = (await page.evaluate("() => window.session.engineLog()")).trim().split("\n").map((line) => JSON.parse(line));
    return new Map(lines.filter((line) => line.event === "hash").map((line) => [line.frame, line.hash]));
  }));
  const common = [...hashes[0].keys()].filter((frame) => hashes[1].has(frame));
  assert.ok(common.length >= 5, `${common.length} common hashes`);
  for (const frame of common) assert.equal(hashes[0].get(frame), hashes[1].get(frame), `frame ${frame}`);
}
