// A page that is not on loopback: nothing of it is touched until the user says so, and after that
// it is recorded as any other.
//
// The browser's own question is asked on a display only, and answered there by question.test.mjs. Here Firefox is told to say yes
// instead of asking, and everything before and after goes as a user's press does; Chromium cannot be told so, and a second browser
// starts with an extension that holds the permission already.
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
      if (!browser.answerConsent) return;

      await session.panel.click(PANEL.consent);
      await browser.answerConsent();
      // The observed page comes back by itself, and takes its game from the other one.
      await untilRecorded(session.panel);
      await session.other.reload();
      assert.equal(await session.other.evaluate(IS_UNTOUCHED), false, "the site is recorded in every tab");

      // Off again by one press, which gives the permission back, and in every tab, also while the background is stopped.
      await browser.stopBackground();
      await session.panel.click(RECORD);
      await until("the hook to leave", () => session.observed.evaluate(IS_UNTOUCHED));
      await until("the hook to leave the other tab", () => session.other.evaluate(IS_UNTOUCHED));
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

const FRAMED = (/** @type {string} */ other) => `<!doctype html><title>Framed</title><script>
  addEventListener("message", ({ data }) => { if (data === "busy") window.isBusy = true; else window.isInnerHooked = data.isHooked; });
</script><iframe src="${other}/inner"></iframe>`;
/** Of another origin, and so in a process and with storage of its own. */
const INNER = `<!doctype html><script>
  const tell = () => parent.postMessage({ isHooked: Symbol.for("rollscope.hooked") in Worker }, "*");
  addEventListener("message", ({ data }) => {
    if (data === "busy") { parent.postMessage("busy", "*"); for (const end = performance.now() + 1500; performance.now() < end;); }
    tell();
  });
  tell();
</script>`;

test(`a press reaches frames of other origins, although the page is loaded anew at once (${browserName})`, LIMIT, () => {
  /** @type {Record<string, string>} */
  const resources = { "/inner": INNER, "/again": "<!doctype html><title>Again</title>" };
  return withBrowser("frames-switched", async ({ browser, watch }) => {
    const site = await startSite(resources);
    resources["/"] = FRAMED(site.otherOrigin);
    try {
      const page = await browser.openPage(`${site.url}/`);
      const panel = await browser.openPanel(page);
      watch(panel);
      /** Both frames, as the inner one says when it is asked now. @param {boolean} isHooked */
      const untilBoth = (isHooked) => until(`both frames to be ${isHooked ? "recorded" : "left alone"}`, async () => {
        const [outer, inner] = await page.evaluate(`() => { frames[0]?.postMessage("tell", "*"); return [Symbol.for("rollscope.hooked") in Worker, window.isInnerHooked ?? null]; }`);
        return outer === isHooked && inner === isHooked;
      }, { detail: () => page.evaluate(`() => [Symbol.for("rollscope.hooked") in Worker, window.isInnerHooked ?? null]`) });
      const sign = async () => (await panel.text(RECORD)) ?? "";
      const untilSign = (/** @type {string} */ text) => until(`the panel to say ${text}`, async () => (await sign()).startsWith(text), { detail: sign });
      // A frame that is busy hears of a press later than the page, or never if its page is gone by then.
      const keepBusy = async () => {
        await page.evaluate(`() => { window.isBusy = false; frames[0].postMessage("busy", "*"); }`);
        await until("the inner frame to be busy", () => page.evaluate("() => window.isBusy"));
      };
      await untilSign("REC");
      await untilBoth(true);

      await keepBusy();
      await panel.click(RECORD);
      await page.reload();
      await untilSign("Not allowed");
      await untilBoth(false);
      // The other origin may not have heard it for later loads; of this page it is told again each time.
      await page.reload();
      await untilBoth(false);

      // What an origin remembers is taken from it before the page is loaded anew, however busy its frame is.
      await page.evaluate("() => { document.title = 'before'; }");
      await panel.click(RECORD);
      await until("the page to be loaded anew", () => page.evaluate("() => document.title === 'Framed'").catch(() => false));
      await untilSign("REC");
      await untilBoth(true);
      await panel.click(RECORD);
      await untilSign("Not allowed");
      await untilBoth(false);
      await keepBusy();
      await browser.stopBackground();
      await panel.click(RECORD);
      await untilSign("REC");
      await untilBoth(true);

      // Another tab of the origin is switched off with it.
      const other = await browser.openPage(`${site.url}/again`);
      assert.equal(await other.evaluate(IS_UNTOUCHED), false);
      await page.bringToFront();
      await panel.click(RECORD);
      await until("the hook to leave the other tab", () => other.evaluate(IS_UNTOUCHED));
    } finally {
      site.stop();
    }
  });
});

test(`the popup says whether the tab is recorded, and switches it (${browserName})`, LIMIT, () =>
  withBrowser("popup", async ({ browser, watch }) => {
    const site = await startSite(TRAFFIC_SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      const panel = await browser.openPanel(page);
      watch(panel);
      const sign = async () => (await panel.text(RECORD)) ?? "";
      await until("the sign of a recording", async () => (await sign()).startsWith("REC"), { detail: sign });
      const popup = await browser.openPopup(page);
      const says = (/** @type {string} */ words) => until(`the popup to say "${words}"`, async () =>
        (await popup.evaluate("() => document.body.innerText")).includes(words), { detail: () => popup.evaluate("() => document.body.innerText") });
      const press = () => popup.click("#switch");
      await says(`Recording\n${site.url}`);
      await press();
      await says(`Not recording\n${site.url}`);
      await until("the hook to leave", () => page.evaluate(IS_UNTOUCHED));
      await until("the panel to say so", async () => (await sign()).startsWith("Not allowed"), { detail: sign });
      await page.reload();
      assert.equal(await page.evaluate(IS_UNTOUCHED), true, "also after a reload");
      // It closes itself with this, while the page loads anew.
      await press().catch(() => {});
      await until("the hook to come back", () => page.evaluate(`() => !(${IS_UNTOUCHED})()`).catch(() => false));
      await until("the panel to say so", async () => (await sign()).startsWith("REC"), { detail: sign });
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
          }, { detail: () => panel.body() });
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
    timeout: 300_000,
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
