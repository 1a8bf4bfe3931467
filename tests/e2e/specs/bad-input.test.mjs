// What a user meets when things are not as they should be: a page without known traffic, a worker
// that dies, a file that is no capture.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { engineLog, executedRollbacks, openSession, PANEL } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";


test(`a page without known traffic: the panel says what it looked for and what it saw (${browserName})`, LIMIT, () =>
  withBrowser("unknown-traffic", async ({ browser, arenaUrl, watch }) => {
    const page = await browser.openPage(`${arenaUrl}/idle.html`);
    const panel = await browser.openPanel(page);
    watch(panel);
    const shown = async () => (await panel.text(PANEL.emptyState)) ?? "";
    await until("the empty state to tell of the page's worker", async () => /worker/i.test(await shown()), {
      detail: () => panel.body(),
    });
    assert.equal(await panel.text(PANEL.error), null);
  }),
);

test(`a worker that dies: the session so far stays (${browserName})`, LIMIT, () =>
  withBrowser("dead-worker", async ({ browser, arenaUrl, watch }) => {
    const session = await openSession(browser, arenaUrl);
    watch(session.panel);
    const executed = async () => executedRollbacks(await engineLog(session.observed)).length;
    await until("a few rollbacks", async () => (await executed()) >= 3, { timeout: 300_000, detail: executed });
    await session.observed.evaluate(KILL_NEXT_WORKER);
    await until("the worker's death", () => session.observed.evaluate("() => window.workerIsDead === true"));
    const verdict = () => session.panel.text(PANEL.verdict);
    await until("the verdict to tell of it", async () => /RISK: P1: the worker failed after frame \d+/.test((await verdict()) ?? ""), {
      detail: verdict,
    });
    // The batch that the worker died under may have been sent and never executed.
    const counts = async () => [Number(await session.panel.text(PANEL.rollbackCount)), await executed()];
    await until("the panel to show the rollbacks before", async () => {
      const [shown, count] = await counts();
      return shown >= 3 && Math.abs(shown - count) <= 1;
    }, { detail: counts });
  }),
);

const FIXTURE = readFileSync(new URL("../../fixtures/session-v1.rollscope", import.meta.url));
const TOO_NEW = Buffer.concat([Buffer.from("ROLLSCOP"), Buffer.from([9, 0, 0, 0]), FIXTURE.subarray(12)]);

test(`a file that was cut off: what is there is shown, and the cut is named (${browserName})`, LIMIT, () =>
  withServedFile(`cut-${browserName}.rollscope`, FIXTURE.subarray(0, FIXTURE.length / 2), (address) =>
    withBrowser("cut-file", async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${address}`);
      const panel = pagePanel(page);
      await shows(panel, PANEL.error, /cut off at byte \d+/);
      await shows(panel, PANEL.verdict, /CAPTURE INCOMPLETE/);
      // The rollbacks before the cut are there.
      await shows(panel, PANEL.rollbackCount, /^[1-9]/);
    }),
  ),
);

for (const [what, bytes, named] of /** @type {[string, string | Buffer, RegExp][]} */ ([
  ["is not ours", "hello, this is no capture", /no Rollscope capture.*choose a file/],
  ["is empty", "", /the file is empty: save the capture again/],
  ["is too new", TOO_NEW, /file version 9.*update Rollscope/],
])) {
  test(`a file that ${what}: the panel names the fix (${browserName})`, LIMIT, () =>
    withServedFile(`bad-${browserName}.rollscope`, bytes, (address) =>
      withBrowser("bad-file", async ({ browser, arenaUrl }) => {
        const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${address}`);
        const panel = pagePanel(page);
        await shows(panel, PANEL.error, named);
      }),
    ),
  );
}

/** Waits until a text of the panel matches. @param {import("../drivers/driver").Panel} panel */
const shows = (panel, selector, pattern) =>
  until(`${selector} with ${pattern}`, async () => pattern.test((await panel.text(selector)) ?? ""), {
    detail: async () => [await panel.text(selector), await panel.body()],
  });

/** Terminates the game's worker under the next message that the page sends it. */
const KILL_NEXT_WORKER = `() => {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...args) {
    if (!window.workerIsDead) {
      window.workerIsDead = true;
      this.terminate();
    }
    return postMessage.apply(this, args);
  };
}`;
