// The timeline and the frame around the views, by keyboard: selection, zoom, axis, filter, palette, markers,
// deep links, and what an accessibility engine says of every view.
// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { pagePanel } from "../lib/page-panel.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { withServedFile } from "../lib/served.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

const FIXTURE = readFileSync(new URL("../../fixtures/session-v1.rollscope", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Opens the fixture in the panel as an ordinary page. @param {string} hash @param {(panel: any, page: any) => Promise<void>} body */
const withFixture = (name, hash, body) =>
  withServedFile(`${name}-${browserName}.rollscope`, FIXTURE, (address) =>
    withBrowser(name, async ({ browser, arenaUrl, watch }) => {
      const page = await browser.openPage(`${arenaUrl}/panel/extension/panel.html?capture=${address}${hash}`);
      const panel = pagePanel(page);
      watch(panel);
      await until("the verdict", async () => (await panel.count(PANEL.verdict + ", [data-testid=timeline]")) > 0, {
        detail: () => panel.body(),
      });
      await body(panel, page);
    }),
  );

const SPOKEN = "[data-testid=spoken-selection]";
const address = (panel) => panel.evaluate("() => location.hash");
const label = (panel) => panel.attribute("[data-testid=timeline]", "aria-label");

/** Waits until what `ask` gives matches. */
const shows = (what, ask, pattern) =>
  until(what, async () => pattern.test((await ask()) ?? ""), { detail: ask });

test(`a link opens a frame, and keys go on from there (${browserName})`, LIMIT, () =>
  withFixture("deep-link", "#view=timeline&frame=22&range=10..40", async (panel) => {
    await shows("the linked frame", () => panel.text(SPOKEN), /^Frame 22 is selected; P1 .*rollback of depth 4/);
    await shows("the linked range", () => label(panel), /frames 10 to 40/);
    await panel.press(".");
    await shows("the next frame", () => panel.text(SPOKEN), /^Frame 23 is selected/);
    await shows("the frame in the address", () => address(panel), /frame=23/);
    await panel.press("Shift+.");
    await shows("the next rollback", () => panel.text(SPOKEN), /^Frame 31 is selected.*rollback of depth 4/);
    await panel.press("t");
    await shows("the time axis", () => label(panel), /seconds 0\.\d to 0\.\d/);
    await shows("the axis in the address", () => address(panel), /axis=time/);
    await panel.press("t");
    await panel.press("f");
    await shows("the whole episode", () => label(panel), /frames 0 to 125/);
  }),
);

test(`filter, markers and the palette by keyboard alone (${browserName})`, LIMIT, () =>
  withFixture("palette", "#view=timeline", async (panel) => {
    await panel.press("/");
    await until("the focus in the filter", () => panel.evaluate("() => document.activeElement?.id === 'filter-box'"), { detail: () => panel.evaluate(FOCUSED) });
    await panel.evaluate(TYPE, "[data-testid=filter]", "depht>4");
    await shows("what is wrong", () => panel.text("#filter-error"), /no key depht; keys are frame, player/);
    await panel.evaluate(TYPE, "[data-testid=filter]", "kind:rollback depth>4");
    await until("no error", async () => (await panel.count("#filter-error")) === 0);
    await panel.press("Enter");
    await shows("the only rollback of depth 5", () => panel.text(SPOKEN), /^Frame 41 is selected.*depth 5/);
    await panel.press("Escape");
    await panel.evaluate("() => document.activeElement.blur()");

    await panel.press("m");
    await until("a marker", async () => (await panel.count("[data-testid=marker-note]")) === 1);
    await panel.press(".");
    await until("an unmarked frame", async () => (await panel.count("[data-testid=marker-note]")) === 0);
    await panel.press("p");
    await until("the palette", () => panel.evaluate("() => document.activeElement?.id === 'palette-box'"), { detail: () => panel.evaluate(FOCUSED) });
    await panel.evaluate(TYPE, "[data-testid=palette]", "previous marker");
    await panel.press("Enter");
    await shows("the marker again", () => panel.text(SPOKEN), /^Frame 41 is selected/);
    const saved = await panel.evaluate("() => new TextDecoder('latin1').decode(rollscopePanel.captureFile())");
    assert.match(saved, /"episode":0,"frame":41/);
    await panel.press("?");
    await until("the list of keys", async () => (await panel.count("[role=dialog][aria-label=Keys]")) === 1);
  }),
);

const FOCUSED = "() => `${document.activeElement?.outerHTML.slice(0, 200)}, the page has the focus: ${document.hasFocus()}`";

/** Writes into an input as a user does. */
const TYPE = `(selector, text) => {
  const input = document.querySelector(selector);
  input.value = text;
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}`;

test(`an accessibility engine finds nothing serious in any view (${browserName})`, LIMIT, () =>
  withFixture("axe", "#frame=22", async (panel) => {
    await panel.evaluate(`() => { ${AXE} }`);
    const found = [];
    for (const theme of ["light", "dark"]) {
      await panel.setTheme(theme);
      for (const view of ["verdict", "timeline", "rollbacks", "state", "traffic", "checks", "report", "capture"]) {
        await showView(panel, view);
        found.push(...(await panel.evaluate(RUN_AXE, `${view}, ${theme}`)));
      }
    }
    for (const [key, what] of [["2", "timeline"], ["l", "lanes"], ["p", "palette"]]) {
      await panel.press(key);
      found.push(...(await panel.evaluate(RUN_AXE, what)));
    }
    assert.deepEqual(found, []);
  }),
);

const RUN_AXE = `async (where) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => where + ": " + id + ": " + nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}`;
