// The runtime as npm would get it: the example of its folder is played by two pages, and its manifest
// names only files that are there.
// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { arenaRoot, browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const folder = join(arenaRoot, "../npm/rollscope-runtime");

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
  assert.ok(lines[0] + lines[1] <= 70, `${lines} lines`);
});

test(`two pages of the example play each other (${browserName})`, LIMIT, () =>
  withBrowser(
    "npm",
    async ({ browser, arenaUrl }) => {
      const room = `dots-${process.pid}-${browserName}`;
      const pages = [];
      for (let count = 0; count < 2; count += 1) {
        pages.push(await browser.openPage(`${arenaUrl}/npm/example/index.html?room=${room}`));
      }
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
      await Promise.all(pages.map((page) => page.evaluate("async () => { await window.session.stop(); }")));
      const hashes = await Promise.all(pages.map(async (page) => {
        const lines = (await page.evaluate("() => window.session.engineLog()")).trim().split("\n").map((line) => JSON.parse(line));
        return new Map(lines.filter((line) => line.event === "hash").map((line) => [line.frame, line.hash]));
      }));
      const common = [...hashes[0].keys()].filter((frame) => hashes[1].has(frame));
      assert.ok(common.length >= 5, `${common.length} common hashes`);
      for (const frame of common) assert.equal(hashes[0].get(frame), hashes[1].get(frame), `frame ${frame}`);
    },
    { extensionDir: undefined },
  ),
);
