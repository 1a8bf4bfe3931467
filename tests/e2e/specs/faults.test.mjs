// Switches of the arena in real pages: a page does wrong from a frame on, and `rollscope check` names it near that frame.
// One of each place where a fault can sit; every switch is played in memory by demo/tests/live_faults.rs.
// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { openPeers, playOn, stopAll, untilAll } from "../lib/peers.mjs";
import { engineLog } from "../lib/session.mjs";
import { browserName, commandProgram, hookScript, LIMIT, withBrowser } from "../lib/spec.mjs";

const FROM = 40;

/** The session of the faulty page believes that it rolled back at the frame of the fault or later. @param {any[]} pages */
const rolledBack = (pages) =>
  until("a rollback that a fault can spoil", async () => (await engineLog(pages[0])).lines.some(({ event, current }) => event === "rollback" && current >= FROM), {
    detail: async () => (await engineLog(pages[0])).lines.slice(-3),
  });
/** All pages are well past the frame of the fault. @param {any[]} pages */
const past = (pages) => untilAll("frames after the fault", pages, (stats) => stats.confirmed > FROM + 30);

/** The server has answered to the rows of the page that was stopped, and keeps those that it says it does. @param {any} page */
async function handedOver(page) {
  const rows = async () => (await engineLog(page)).lines.find(({ event }) => event === "rows");
  const { saved } = await until("the server to answer to the rows", rows, { detail: async () => (await engineLog(page)).lines.slice(-3) });
  const status = await page.evaluate("async () => (await fetch(`/rows/${new URL(location.href).searchParams.get('room')}/${window.arena.stats().player}/0`)).status");
  assert.equal(status, saved ? 200 : 404);
}

/** Fault, its checks of which one must find it, the page whose capture shows it, when it must have happened, and whether the page hands over rows. */
const PLAYED = /** @type {const} */ ([
  // Where a later rollback happens to cover the dropped one, it was late.
  { fault: "drop-rollback", codes: ["rollback-missed", "rollback-late"], seenBy: 0, happens: rolledBack },
  { fault: "drop-result", codes: ["batch-contract"], seenBy: 0, happens: past },
  { fault: "stale-hash", codes: ["hash-not-of-state"], seenBy: 0, happens: past },
  { fault: "announce-twice", codes: ["input-conflict"], seenBy: 1, happens: past },
  { fault: "export-gap", codes: ["export-rows"], seenBy: 0, happens: past, handsOver: true },
  { fault: "export-unsaved", codes: ["export-unsaved"], seenBy: 0, happens: past, handsOver: true },
]);

/** What the command says of what the hook recorded in a page. @param {any} page */
async function checked(page) {
  const folder = mkdtempSync(join(tmpdir(), "rollscope-faults-"));
  try {
    await page.evaluate("() => rollscopeHook.stop()");
    const path = join(folder, "session.rollscope");
    writeFileSync(path, Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));
    const { stdout, stderr } = spawnSync(commandProgram, ["check", "--json", path], { encoding: "utf8", maxBuffer: 1 << 28 });
    assert.ok(stdout, stderr);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(`faults that are switched on are found where they begin (${browserName})`, LIMIT, () =>
  withBrowser("faults", async ({ browser, arenaUrl }) => {
    for (const { fault, codes, seenBy, happens, handsOver = false } of browserName === "chromium" ? PLAYED : PLAYED.slice(0, 1)) {
      const pages = await openPeers([browser, browser], arenaUrl, [{ fault, from: FROM }, { latency_ms: 140 }]);
      await happens(pages);
      await playOn(pages, 30);
      await stopAll(pages);
      if (handsOver) await handedOver(pages[0]);
      const { findings } = await checked(pages[seenBy]);
      const found = findings.find((/** @type {any} */ one) => codes.some((code) => code === one.code));
      assert.ok(found, `${fault}: no ${codes.join(" or ")} among ${findings.map((/** @type {any} */ one) => `${one.code} ${one.frames}`).join(", ")}`);
      const first = found.frames?.[0] ?? FROM;
      // A rollback reaches back behind the frame at which it is due.
      assert.ok(first >= FROM - 25, `${fault}: ${found.code} at frame ${first} already`);
      for (const page of pages) await page.close();
    }
  }, { extensionDir: undefined, initScript: `${readFileSync(hookScript, "utf8")}\nrollscopeHook.start();` }),
);

test(`a page with a fault in its address says which there are (${browserName})`, { ...LIMIT, skip: browserName !== "chromium" && "one browser is enough" }, () =>
  withBrowser("fault-names", async ({ browser, arenaUrl }) => {
    const page = await browser.openPage(`${arenaUrl}/?fault=export-holes&from=soon`);
    const seen = () => page.evaluate("() => document.body.innerText");
    await until("the words", async () => /no fault of the name .export-holes.*from is a frame's number or .never./s.test(await seen()), { detail: seen });
  }, { extensionDir: undefined }),
);
