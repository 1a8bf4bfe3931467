// The way of the chunks from page to panel: nothing is lost, and what had to be given up is counted.
// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { PANEL } from "../lib/session.mjs";
import { script, startSite } from "../lib/site.mjs";
import { browserName, commandProgram, LIMIT, withBrowser } from "../lib/spec.mjs";
import { captureFile, chunksOf, TRAFFIC_SITE, untilCaptured, workerMessages } from "../lib/traffic.mjs";


/** A browser and the traffic site. @param {string} name @param {(setting: any) => Promise<void>} body */
const withTraffic = (name, body, resources = TRAFFIC_SITE) =>
  withBrowser(name, async (setting) => {
    const site = await startSite(resources);
    try { await body({ ...setting, site }); } finally { site.stop(); }
  });

/** Numbers of the messages that each document sent, by page id. @param {any[]} chunks */
function numbersByPage(chunks) {
  /** @type {Record<string, number[]>} */
  const pages = {};
  for (const { page, events } of chunks) {
    for (const event of events) if (event.kind === "sent") (pages[page] ??= []).push(event.value.number);
  }
  return pages;
}

/** Each document's messages are there, once and in order. @param {any[]} chunks @param {number} sent by all documents */
function checkComplete(chunks, sent) {
  const pages = Object.values(numbersByPage(chunks));
  for (const numbers of pages) assert.deepEqual(numbers, numbers.map((_, i) => i));
  assert.equal(pages.reduce((sum, numbers) => sum + numbers.length, 0), sent);
  assert.deepEqual(chunks.filter((chunk) => chunk.gap).map((chunk) => chunk.gap), []);
}

test(`reload, navigation, a reloaded panel and a killed background lose nothing (${browserName})`, LIMIT, () =>
  withTraffic("lossless", async ({ browser, site, watch }) => {
    const page = await browser.openPage(`${site.url}/`);
    await page.evaluate("() => send(50)");
    const panel = await browser.openPanel(page);
    watch(panel);
    const disturb = [
      () => browser.stopBackground(),
      () => panel.reload(),
      () => page.reload(),
      () => page.goto(`${site.url}/again`),
      async () => { await browser.stopBackground(); await panel.reload(); },
      () => page.goto(`${site.url}/`),
      () => browser.stopBackground(),
    ];
    for (const act of disturb) {
      // What runs while the disturbance comes; a navigation ends it.
      await page.evaluate("() => { flow(5000, 0.6); }");
      await until("messages of this document", () => page.evaluate("() => sent > 200"), { detail: () => page.evaluate("() => sent") });
      await act();
      await until("the end of the flow", () => page.evaluate("() => !window.isFlowing"));
    }
    await page.evaluate("() => send(11)");
    await until("the answers", () => page.evaluate("() => received === sent"), { detail: () => page.evaluate("() => [received, sent]") });
    const sent = await page.evaluate("() => sent + Number(localStorage.sent)");
    // A new panel gets the ring of the present document; the ones before are in the panel that saw them.
    const present = await page.evaluate("() => sent");
    await untilCaptured(panel, present, present);
    await panel.reload();
    const seen = await untilCaptured(panel, present, present);
    assert.deepEqual([seen.sent, seen.received, seen.lost], [present, present, 0]);
    assert.ok(sent > present);
    checkComplete(chunksOf(await captureFile(panel)), present);
  }),
);

test(`ten navigations in one panel: captured is sent, to the message (${browserName})`, LIMIT, () =>
  withTraffic("navigations", async ({ browser, site, watch }) => {
    const page = await browser.openPage(`${site.url}/`);
    const panel = await browser.openPanel(page);
    watch(panel);
    for (let i = 0; i < 10; i++) {
      await page.evaluate("() => { flow(20000, 1); }");
      await until("messages of this document", () => page.evaluate("() => sent > 1000"), { detail: () => page.evaluate("() => sent") });
      if (i % 3 === 2) await page.reload(); else await page.goto(`${site.url}${i % 2 ? "/" : "/again"}`);
    }
    await page.evaluate("() => send(11)");
    const sent = await page.evaluate("() => sent + Number(localStorage.sent)");
    const seen = await untilCaptured(panel, sent);
    assert.deepEqual([seen.sent, seen.lost], [sent, 0]);
    const chunks = chunksOf(await captureFile(panel));
    checkComplete(chunks, sent);
    const ends = chunks.flatMap((chunk) => chunk.events).filter((event) => event.kind === "pageEnded");
    assert.equal(ends.length, 10);
  }),
);

