// The browser's own question for a permission, answered as a user does: in a window on a display, with its mouse. Headless, no
// browser asks; what leads to the question and what follows it is in consent.test.mjs, too.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { noDisplay, startDisplay } from "../lib/display.mjs";
import { PANEL } from "../lib/session.mjs";
import { startSite } from "../lib/site.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { TRAFFIC_SITE, untilCaptured } from "../lib/traffic.mjs";

const HOST = "arena.test";
const OPTIONS = { ...LIMIT, skip: noDisplay() };
const RECORD = "[data-testid=record]";
const IS_HOOKED = "() => Symbol.for('rollscope.hooked') in Worker";

/** A page of a site that is on no loopback by name, in a browser on a display. @param {string} name @param {(given: any) => Promise<void>} body */
async function onDisplay(name, body) {
  const display = await startDisplay();
  const site = await startSite(TRAFFIC_SITE);
  try {
    await withBrowser(name, async (setting) => {
      const page = await setting.browser.openPage(`http://${HOST}:${site.port}/`);
      await body({ ...setting, page });
    }, { display, loopbackNames: [HOST] });
  } finally {
    site.stop();
    display.stop();
  }
}

test(`a no leaves the page alone and is said, a yes records it (${browserName})`, OPTIONS, () =>
  onDisplay("question", async ({ browser, page, watch }) => {
    const panel = await browser.openPanel(page);
    watch(panel);
    const shown = async () => (await panel.text(PANEL.emptyState)) ?? "";
    const untilShown = (/** @type {string} */ text) => until(`the panel to say "${text}"`, async () => (await shown()).includes(text), { detail: shown });
    /** Presses until the browser asks: while a window comes up, what is in it moves, and a press can miss. */
    const press = async () => {
      await until("the panel to ask the browser", async () => {
        if ((await shown()).includes("The browser asks")) return true;
        await panel.click(PANEL.consent);
        return (await shown()).includes("The browser asks");
      }, { interval: 500, detail: shown });
    };
    await untilShown(`Record on http://${HOST}`);
    await page.evaluate("() => { document.title = 'before'; }");

    await press();
    await browser.answerConsent("deny");
    await untilShown("The permission was not given");
    await page.evaluate("() => send(20)");
    assert.deepEqual(await page.evaluate(`() => [document.title, (${IS_HOOKED})()]`), ["before", false], "nothing was loaded anew or touched");
    await page.reload();
    assert.equal(await page.evaluate(IS_HOOKED), false, "nor later");
    await untilShown(`Record on http://${HOST}`);
    assert.equal((await panel.text(RECORD)) ?? "", "Not allowed");

    await page.evaluate("() => { document.title = 'before'; }");
    await press();
    await browser.answerConsent("allow");
    await until("the page to be loaded anew, with the hook", () => page.evaluate(`() => document.title === 'Traffic' && (${IS_HOOKED})()`).catch(() => false));
    await until("the sign of a recording", async () => ((await panel.text(RECORD)) ?? "").startsWith("REC"));
    await until("the sign on the button", async () => (await browser.badge(page)) === "REC");
    await page.evaluate("() => send(20)");
    const { sent, lost } = await untilCaptured(panel, 20);
    assert.deepEqual([sent, lost], [20, 0]);

    // One press gives the permission back. Firefox asks again for the next one, Chromium remembers that it was given before.
    await panel.click(RECORD);
    await until("the hook to leave", () => page.evaluate(`() => !(${IS_HOOKED})()`));
    await untilShown(`Record on http://${HOST}`);
    await panel.click(PANEL.consent);
    if (browserName === "firefox") await browser.answerConsent("allow");
    await until("the hook to come back", () => page.evaluate(IS_HOOKED).catch(() => false));
  }),
);

test(`the popup asks, and a page that it asked for is loaded anew although the question closed it (${browserName})`, OPTIONS, () =>
  onDisplay("question-popup", async ({ browser, page }) => {
    const ask = async () => {
      const popup = await browser.openPopup(page);
      await until("the popup's switch", () => popup.evaluate("() => !document.getElementById('switch').hidden"));
      // The popup may be gone before it can say that it was pressed.
      await popup.click("#switch").catch(() => {});
    };
    await ask();
    await browser.answerQuestion("deny");
    assert.equal(await page.evaluate(IS_HOOKED), false);
    await ask();
    await browser.answerQuestion("allow");
    await until("the page to be loaded anew, with the hook", () => page.evaluate(IS_HOOKED).catch(() => false));
    await until("the sign on the button", async () => (await browser.badge(page)) === "REC");
  }),
);
