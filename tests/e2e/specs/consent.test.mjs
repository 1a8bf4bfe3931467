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
import { startSite } from "../lib/site.mjs";
import { browserName, extensionDir, LIMIT, withBrowser } from "../lib/spec.mjs";
import { TRAFFIC_SITE, untilCaptured, workerMessages } from "../lib/traffic.mjs";

const HOST = "arena.test";
const PATTERN = `http://${HOST}/*`;
const RECORD = "[data-testid=record]";

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
      // The observed page comes back by itself, and takes its game from the other one.
      await untilRecorded(session.panel);

      // Off again by one press, which gives the permission back.
      await session.panel.click(RECORD);
      await until("the hook to leave", () => session.observed.evaluate(IS_UNTOUCHED));
      const sign = async () => (await session.panel.text(RECORD)) ?? "";
      await until("the panel to say so", async () => (await sign()).startsWith("Not allowed"), { detail: sign });
      await session.observed.reload();
      assert.equal(await session.observed.evaluate(IS_UNTOUCHED), true, "also after a reload");
    },
    { loopbackNames: [HOST] },
  ),
);

test(`recording is shown, switched off and on again from the panel (${browserName})`, LIMIT, () =>
  withBrowser("switch", async ({ browser, watch }) => {
    const site = await startSite(TRAFFIC_SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      const panel = await browser.openPanel(page);
      watch(panel);
      const sign = async () => (await panel.text(RECORD)) ?? "";
      // What stands on the extension's button.
      const badge = () => browser.badge(page);
      await until("the sign of a recording", async () => (await sign()).startsWith("REC"), { detail: sign });
      await until("the sign on the button", async () => (await badge()) === "REC", { detail: badge });
      await page.evaluate("() => send(20)");
      await untilCaptured(panel, 20);
      // The panel may ask nobody but itself, not even a page that it may record: nothing can leave the machine by it.
      const asked = await panel.evaluate("(url) => fetch(url, { mode: 'no-cors' }).then(() => 'answered', () => 'refused')", `${site.url}/leak`);
      assert.deepEqual([asked, site.asked.has("/leak")], ["refused", false]);

      await panel.click(RECORD);
      await until("the hook to leave", () => page.evaluate(IS_UNTOUCHED));
      await until("the panel to say so", async () => (await sign()).startsWith("Not allowed"), { detail: sign });
      await until("the button to say so", async () => (await badge()) === "", { detail: badge });
      await page.evaluate("() => send(20)");
      await page.reload();
      assert.equal(await page.evaluate(IS_UNTOUCHED), true, "also after a reload");
      await page.evaluate("() => send(20)");
      await until("the panel to say so", async () => (await sign()).startsWith("Not allowed"), { detail: sign });
      assert.equal(await badge(), "");
      assert.equal((await workerMessages(panel)).sent, 20, "nothing more was recorded");

      await panel.click(RECORD);
      await until("the hook to come back", () => page.evaluate(`() => !(${IS_UNTOUCHED})()`));
      await page.evaluate("() => send(3)");
      const { sent, lost } = await untilCaptured(panel, 23);
      assert.deepEqual([sent, lost], [23, 0]);
      await until("the sign on the button again", async () => (await badge()) === "REC", { detail: badge });
    } finally {
      site.stop();
    }
  }),
);

test("the popup says whether the tab is recorded, and switches it", { ...LIMIT, skip: browserName !== "chromium" && "its driver reaches no popup" }, () =>
  withBrowser("popup", async ({ browser }) => {
    const site = await startSite(TRAFFIC_SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      const popup = await browser.openPopup(page);
      const says = (/** @type {string} */ words) => until(`the popup to say "${words}"`, async () =>
        (await popup.evaluate("() => document.body.innerText")).includes(words), { detail: () => popup.evaluate("() => document.body.innerText") });
      const press = () => popup.evaluate("() => document.getElementById('switch').click()");
      await says(`Recording\n${site.url}`);
      await press();
      await says(`Not recording\n${site.url}`);
      await until("the hook to leave", () => page.evaluate(IS_UNTOUCHED));
      await page.reload();
      assert.equal(await page.evaluate(IS_UNTOUCHED), true, "also after a reload");
      // It closes itself with this, while the page loads anew.
      await press().catch(() => {});
      await until("the hook to come back", () => page.evaluate(`() => !(${IS_UNTOUCHED})()`).catch(() => false));
      const none = await browser.openPopup();
      await until("a tab without a page", () => none.evaluate("() => document.body.innerText.includes('Nothing to record here') && document.getElementById('switch').hidden"));
    } finally {
      site.stop();
    }
  }),
);

if (browserName === "chromium") {
  test(`an allowed origin is recorded after a reload from the panel (${browserName})`, LIMIT, () =>
    withAllowed(PATTERN, (allowed) =>
      withBrowser(
        "allowed",
        async ({ browser, arenaUrl, watch }) => {
          const session = await openSession(browser, arenaUrl.replace("127.0.0.1", HOST));
          watch(session.panel);
          // The first pages of a new browser can be faster than the extension's start, or slower; the offer may also go
          // away in the moment in which it would be pressed.
          const { panel } = session;
          await until("the panel to record, or to take the press", async () => {
            if (Number(await panel.text(PANEL.rollbackCount)) > 0) return "records";
            if ((await panel.count(PANEL.consent)) === 0) return undefined;
            return panel.click(PANEL.consent, 2_000).then(() => "pressed", () => undefined);
          }, { timeout: 90_000, detail: () => panel.body() });
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
    timeout: 150_000,
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
