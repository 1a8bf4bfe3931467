// The panel in the real DevTools beside a game that goes on: opened late, followed, frozen; what the user looks at
// stays where it is while events stream in; the theme of DevTools is followed at once.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { PANEL, showView } from "../lib/session.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";

/** @typedef {import("../drivers/driver").Panel} Panel */

test(`late, live, frozen, and nothing jumps (${browserName})`, LIMIT, () =>
  withBrowser("live", async ({ browser, arenaUrl, watch }) => {
    // Slow enough that guesses are wrong at both pages, whichever is ahead.
    const pages = await openPeers([browser, browser], arenaUrl, { latency_ms: 120 });
    await untilAll("a game under way", pages, (stats) => stats.confirmed > 90);
    const panel = await browser.openPanel(pages[0]);
    watch(panel);
    await until("a session", async () => (await panel.count(PANEL.verdict)) === 1, { detail: () => panel.body() });
    await checkLate(panel);
    await checkFollow(panel, pages);
    await checkFreeze(panel, pages);
    await checkPlaces(panel, pages);
    await checkTheme(panel, pages);
    await stopAll(pages);
  }));

const label = (/** @type {Panel} */ panel) => panel.attribute("[data-testid=timeline]", "aria-label");
const total = async (/** @type {Panel} */ panel) => Number(((await panel.text(".frame-box .total")) ?? "").replace(/\D/g, ""));

/** Visible frames by the timeline's own words. @param {Panel} panel */
async function visible(panel) {
  const [, from, to] = /frames (\d+) to (\d+)/.exec((await label(panel)) ?? "") ?? [];
  return { from: Number(from), to: Number(to) };
}

/** Waits until the panel shows `frames` more. @param {Panel} panel @param {number} frames */
async function shownOn(panel, frames) {
  const before = await total(panel);
  await until(`${frames} more frames in the panel`, async () => (await total(panel)) >= before + frames, {
    detail: async () => ({ before, now: await total(panel) }),
  });
}

/** Everything from before the panel was opened is there. @param {Panel} panel */
async function checkLate(panel) {
  await showView(panel, "timeline");
  await until("the frames from before", async () => (await total(panel)) > 90, { detail: () => total(panel) });
  await until("the whole episode", async () => (await visible(panel)).from === 0, { detail: () => label(panel) });
  const report = JSON.parse(await panel.evaluate("() => rollscopePanel.reportJson()"));
  assert.notEqual(report.verdict.kind, "incomplete", report.verdict.text);
}

/** A range that follows keeps its length and the newest frame; a pan stops that. @param {Panel} panel @param {any[]} pages */
async function checkFollow(panel, pages) {
  const isFollowing = async () => (await panel.rows(".legend .chip[aria-pressed]", ["aria-pressed"]))[0]?.[0] === "true";
  // As much as two seconds, however long the episode is by now.
  for (let { from, to } = await visible(panel); from === 0 || to - from >= 60; { from, to } = await visible(panel)) {
    await panel.press("w");
    // What was pressed is on screen before the next press, so that none comes after the last look.
    await until("a shorter range", async () => { const now = await visible(panel); return now.to - now.from < to - from; }, { detail: () => label(panel) });
  }
  await until("no following after a zoom", async () => !(await isFollowing()));
  const still = await visible(panel);
  await playOn(pages, 30);
  await shownOn(panel, 30);
  assert.deepEqual(await visible(panel), still, "the range stays where the user left it");
  // Space would press the button that has the focus.
  await panel.evaluate("() => document.activeElement.blur()");
  await panel.press(" ");
  await until("following", isFollowing);
  await until("the newest frames", async () => { const { to } = await visible(panel); return to > still.to + 20 && to >= (await total(panel)) - 60; }, { detail: () => label(panel) });
  const first = await visible(panel);
  await shownOn(panel, 30);
  await until("the range to have moved on", async () => (await visible(panel)).from >= first.from + 20, { detail: () => label(panel) });
  const moved = await visible(panel);
  assert.ok(Math.abs(moved.to - moved.from - (first.to - first.from)) <= 1, JSON.stringify({ first, moved }));
  await panel.press("a");
  await until("no following after a pan", async () => !(await isFollowing()));
}

/** Frozen views stand still while capturing goes on. @param {Panel} panel @param {any[]} pages */
async function checkFreeze(panel, pages) {
  const captured = () => panel.evaluate("() => rollscopePanel.captureFile().length");
  await panel.press("z");
  // A look that had begun may still end.
  await until("frozen views", async () => (await panel.count(".header [aria-pressed=true][aria-label='Show new frames again']")) === 1, { detail: () => panel.body() });
  const frozen = await total(panel);
  const bytes = await captured();
  await playOn(pages, 60);
  await until("more to be captured", async () => (await captured()) > bytes);
  assert.equal(await total(panel), frozen, "no new frame shows");
  await panel.press("z");
  await until("new frames again", async () => (await total(panel)) >= frozen + 60, { detail: () => total(panel) });
}