test(`what left the ring before a panel opened is counted with channel, times and reason (${browserName})`, LIMIT, () =>
  withTraffic("ring", async ({ browser, site, watch }) => {
    const page = await browser.openPage(`${site.url}/`);
    // 60 MB of bytes are 80 MB of base64.
    for (let i = 0; i < 6; i++) await page.evaluate("() => sendBytes(10, 1 << 20)");
    await page.evaluate("() => send(200)");
    const panel = await browser.openPanel(page);
    watch(panel);
    const seen = await untilCaptured(panel, 260);
    assert.ok(seen.lost > 0 && seen.sent >= 200, JSON.stringify(seen));
    const file = await captureFile(panel, 1 << 20);
    const chunks = chunksOf(file);
    const gaps = chunks.filter((chunk) => chunk.gap);
    assert.equal(gaps.length, 1);
    const [{ gap, firstSequence }] = gaps;
    assert.equal(firstSequence, 0);
    assert.match(gap.reason, /ring of 64 MB/);
    assert.ok(gap.from >= 0 && gap.until > gap.from);
    const opened = await page.evaluate("() => sent");
    const channel = Object.entries(gap.channels).find(([number]) => number !== "0");
    // Among what is dropped on the worker's channel are its opening and the descriptions of it, one for 8 MiB.
    const openings = seen.sent + channel?.[1] - opened;
    assert.ok(openings >= 1 && openings <= 8, `${openings} events that are no messages`);
    assert.equal(gap.events, Object.values(gap.channels).reduce((a, b) => a + b));
    assert.equal(seen.lost, gap.events);
    await until("the panel to say so", async () => /missing from [\d.]+ s to/.test((await panel.text(PANEL.error)) ?? ""), { detail: () => panel.body() });

    const folder = mkdtempSync(join(tmpdir(), "rollscope-ring-"));
    try {
      const path = join(folder, "ring.rollscope");
      writeFileSync(path, file);
      const check = spawnSync(commandProgram, ["check", "--json", path], { encoding: "utf8", maxBuffer: 1 << 26 });
      assert.equal(check.status, 4, check.stderr);
      const said = JSON.parse(check.stdout);
      assert.match(said.verdict.text, /^CAPTURE INCOMPLETE: /);
      assert.equal(said.accounting.losses[0].events, gap.events);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }),
);

/** In a frame of kind `name`: a worker that is sent three messages. */
const INNER = (/** @type {string} */ name) => `<!doctype html><script>
  const worker = new Worker(URL.createObjectURL(new Blob(["onmessage = ({ data }) => postMessage(data);"], { type: "text/javascript" })));
  for (let number = 0; number < 3; number++) worker.postMessage({ frame: "${name}", number });
</script>`;
const FRAMES = (/** @type {string} */ other) => `<!doctype html><title>Frames</title><body><script>
  const inner = ${JSON.stringify(INNER("%")).replaceAll("</", "<\\/")};
  const add = (name, settings) => {
    const frame = document.createElement("iframe");
    frame.name = name;
    Object.assign(frame, settings);
    document.body.append(frame);
    return frame;
  };
  add("same", { src: "/inner-same" });
  add("other", { src: "${other}/inner-other" });
  add("srcdoc", { srcdoc: inner.replace("%", "srcdoc") });
  add("sandboxed", { src: "/inner-sandboxed", sandbox: "allow-scripts" });
  add("sandboxed-srcdoc", { srcdoc: inner.replace("%", "sandboxed-srcdoc"), sandbox: "allow-scripts" });
  add("blob", { src: URL.createObjectURL(new Blob([inner.replace("%", "blob")], { type: "text/html" })) });
  add("nested", { src: "/nested" });
  const written = add("written", {});
  written.contentDocument.open();
  written.contentDocument.write(inner.replace("%", "written"));
  written.contentDocument.close();
  // Used in the moment in which it comes to be, before anything of it was loaded.
  const blank = add("blank", {});
  const worker = new blank.contentWindow.Worker(URL.createObjectURL(new Blob([""], { type: "text/javascript" })));
  for (let number = 0; number < 3; number++) worker.postMessage({ frame: "blank", number });
</script>`;

test(`frames of every kind are recorded and labelled (${browserName})`, LIMIT, () => {
  const resources = {
    "/inner-same": INNER("same"), "/inner-other": INNER("other"), "/inner-sandboxed": INNER("sandboxed"),
    "/inner-nested": INNER("nested"), "/nested": `<!doctype html><iframe name="deep" src="/inner-nested"></iframe>`,
    "/empty.js": script(""),
  };
  return withTraffic("frames", async ({ browser, site, watch }) => {
    resources["/"] = FRAMES(site.otherOrigin);
    const page = await browser.openPage(`${site.url}/`);
    const panel = await browser.openPanel(page);
    watch(panel);
    await untilCaptured(panel, 3 * 9);
    const chunks = chunksOf(await captureFile(panel));
    /** @type {Record<string, {label: string | undefined, numbers: number[]}>} */
    const frames = {};
    for (const { page: id, events } of chunks) {
      for (const event of events) {
        if (event.kind !== "sent") continue;
        const started = chunks.filter((chunk) => chunk.page === id).flatMap((chunk) => chunk.events).find((each) => each.kind === "pageStarted");
        (frames[event.value.frame] ??= { label: started?.value.frameLabel, numbers: [] }).numbers.push(event.value.number);
      }
    }
    assert.deepEqual(Object.keys(frames).sort(), ["blank", "blob", "nested", "other", "same", "sandboxed", "sandboxed-srcdoc", "srcdoc", "written"]);
    const places = ["same", "other", "srcdoc", "sandboxed", "sandboxed-srcdoc", "blob", "nested", "written", "blank"];
    for (const [name, { label, numbers }] of Object.entries(frames)) {
      assert.deepEqual(numbers, [0, 1, 2], name);
      assert.equal(label, name === "nested" ? `iframe 6.0 "deep"` : `iframe ${places.indexOf(name)} "${name}"`);
    }
  }, resources);
});

test(`two tabs and two panels: each has its own tab's messages and no other (${browserName})`, LIMIT, () =>
  withTraffic("tabs", async ({ browser, site, watch }) => {
    const pages = [await browser.openPage(`${site.url}/`), await browser.openPage(`${site.url}/again`)];
    const panels = [];
    for (const page of pages) { await page.bringToFront(); panels.push(await browser.openPanel(page)); }
    watch(panels[0]);
    await Promise.all(pages.map((page, i) => page.evaluate(`() => flow(${2000 + 1000 * i}, 1)`)));
    await browser.stopBackground();
    await Promise.all(pages.map((page) => page.evaluate("() => send(31)")));
    for (const [i, page] of pages.entries()) {
      const sent = await page.evaluate("() => sent");
      const seen = await untilCaptured(panels[i], sent);
      assert.deepEqual([seen.sent, seen.lost], [sent, 0]);
      checkComplete(chunksOf(await captureFile(panels[i])), sent);
    }
  }),
);

test(`a page that comes back from the back/forward cache goes on where it was (${browserName})`, LIMIT, () =>
  withTraffic("bfcache", async ({ browser, site, watch }) => {
    const page = await browser.openPage(`${site.url}/`);
    const panel = await browser.openPanel(page);
    watch(panel);
    let cameBack = false;
    // A browser may let go of any page that it keeps, when it needs the memory: it goes away until it was kept once.
    for (let tries = 0; tries < 5 && !cameBack; tries++) {
      await page.evaluate("() => { window.isSame = true; addEventListener('pageshow', (event) => { window.cameBack = event.persisted; }); send(20); worker.terminate(); }");
      await page.goto(`${site.url}/plain`);
      await page.back();
      // A page that was kept is told so a moment after it is there.
      await until("the page before", () => page.evaluate("() => location.pathname === '/' && document.readyState === 'complete' && (!window.isSame || 'cameBack' in window)"), {
        detail: () => page.evaluate("() => location.href"),
      });
      cameBack = await page.evaluate("() => Boolean(window.isSame && window.cameBack)");
    }
    await page.evaluate("() => send(5)");
    const sent = await page.evaluate("() => Number(localStorage.sent) + sent - counted");
    const seen = await untilCaptured(panel, sent);
    assert.deepEqual([seen.sent, seen.lost], [sent, 0]);
    checkComplete(chunksOf(await captureFile(panel)), sent);
    const reasons = await page.evaluate("() => JSON.stringify(performance.getEntriesByType('navigation')[0]?.notRestoredReasons ?? null)");
    assert.ok(cameBack, `the browser kept the page; else its reasons: ${reasons}`);
    // The browser takes the sign away with each document, and the page is recorded again.
    const badge = () => browser.badge({ url: () => `${site.url}/` });
    await until("the sign on the button", async () => (await badge()) === "REC", { detail: badge });
    assert.equal((await workerMessages(panel)).losses.length, 0);
  }),
);
