// What a page notices of the hook: nothing. The same assertions run in a page with the hook and in one without, and
// everything that they note must be equal.
//
// tests/e2e/conformance holds the pages. They speak the names of testharness.js; `cargo xtask wpt` runs pages of
// web-platform-tests in the same two ways.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { startSite } from "../lib/site.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const FOLDER = fileURLToPath(new URL("../conformance/", import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({ ".js": "text/javascript", ".css": "text/css" });
const PAGE = (/** @type {string} */ name) => `<!doctype html><title>${name}</title><body>
<script src="/conformance/harness.js"></script><script src="/conformance/report.js"></script><script src="/conformance/${name}.js"></script>`;

const resources = new Proxy(/** @type {Record<string, any>} */ ({}), {
  get(_, path) {
    const name = String(path);
    const own = name.match(/^\/conformance\/(\w+)\.html$/);
    if (own) return PAGE(own[1]);
    if (!name.startsWith("/conformance/")) return undefined;
    const file = join(FOLDER, name.slice(13));
    try { return { body: readFileSync(file, "utf8"), type: TYPES[extname(file)] ?? "text/html" }; } catch { return undefined; }
  },
});
const OURS = ["surface", "workers", "network"].map((name) => `/conformance/${name}.html`);

test(`a page behaves with the hook as without it (${browserName})`, LIMIT, () =>
  withBrowser("transparency", async ({ browser, arenaUrl }) => {
    const site = await startSite(resources);
    try {
      for (const path of OURS) {
        const echo = `${arenaUrl.replace("http", "ws")}/echo`;
        const arms = [];
        // Both names are this machine and count as secure; the extension looks at the first alone.
        for (const host of ["localhost", "unhooked.localhost"]) {
          const page = await browser.openPage(`http://${host}:${site.port}${path}?echo=${encodeURIComponent(echo)}`);
          const isHooked = await page.evaluate("() => Symbol.for('rollscope.hooked') in Worker");
          assert.equal(isHooked, host === "localhost", `${host} is hooked: ${isHooked}`);
          const results = await until(`the results of ${path} on ${host}`, () => page.evaluate("() => window.conformance ?? null"), { detail: () => page.evaluate("() => document.body?.innerText.slice(0, 300) ?? ''") });
          arms.push(JSON.parse(JSON.stringify(results).replaceAll(`${host}:${site.port}`, "HOST").replaceAll(host, "HOST")));
          await page.close();
        }
        const [hooked, plain] = arms;
        assert.ok(plain.tests.length > 0, `${path} holds tests`);
        assert.deepEqual(plain.tests.filter((/** @type {any} */ each) => each.status !== 0), [], `${path} without the hook`);
        assert.deepEqual(hooked.tests, plain.tests, path);
        for (const [i, [name, value]] of plain.notes.entries()) assert.deepEqual(hooked.notes[i], [name, value], `${path}: ${name}`);
        assert.equal(hooked.notes.length, plain.notes.length);
      }
    } finally {
      site.stop();
    }
  }),
);