/** What is selected, scrolled to or focused stays in its place while rows come in below. @param {Panel} panel @param {any[]} pages */
async function checkPlaces(panel, pages) {
  const rollbacks = async () => Number(await panel.text(PANEL.rollbackCount));
  await until("rollbacks", async () => (await rollbacks()) >= 3, { detail: rollbacks });
  for (const [view, row] of [["rollbacks", PANEL.rollbackRow], ["traffic", "[data-testid=traffic-row]"], ["checks", "[data-check] button"]]) {
    await showView(panel, view);
    await until(`rows in ${view}`, async () => (await panel.count(row)) > 1, { detail: () => panel.body() });
    // The first row is selected and has the focus, or its table has.
    await panel.evaluate(`(row) => {
      const one = document.querySelector(row);
      one.click();
      (one.matches("button") ? one : one.closest(".body")).focus();
      window.watchedRow = one.closest("[data-row], [data-check]").textContent;
    }`, row);
    await until(`a selection in ${view}`, async () => ((await panel.text(".pane-head h2")) ?? "") !== "Nothing selected", { detail: () => panel.body() });
    // A row that is chosen where it is half hidden is brought into sight, once.
    await until(`the whole row in ${view}`, () => panel.evaluate(`(row) => {
      const one = document.querySelector(row).closest("[data-row], [data-check]");
      return one.getBoundingClientRect().top >= one.closest(".body, .checks").getBoundingClientRect().top;
    }`, row), { detail: () => placesOf(panel, row) });
    const before = await placesOf(panel, row);
    await shownOn(panel, 40);
    const after = await placesOf(panel, row);
    assert.deepEqual(after, before, `places in ${view}`);
    // A type of messages goes on explaining itself, whatever comes in.
    if (view === "traffic") await keepsFocus(panel, ".types-key [data-meaning]");
  }
  // What stands still above does so because room is kept, also for numbers that this game never comes to.
  for (const [selector, text] of [[".frame-box .total", "/ 99999"], [".record .clock", "59:59.9"]]) {
    const [before, after] = JSON.parse(await panel.evaluate(`(selector, text) => {
      const one = document.querySelector(selector).cloneNode();
      document.querySelector(selector).after(one);
      const widths = ["", text].map((text) => { one.textContent = text || "0"; return one.getBoundingClientRect().width; });
      one.remove();
      return JSON.stringify(widths);
    }`, selector, text));
    assert.ok(before > 0 && after === before, `${selector} grows from ${before} to ${after} with ${text}`);
  }
  // A figure that explains itself goes on doing so while its numbers change.
  await showView(panel, "verdict");
  await panel.resizeDevTools(1280, 620);
  const named = ".verdict .figures [data-meaning]";
  await keepsFocus(panel, named);
  await playOn(pages, 1);
}

/** A name keeps the focus while numbers change. @param {Panel} panel @param {string} named */
async function keepsFocus(panel, named) {
  await until(named, async () => (await panel.count(named)) > 0, { detail: () => panel.body() });
  await panel.evaluate(`(named) => { window.named = document.querySelector(named); window.named.focus(); }`, named);
  await shownOn(panel, 40);
  assert.ok(await panel.evaluate("() => window.named.isConnected && document.activeElement === window.named"), `${named} keeps the focus`);
}

/** Where things stand that a user looks at: whole pixels, and what has the focus. */
const PLACES = `(row) => {
  const place = (one) => { const { left, top, width } = one.getBoundingClientRect(); return [left, top, width].map(Math.round); };
  const active = document.activeElement;
  const one = document.querySelector(row).closest("[data-row], [data-check]");
  return JSON.stringify({
    row: place(one), key: one.getAttribute("data-row") ?? one.getAttribute("data-check"), isSelected: one.getAttribute("aria-selected") ?? one.className,
    scroll: one.closest(".body, .checks").scrollTop, focus: active.getAttribute("role") ?? active.closest("[data-check]")?.getAttribute("data-check"),
    pane: place(document.querySelector(".pane-head h2")), frameBox: place(document.querySelector("#frame-box")),
    rail: place(document.querySelector("[data-view=checks]")), peers: place(document.querySelector(".peer")),
  });
}`;
const placesOf = async (/** @type {Panel} */ panel, /** @type {string} */ row) => JSON.parse(await panel.evaluate(PLACES, row));

/** The theme of DevTools is followed at once, in style sheet and canvas, while recording. @param {Panel} panel @param {any[]} pages */
async function checkTheme(panel, pages) {
  await showView(panel, "timeline");
  /** Background of the panel, and what most pixels of the minimap are. */
  const colours = async () => JSON.parse(await panel.evaluate(`() => {
    const canvas = document.querySelector("[data-testid=timeline]");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let [light, dark] = [0, 0];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 200) continue;
      const sum = data[at] + data[at + 1] + data[at + 2];
      if (sum > 600) light += 1; else if (sum < 200) dark += 1;
    }
    return JSON.stringify({ theme: document.documentElement.dataset.theme ?? "light", background: getComputedStyle(document.body).backgroundColor, light, dark });
  }`));
  for (const [theme, background] of /** @type {const} */ ([["dark", "rgb(30, 31, 35)"], ["light", "rgb(255, 255, 255)"]])) {
    await panel.setTheme(theme);
    await until(`the ${theme} theme`, async () => {
      const now = await colours();
      return now.background === background && (theme === "dark" ? now.dark > now.light : now.light > now.dark);
    }, { detail: colours });
    await shownOn(panel, 5);
  }
  await playOn(pages, 1);
}
