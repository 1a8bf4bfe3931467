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
  withFixture("deep-link", "#view=timeline&frame=22&range=10..40", async (panel, page) => {
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
    await checkWheel(panel, page);
  }),
);

/** Visible frames by the timeline's own words. */
const visible = async (panel) => {
  const [, from, to] = /frames (\d+) to (\d+)/.exec((await label(panel)) ?? "") ?? [];
  return { from: Number(from), to: Number(to), count: Number(to) - Number(from) };
};

/** Wheel and pinch zoom around the pointer; the wheel sideways pans. The whole episode shows at first. */
async function checkWheel(panel, page) {
  await page.bringToFront();
  const box = JSON.parse(await panel.evaluate(`() => JSON.stringify(document.querySelector("[data-testid=timeline]").getBoundingClientRect())`));
  const whole = await visible(panel);
  const changes = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ act, /** @type {(now: any, before: any) => boolean} */ is) => {
    const before = await visible(panel);
    await act();
    await until(what, async () => is(await visible(panel), before), { detail: async () => ({ before, now: await visible(panel) }) });
  };
  const [x, y] = [box.left + box.width * 0.75, box.top + box.height / 2];
  await changes("the wheel to zoom in", () => page.wheel(x, y, { y: -240 }), (now, before) => now.count < before.count);
  const zoomed = await visible(panel);
  // What stood under the pointer, three quarters along the canvas, is still there: the left end moved more than the right one.
  assert.ok(zoomed.from - whole.from > whole.to - zoomed.to, JSON.stringify({ whole, zoomed }));
  await changes("a pinch to zoom in", () => page.wheel(x, y, { y: -40 }, true), (now, before) => now.count < before.count);
  await changes("the wheel sideways to pan", () => page.wheel(x, y, { x: -60 }), (now, before) => now.from < before.from && Math.abs(now.count - before.count) <= 1);
  await changes("a pinch to zoom out", () => page.wheel(x, y, { y: 60 }, true), (now, before) => now.count > before.count);
  assert.equal(await panel.evaluate("() => devicePixelRatio"), 1, "the page itself is not zoomed");
}

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
    await checkLanes(panel);
    await panel.press("?");
    await until("the list of keys", async () => (await panel.count("[role=dialog][aria-label=Keys]")) === 1);
  }),
);

/** What is hidden, pinned and collapsed outlasts other views. */
async function checkLanes(panel) {
  await panel.press("l");
  await until("the menu of lanes", async () => (await panel.count("[role=dialog][aria-label=Lanes]")) === 1, { detail: () => panel.body() });
  // The menu takes the focus in the frame after it opened.
  await until("the menu to have the focus", () => panel.evaluate("() => document.activeElement?.closest('[role=dialog]')?.ariaLabel === 'Lanes'"), { detail: () => panel.evaluate(FOCUSED) });
  const chosen = async () => JSON.parse(await panel.evaluate(`() => JSON.stringify([
    [...document.querySelectorAll("[role=dialog][aria-label=Lanes] input")].map((box) => box.checked),
    [...document.querySelectorAll("[role=dialog][aria-label=Lanes] [aria-pressed]")].map((pin) => pin.getAttribute("aria-pressed")),
  ])`));
  const before = await chosen();
  assert.ok(before[0].every(Boolean) && before[1].every((/** @type {string} */ pin) => pin === "false"), JSON.stringify(before));
  const click = (/** @type {string} */ selector, /** @type {number} */ at) =>
    panel.evaluate("(selector, at) => [...document.querySelectorAll(selector)].at(at).click()", `[role=dialog][aria-label=Lanes] ${selector}`, at);
  // Headless Firefox gives no page the focus, and then shows none (:focus-visible).
  if (browserName !== "firefox" || (await panel.evaluate("() => document.hasFocus()"))) await checkMeanings(panel);
  await click("input", 0); // hides the first kind
  await click("[aria-pressed]", 2); // pins the third
  await click("input", -1); // shows the frames of the last peer alone
  const wanted = structuredClone(before);
  wanted[0][0] = false;
  wanted[0][wanted[0].length - 1] = false;
  wanted[1][2] = "true";
  await until("the choices", async () => JSON.stringify(await chosen()) === JSON.stringify(wanted), { detail: chosen });
  await panel.evaluate("() => document.activeElement.blur()");
  for (const view of ["checks", "state", "timeline"]) await showView(panel, view);
  // A menu that was open in this view is so again.
  await until("the choices to be as they were", async () => JSON.stringify(await chosen()) === JSON.stringify(wanted), { detail: chosen });
  await panel.press("l");
}

