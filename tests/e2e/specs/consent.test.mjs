// A page that is not on loopback: nothing of it is touched until the user says so, and after that
// it is recorded as any other.
//
// The browser's own prompt is the one step that no driver reaches. In Firefox the permission is
// given behind it and the panel's button then goes all the way; in Chromium, where it cannot be
// given from outside, a second browser starts with an extension that holds it already.
// @ts-check
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { openSession, PANEL } from "../lib/session.mjs";
import { browserName, extensionDir, withBrowser } from "../lib/spec.mjs";

const HOST = "arena.test";
const PATTERN = `http://${HOST}/*`;
const LIMIT = { timeout: 180_000 };

/** Whether the page's own constructors are still the browser's. */
const IS_UNTOUCHED = "() => !(Symbol.for('rollscope.hooked') in Worker)";

test(`another origin is left alone until the user consents (${browserName})`, LIMIT, () =>
  withBrowser(
    "consent",
    async ({ browser, arenaUrl, watch }) => {
      const session = await openSession(browser, arenaUrl.replace("127.0.0.1", HOST));
      watch(session.panel);
      const shown = async () => (await session.panel.text(PANEL.emptyState)) ?? "";
      await until("the panel to ask for consent", async () => (await shown()).includes(`Record on http://${HOST}`), {
        detail: shown,
      });
      assert.equal(await session.observed.evaluate(IS_UNTOUCHED), true);
      assert.equal(await session.panel.text(PANEL.verdict), null);
      if (!browser.grant) return;

      await browser.grant(PATTERN);
      await session.panel.click(PANEL.consent);
      // The observed page comes back by itself; its game needs the other player anew as well.
      await session.other.reload();
      await untilRecorded(session.panel);
    },
    { loopbackNames: [HOST] },
  ),
);

if (browserName === "chromium") {
  test(`an allowed origin is recorded after a reload from the panel (${browserName})`, LIMIT, () =>
    withAllowed(PATTERN, (allowed) =>
      withBrowser(
        "allowed",
        async ({ browser, arenaUrl, watch }) => {
          const session = await openSession(browser, arenaUrl.replace("127.0.0.1", HOST));
          watch(session.panel);
          // The first pages of a new browser can be faster than the extension's start, or slower.
          const offers = async () => (await session.panel.count(PANEL.consent)) > 0;
          const records = async () => (await session.panel.count(PANEL.rollbackCount)) > 0;
          await until("the panel to offer or to record", async () => (await offers()) || (await records()));
          if (await offers()) {
            await session.panel.click(PANEL.consent);
            await session.other.reload();
          }
          await untilRecorded(session.panel);
        },
        { loopbackNames: [HOST], extensionDir: allowed },
      ),
    ),
  );
}

async function untilRecorded(panel) {
  const count = async () => Number(await panel.text(PANEL.rollbackCount));
  await until("rollbacks on the other origin", async () => (await count()) > 2, {
    timeout: 40_000,
    detail: () => panel.body(),
  });
}

/** The extension with one more origin that it holds from the start. */
async function withAllowed(pattern, body) {
  const folder = mkdtempSync(join(tmpdir(), "rollscope-allowed-"));
  try {
    cpSync(extensionDir, folder, { recursive: true });
    const path = join(folder, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.host_permissions.push(pattern);
    writeFileSync(path, JSON.stringify(manifest));
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
