// What reading a capture costs the panel, beside `JSON.parse` of the same messages.
// @ts-check
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "../drivers/common.mjs";
import { untilCaptured } from "../lib/traffic.mjs";

/**
 * Records messages of one kind, and reads them in the panel: all values decoded and nothing else (T12), and as a file
 * that is opened, with reconstruction, checks and the panel's pauses between slices.
 * @param {import("../drivers/driver").Browser} browser @param {{port: number}} site with load.js @param {string} name
 * @param {number} rounds @returns {Promise<{decoded: number[], rebuilt: number[]}>} ratios within a round
 */
export async function decodeRatios(browser, site, name, rounds) {
  const page = await browser.openPage(`http://localhost:${site.port}/bench`);
  await until("the page", () => page.evaluate("() => window.isReady === true"));
  const panel = await browser.openPanel(page);
  const count = name === "small" ? 40_000 : 8000;
  await page.evaluate(`(name, count) => { for (let i = 0; i < count; i++) sink.postMessage(payloads[name](i)); }`, name, count);
  await untilCaptured(panel, count);
  const ratios = await panel.evaluate(`async (name, count, rounds) => {
    const payloads = ${payloadSource()};
    const texts = Array.from({ length: count }, (_, i) => JSON.stringify(payloads[name](i)));
    const file = rollscopePanel.captureFile();
    const time = async (run) => { const start = performance.now(); await run(); return performance.now() - start; };
    // The panel reads in slices and says so meanwhile: the time is that until all of it is read.
    const read = async () => {
      rollscopePanel.openFile("bench", file);
      do await new Promise((done) => setTimeout(done)); while (document.querySelector("[data-testid=opening]"));
    };
    const decode = () => {
      const events = rollscopePanel.decodeFile(file);
      if (events < count) throw new Error("decoded " + events + " of " + count + " events");
    };
    const decoded = [], rebuilt = [];
    for (let round = -1; round < rounds; round++) {
      const parse = () => { for (const text of texts) JSON.parse(text); };
      // Each twice and in turn: a panel that becomes slower meanwhile does so for both.
      const before = await time(parse);
      const all = (await time(decode)) + (await time(decode));
      const parsed = before + (await time(parse));
      if (round >= 0) decoded.push(all / parsed);
      if (round >= 0 && round < 3) rebuilt.push(2 * (await time(read)) / parsed);
    }
    return { decoded, rebuilt };
  }`, name, count, rounds);
  await page.close();
  return ratios;
}

/** The payloads of load.js, for the panel. */
function payloadSource() {
  const source = readFileSync(fileURLToPath(new URL("load.js", import.meta.url)), "utf8");
  const start = source.indexOf("({", source.indexOf("const payloads"));
  return source.slice(start, source.indexOf("\n});", start) + 3);
}
