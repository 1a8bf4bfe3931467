// The long form of the loss tests: a steady flow, and ten of each disturbance; captured must be sent, to the message.
// @ts-check
import { until } from "../drivers/common.mjs";
import { untilCaptured, workerMessages } from "../lib/traffic.mjs";

const TIMES = 10;

/**
 * @param {import("../drivers/driver").Browser} browser @param {{url: string}} site with the traffic pages
 * @param {{seconds: number, rate: number}} plan
 * @param {(result: {what: string, sent: number, captured: number}) => void} tell called after each part
 */
export async function lossRun(browser, site, { seconds, rate }, tell) {
  const page = await browser.openPage(`${site.url}/`);
  await page.evaluate("() => { localStorage.clear(); }");
  const panel = await browser.openPanel(page);
  const flow = (/** @type {number} */ length) => page.evaluate(`() => { flow(${rate}, ${length}); }`);
  const ended = () => until("the end of the flow", () => page.evaluate("() => !window.isFlowing"), { timeout: 1000 * seconds + 30_000, interval: 200 });
  const present = () => page.evaluate("() => sent");
  /** @param {string} what */
  const count = async (what) => {
    const sent = await present();
    await untilCaptured(panel, sent, 0, 60_000).catch(() => {});
    const { sent: captured } = await workerMessages(panel);
    tell({ what, sent, captured });
  };

  // Both at once: the steady rate for its whole time, and the background stopped every few seconds of it.
  await flow(seconds);
  for (let i = 0; i < TIMES; i++) {
    const goal = (await present()) + (rate * seconds) / (TIMES + 2);
    await until("some seconds of messages", async () => (await present()) >= goal || (await page.evaluate("() => !window.isFlowing")), { timeout: 1000 * seconds + 30_000, interval: 200 });
    await browser.stopBackground();
  }
  await ended();
  await count(`${rate.toLocaleString("en")} messages/s for ${seconds} s, the service worker or event page killed ${TIMES} times meanwhile`);

  // A panel that comes anew gets the ring from its beginning: a document small enough to be in it whole.
  await page.reload();
  await page.evaluate("() => { localStorage.clear(); }");
  const isHere = () => page.evaluate("() => typeof flow === 'function'");
  await until("the page", isHere);
  await page.evaluate(`() => { flow(${rate / 4}, ${TIMES}); }`);
  for (let i = 0; i < TIMES; i++) {
    const goal = (await present()) + rate / 10;
    await until("messages", async () => (await present()) >= goal || (await page.evaluate("() => !window.isFlowing")));
    await panel.reload();
  }
  await ended();
  await panel.reload();
  await count(`panel reloaded ${TIMES} times`);

  const before = { sent: await present(), captured: (await workerMessages(panel)).sent };
  const gone = async () => Number(await page.evaluate("() => Number(localStorage.sent ?? 0)")) + (await present());
  for (let i = 0; i < TIMES; i++) {
    await page.evaluate(`() => { flow(${rate}, 1); }`);
    await until("messages of this document", async () => (await present()) > rate / 10);
    if (i % 2) await page.reload(); else await page.goto(`${site.url}${i % 4 ? "/" : "/again"}`);
    await until("the page", isHere);
  }
  const sent = (await gone()) - before.sent;
  await untilCaptured(panel, before.captured + sent, 0, 60_000).catch(() => {});
  tell({ what: `page navigated ${TIMES} times`, sent, captured: (await workerMessages(panel)).sent - before.captured });
  await page.close();
}
