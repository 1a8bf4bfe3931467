// Pages that send numbered messages, and what a panel captured of them: for the tests and benchmarks of the capture.
// @ts-check
import { decodeChunk } from "../../hook/decode.mjs";
import { until } from "../drivers/common.mjs";
import { script } from "./site.mjs";

/**
 * A page whose messages are numbered from 0. It sends on request and when it goes away, and keeps the sum of what all
 * documents sent in the storage of its origin.
 */
const TRAFFIC = `<!doctype html><title>Traffic</title><script>
  const worker = new Worker("/answer.js");
  window.sent = 0;
  window.received = 0;
  let counted = 0;
  worker.onmessage = () => { received++; };
  window.send = (count) => { for (let i = 0; i < count; i++) worker.postMessage({ type: "input", number: sent++, keys: 5 }); };
  window.sendBytes = (count, bytes) => { for (let i = 0; i < count; i++) { sent++; worker.postMessage(new ArrayBuffer(bytes)); } };
  // A steady rate, whatever the timers do.
  window.flow = (perSecond, seconds) => new Promise((done) => {
    const start = performance.now(), end = start + 1000 * seconds;
    let given = 0;
    window.isFlowing = true;
    const turn = () => {
      const due = Math.floor((Math.min(performance.now(), end) - start) * perSecond / 1000) - given;
      send(due);
      given += due;
      if (performance.now() < end) setTimeout(turn, 4); else { window.isFlowing = false; done(given); }
    };
    turn();
  });
  addEventListener("pagehide", () => {
    send(7);
    localStorage.sent = Number(localStorage.sent ?? 0) + sent - counted;
    counted = sent;
  });
</script>`;

/** The pages of the traffic site. */
export const TRAFFIC_SITE = {
  "/": TRAFFIC,
  "/again": TRAFFIC,
  "/answer.js": script("onmessage = ({ data }) => { if (!(data instanceof ArrayBuffer)) postMessage({ type: 'answer', number: data.number }); };"),
  "/plain": "<!doctype html><title>Plain</title>",
  "/favicon.ico": { body: "", type: "image/png" },
};

/** Every chunk of a capture file, decoded by the second reader. @param {Buffer} file */
export function chunksOf(file) {
  let at = 16 + file.readUInt32LE(12);
  /** Texts of each page. @type {Map<string, Map<number, string>>} */
  const texts = new Map();
  const chunks = [];
  while (at < file.length) {
    const length = file.readUInt32LE(at + 1);
    if (file[at] === 1) {
      const bytes = new Uint8Array(file.subarray(at + 9, at + 9 + length));
      const page = Buffer.from(bytes.subarray(4, 12)).toString("hex");
      let known = texts.get(page);
      if (!known) texts.set(page, (known = new Map()));
      chunks.push(decodeChunk(bytes, known));
    }
    at += 9 + length;
  }
  return chunks;
}

/**
 * What the panel captured, as a file; without the chunks of more than `most` bytes, where those are not wanted.
 * @param {import("../drivers/driver").Panel} panel @returns {Promise<Buffer>}
 */
export async function captureFile(panel, most = 2 ** 32) {
  const parts = [];
  const PART = 12 * 1024 * 1024;
  const size = await panel.evaluate(`(most) => {
    const file = rollscopePanel.captureFile();
    const view = new DataView(file.buffer, file.byteOffset);
    let end = 16 + view.getUint32(12, true);
    for (let at = end, next; at < file.length; at = next) {
      next = at + 9 + view.getUint32(at + 1, true);
      if (next - at > most) continue;
      file.copyWithin(end, at, next);
      end += next - at;
    }
    window.file = file.subarray(0, end);
    return end;
  }`, most);
  for (let at = 0; at < size; at += PART) {
    const text = await panel.evaluate(`(at, end) => {
      const bytes = window.file.subarray(at, end);
      let text = "";
      for (let i = 0; i < bytes.length; i += 0x6000) text += String.fromCharCode(...bytes.subarray(i, i + 0x6000));
      return btoa(text);
    }`, at, at + PART);
    parts.push(Buffer.from(text, "base64"));
  }
  return Buffer.concat(parts);
}

/** The report of the panel on what it shows. @param {import("../drivers/driver").Panel} panel */
export async function reportOf(panel) {
  let text = "";
  // The analysis comes after the panel.
  await until("the analysis in the panel", async () => {
    text = await panel.evaluate("() => window.rollscopePanel?.reportJson() ?? ''");
    return text !== "";
  });
  return JSON.parse(text);
}

/** Messages that the panel has of workers, both ways. @param {import("../drivers/driver").Panel} panel */
export async function workerMessages(panel) {
  const { capture } = await reportOf(panel);
  const workers = capture.channels.filter((/** @type {any} */ channel) => channel.kind === "worker");
  const sum = (/** @type {string} */ name) => workers.reduce((/** @type {number} */ total, /** @type {any} */ channel) => total + channel[name], 0);
  return { sent: sum("sent"), received: sum("received"), lost: capture.lost_events, losses: capture.losses ?? [] };
}

/**
 * Waits until the panel has `sent` messages and as many answers as `received` says, or everything but what it says is
 * lost. An answer can come with a later chunk than its question.
 * @param {import("../drivers/driver").Panel} panel @param {number} sent
 */
export function untilCaptured(panel, sent, received = 0, timeout = undefined) {
  const what = `${sent} messages${received > 0 ? ` and ${received} answers` : ""} in the panel`;
  return until(what, async () => {
    const seen = await workerMessages(panel);
    return seen.sent + seen.lost >= sent && seen.received + seen.lost >= received ? seen : undefined;
  }, { timeout, interval: 200, detail: () => workerMessages(panel) });
}