/** What a choice means is said where the keyboard comes to it, as what the legend's signs mean. */
async function checkMeanings(panel) {
  for (const [selector, pattern] of /** @type {const} */ ([["[role=dialog][aria-label=Lanes] input", /first incorrect frame/], [".legend [data-meaning]", /Stepped on a guess/]])) {
    await panel.evaluate("(selector) => document.querySelector(selector).focus({ focusVisible: true })", selector);
    await until(`what ${selector} means`, async () => pattern.test((await panel.text("[data-testid=tip]")) ?? ""), { detail: () => panel.body() });
  }
  // The arrow keys go on from sign to sign.
  await panel.press("ArrowRight");
  await until("the next sign", async () => /real inputs of all players/.test((await panel.text("[data-testid=tip]")) ?? ""), { detail: () => panel.body() });
  // Browsers say `pointerover` also where the page moved below a pointer that rests: that hides nothing, a pointer that moves does.
  assert.match(await panel.evaluate(POINTER, "pointermove", 50, 60), /real inputs of all players/);
  assert.match(await panel.evaluate(POINTER, "pointerover", 50, 60), /real inputs of all players/);
  assert.equal(await panel.evaluate(POINTER, "pointerover", 51, 60), "");
}

/** Says a movement of the pointer over the rail; gives the explanation that shows after all that followed from it. */
const POINTER = `async (type, clientX, clientY) => {
  document.querySelector("[data-view=verdict]").dispatchEvent(new PointerEvent(type, { clientX, clientY, bubbles: true }));
  await new Promise((done) => setTimeout(done));
  return document.querySelector("[data-testid=tip]")?.textContent ?? "";
}`;

const FOCUSED = "() => `${document.activeElement?.outerHTML.slice(0, 200)}, the page has the focus: ${document.hasFocus()}`";

/** Writes into an input as a user does. */
const TYPE = `(selector, text) => {
  const input = document.querySelector(selector);
  input.value = text;
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}`;

test(`an accessibility engine finds nothing serious in any view (${browserName})`, LIMIT, () =>
  withFixture("axe", "#frame=22", async (panel, page) => {
    await checkMotion(panel, page);
    await panel.evaluate(`() => { ${AXE} }`);
    const found = [];
    for (const theme of ["light", "dark"]) {
      await panel.setTheme(theme);
      await shows("the theme", () => panel.evaluate("() => document.documentElement.style.colorScheme"), new RegExp(`^${theme}$`));
      for (const view of ["verdict", "timeline", "rollbacks", "state", "traffic", "checks", "report", "capture"]) {
        await showView(panel, view);
        found.push(...(await panel.evaluate(RUN_AXE, `${view}, ${theme}`)));
      }
    }
    for (const [key, what, there] of [["2", "timeline", "[data-testid=timeline]"], ["l", "lanes", "[role=dialog][aria-label=Lanes]"], ["p", "palette", "[data-testid=palette]"]]) {
      await panel.press(key);
      await until(what, async () => (await panel.count(there)) === 1, { detail: () => panel.body() });
      found.push(...(await panel.evaluate(RUN_AXE, what)));
    }
    assert.deepEqual(found, []);
  }),
);

/** Whoever asks for less motion gets none, at once. */
async function checkMotion(panel, page) {
  const fades = () => panel.evaluate("() => getComputedStyle(document.querySelector('.tool')).transitionDuration");
  await page.setReducedMotion(false);
  await until("fades", async () => (await fades()) === "0.12s", { detail: fades });
  await page.setReducedMotion(true);
  await until("no fades", async () => (await fades()) === "0s", { detail: fades });
  const moving = () => panel.evaluate("() => document.getAnimations().length");
  assert.equal(await moving(), 0);
  await page.setReducedMotion(false);
}

const RUN_AXE = `async (where) => {
  // Colours on their way from one theme to the other are neither's.
  await Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime < Infinity).map((one) => one.finished.catch(() => {})));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => where + ": " + id + ": " + nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}`;
