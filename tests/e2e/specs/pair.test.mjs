// Three pages in one game, each recorded by the hook without the extension, opened together in the panel as an ordinary
// page: the State view compares any two of them, and any one with its own state before.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { openPeers, stopAll, untilAll } from "../lib/peers.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, hookScript, LIMIT, withBrowser } from "../lib/spec.mjs";
import { reportOf } from "../lib/traffic.mjs";

test(`any two of three peers are compared (${browserName})`, LIMIT, () =>
  withBrowser("pair", async ({ browser, arenaUrl, watch }) => {
    const pages = await openPeers([browser, browser, browser], arenaUrl);
    await untilAll("confirmed frames of all", pages, (stats) => stats.confirmed > 40);
    await stopAll(pages);
    const files = [];
    for (const page of pages) {
      await page.evaluate("() => rollscopeHook.stop()");
      files.push(Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));
      await page.close();
    }
    const serve = (/** @type {string[]} */ addresses) => {
      const bytes = files[addresses.length];
      if (!bytes) return look(addresses);
      return withServedFile(`pair-${addresses.length}-${browserName}.rollscope`, bytes, (address) => serve([...addresses, address]));
    };
    const look = async (/** @type {string[]} */ addresses) => {
      const query = addresses.map((address) => `capture=${address}`).join("&");
      const panel = pagePanel(await browser.openPage(`${arenaUrl}/panel/extension/panel.html?${query}`));
      watch(panel);
      await until("all three sides", async () => (await panel.count(PANEL.verdict)) === 1 && (await reportOf(panel)).session.peers.filter((/** @type {any} */ peer) => peer.is_observed).length === 3, { detail: () => panel.body() });
      await showView(panel, "state");
      await until("two lists", async () => (await panel.count("[data-testid=left-peer]")) + (await panel.count("[data-testid=right-peer]")) === 2, { detail: () => panel.body() });
      await compares(panel, ["P1", "P2"]);
      await choose(panel, "right-peer", 2);
      await compares(panel, ["P1", "P3"]);
      await choose(panel, "left-peer", 1);
      await compares(panel, ["P2", "P3"]);
      // A peer is never compared with itself.
      await choose(panel, "left-peer", 2);
      await compares(panel, ["P3", "P2"]);
      await panel.press("v");
      await until("one peer with its state before", async () => /^P3 at \d+ P3 at \d+$/.test(await heads(panel)), { detail: () => heads(panel) });
    };
    await serve([]);
  }, { initScript: `${readFileSync(hookScript, "utf8")}\nrollscopeHook.start();` }));

const heads = async (/** @type {any} */ panel) =>
  JSON.parse(await panel.evaluate(`() => JSON.stringify([...document.querySelectorAll(".state .heads .value")].map((head) => head.textContent))`)).join(" ");

/** The heads name both peers, and so do the sources of a row that is selected. @param {any} panel @param {string[]} names */
async function compares(panel, names) {
  await until(names.join(" against "), async () => (await heads(panel)) === names.join(" "), { detail: () => panel.body() });
  await until("rows", async () => (await panel.count("[data-testid=state-row]")) > 0 || (await panel.count("[data-testid=state-equal]")) === 1, { detail: () => panel.body() });
  if ((await panel.count("[data-testid=state-row]")) === 0) await panel.click("[data-testid=state-equal]");
  await until("a row", async () => (await panel.count("[data-testid=state-row]")) > 0, { detail: () => panel.body() });
  await panel.click("[data-testid=state-row]");
  const sources = async () => (await panel.text(".pane-body")) ?? "";
  const pattern = new RegExp(`where the texts come from${names[0]}#\\d+.*${names[1]}#\\d+`);
  await until("where both texts come from", async () => pattern.test(await sources()), { detail: sources });
  assert.equal(new Set(names).size, 2);
}

/** @param {any} panel @param {string} list @param {number} place */
const choose = (panel, list, place) => panel.evaluate(`(list, place) => {
  const box = document.querySelector("[data-testid=" + list + "]");
  box.value = String(place);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}`, list, place);
