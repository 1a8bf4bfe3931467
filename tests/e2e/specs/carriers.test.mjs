// What a capture holds of every carrier, in every form that a message can have, and of the page around them: held against
// what the page itself noted.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobStub } from "../../hook/decode.mjs";
import { until } from "../drivers/common.mjs";
import { script, startSite } from "../lib/site.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { captureFile, chunksOf, TRAFFIC_SITE, untilCaptured } from "../lib/traffic.mjs";

/** Kinds of channels by the number in the record of their opening. */
const KINDS = ["", "worker", "sharedWorker", "peerConnection", "dataChannel", "webSocket"];

const PAGE = `<!doctype html><title>Carriers</title><script>
  /** What went each way, as the page saw it. */
  window.noted = { worker: [[], []], sharedWorker: [[], []], webSocket: [[], []], dataChannel: [[], []] };
  window.answers = (carrier, target) => { target.onmessage = ({ data }) => noted[carrier][1].push(data); };
  const forms = () => [
    "text of several bytes: \\u00e9 \\u{1F600}", "x".repeat(3000),
    new Uint8Array([1, 2, 3]).buffer, new Uint8Array([9, 8, 7, 6, 5]).subarray(1, 4), new Blob(["of a blob"], { type: "text/plain" }),
  ];
  window.send = (carrier, target) => {
    for (const form of forms()) {
      noted[carrier][0].push(form);
      if (carrier === "dataChannel" || carrier === "webSocket") target.send(form); else target.postMessage(form);
    }
  };
  const described = async (value) => {
    if (typeof value === "string") return "text " + value;
    if (value instanceof Blob) return "blob of " + value.type + " " + [...new Uint8Array(await value.arrayBuffer())];
    return value.constructor.name + " " + [...new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength)];
  };
  window.truth = async () => {
    const told = {};
    for (const [carrier, ways] of Object.entries(noted)) told[carrier] = await Promise.all(ways.map((way) => Promise.all(way.map(described))));
    return told;
  };
  window.connect = async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    window.connections = [a, b];
    a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
    const there = new Promise((ok) => { b.ondatachannel = ({ channel }) => ok(channel); });
    const here = a.createDataChannel("game");
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);
    answers("dataChannel", await there);
    if (here.readyState !== "open") await new Promise((ok) => { here.onopen = ok; });
    send("dataChannel", here);
  };
  window.run = async (echo) => {
    const worker = new Worker("/echo.js");
    answers("worker", worker);
    send("worker", worker);
    const { port } = new SharedWorker("/shared.js");
    answers("sharedWorker", port);
    send("sharedWorker", port);
    const socket = window.socket = new WebSocket(echo);
    answers("webSocket", socket);
    await new Promise((ok) => { socket.onopen = ok; });
    send("webSocket", socket);
    await connect();
    while (Object.values(noted).some(([sent, received]) => received.length < sent.length)) await new Promise((ok) => setTimeout(ok, 10));
    worker.postMessage("the last one");
    noted.worker[0].push("the last one");
  };
</script>`;
const SITE = {
  "/": PAGE,
  "/echo.js": script("onmessage = ({ data }) => { if (data !== 'the last one') postMessage(data); };"),
  "/shared.js": script("onconnect = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); };"),
  "/favicon.ico": { body: "", type: "image/png" },
};

/** As the page describes its values. @param {any} value @param {Map<number, any>} blobs contents by number */
function described(value, blobs) {
  if (typeof value === "string") return `text ${value}`;
  if (value instanceof BlobStub) return `blob of ${value.type} ${[...new Uint8Array(blobs.get(value.number) ?? new ArrayBuffer(0))]}`;
  return `${value.constructor.name} ${[...new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength)]}`;
}

test(`every carrier is recorded, both ways, in every form of a message (${browserName})`, LIMIT, () =>
  withBrowser("carriers", async ({ browser, arenaUrl, watch }) => {
    const site = await startSite(SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      const panel = await browser.openPanel(page);
      watch(panel);
      await page.evaluate("(echo) => run(echo)", `${arenaUrl.replace("http", "ws")}/echo`);
      const truth = await page.evaluate("() => truth()");
      for (const [carrier, [sent, received]] of Object.entries(truth)) {
        assert.deepEqual([sent.length, received.length], [carrier === "worker" ? 6 : 5, 5], carrier);
      }
      const read = async () => chunksOf(await captureFile(panel)).flatMap((chunk) => chunk.events);
      // The contents of a blob are read after its message, and may come after the last one.
      const isWhole = (/** @type {any[]} */ events) => {
        const stubs = events.filter((event) => event.value instanceof BlobStub).map((event) => event.value.number);
        const held = new Set(events.filter((event) => event.kind === "blob").map((event) => event.blob));
        return events.some((event) => event.value === "the last one") && stubs.every((number) => held.has(number)) && events;
      };
      const events = await until("the whole capture", async () => isWhole(await read()), {
        detail: async () => (await read()).map((event) => event.kind).slice(-40),
      });
      const blobs = new Map(events.filter((event) => event.kind === "blob").map((event) => [event.blob, event.value]));
      const kindOf = new Map(events.filter((event) => event.kind === "opened").map((event) => [event.channel, KINDS[event.channelKind]]));
      const of = (/** @type {string} */ carrier, /** @type {string} */ kind) =>
        events.filter((event) => event.kind === kind && kindOf.get(event.channel) === carrier).map((event) => described(event.value, blobs));
      for (const [carrier, [sent, received]] of Object.entries(truth)) {
        assert.deepEqual(of(carrier, "sent"), sent, `sent by ${carrier}`);
        // A browser may read a blob later than what was sent after it.
        assert.deepEqual(of(carrier, "received"), received, `received by ${carrier}`);
      }
    } finally {
      site.stop();
    }
  }),
);

test(`hiding, long tasks and the states of carriers are recorded (${browserName})`, LIMIT, () =>
  withBrowser("around", async ({ browser, arenaUrl, watch }) => {
    const site = await startSite(SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      await page.showVisibility();
      await page.evaluate("(echo) => run(echo)", `${arenaUrl.replace("http", "ws")}/echo`);
      await page.evaluate("() => new Promise((ok) => setTimeout(() => { for (const end = performance.now() + 200; performance.now() < end;); ok(); }, 0))");
      const other = await browser.openPage(`${arenaUrl}/idle.html`);
      await other.bringToFront();
      await until("the page to be hidden", () => page.evaluate("() => document.visibilityState === 'hidden'"));
      await page.bringToFront();
      await until("the page to be seen", () => page.evaluate("() => document.visibilityState === 'visible'"));
      const end = await page.evaluate(`() => new Promise((ok) => {
        socket.onclose = ({ code, reason, wasClean }) => ok({ state: "closed", code, reason, wasClean });
        socket.close(4001, "enough");
        for (const one of connections) one.close();
      })`);
      // A panel of its own would keep the page in sight: it comes later, and gets all of it.
      const panel = await browser.openPanel(page);
      watch(panel);
      const read = async () => chunksOf(await captureFile(panel)).flatMap((chunk) => chunk.events);
      const states = (/** @type {any[]} */ events) => events.filter((event) => event.kind === "state").map((event) => event.value);
      const longTasks = (/** @type {any[]} */ events) => events.filter((event) => event.kind === "pace" && event.value.longTasks > 0).map((event) => event.value);
      const isTold = (/** @type {any[]} */ events) =>
        states(events).some((state) => "code" in state)
        && (browserName === "chromium"
          ? longTasks(events).some(({ longTaskMillis }) => longTaskMillis >= 150)
          : events.some((event) => event.kind === "pace" && event.value.animationFrames > 0)) && events;
      // A busy machine makes long tasks of its own: ours took at least 200 ms. Frames drive the count of long tasks on: it is told when a span of about a second ends.
      await page.evaluate("() => { const next = () => requestAnimationFrame(next); next(); }");
      const events = await until("the socket's end and the long task", async () => isTold(await read()), {
        detail: async () => (await read()).filter((event) => ["pace", "state"].includes(event.kind)).map((event) => event.value).slice(-12),
      });
      const seen = events.filter((event) => event.kind === "pageState").map((event) => event.value.visibility);
      const hidden = seen.indexOf("hidden");
      assert.ok(hidden >= 0 && seen.indexOf("visible", hidden) > hidden, `hidden, then seen: ${seen}`);
      if (browserName !== "chromium") {
        // Firefox tells of no long tasks, which is said from the beginning on, and never as a count of zero.
        const paces = events.filter((event) => event.kind === "pace").map((event) => event.value);
        assert.ok(paces.every(({ longTasks, longTaskMillis }) => longTasks === null && longTaskMillis === null), JSON.stringify(paces));
        assert.equal(paces[0].spanMillis, 0);
      }
      assert.deepEqual(states(events).filter((state) => "code" in state), [end]);
      assert.ok(states(events).some((state) => state.signalingState === "have-local-offer"));
      assert.ok(states(events).filter((state) => state.state === "closed").length >= 3, "the socket and both connections");
      const origins = new Set(events.filter((event) => event.kind === "candidate").map((event) => event.value.origin));
      assert.deepEqual([...origins].sort(), ["local", "remote"]);
    } finally {
      site.stop();
    }
  }),
);

// What Firefox has of freezing: a page in its back/forward cache (transport.test), and one whose timers it lets stand still.
if (browserName === "firefox") test("a page whose timers stand still hands over what it holds to a panel that opens, and goes on after that", LIMIT, () =>
  withBrowser("still", async ({ browser, watch }) => {
    const site = await startSite(TRAFFIC_SITE);
    try {
      const page = await browser.openPage(`${site.url}/`);
      await browser.freeze(page, true);
      await page.evaluate("() => { setTimeout(() => { window.isLate = true; }, 0); send(25); }");
      const panel = await browser.openPanel(page);
      watch(panel);
      const still = await untilCaptured(panel, 25);
      assert.deepEqual([still.sent, still.lost], [25, 0]);
      assert.equal(await page.evaluate("() => window.isLate ?? false"), false, "no timer of the page ran all this time");
      await browser.freeze(page, false);
      await until("the timers to run", () => page.evaluate("() => window.isLate === true"));
      await page.evaluate("() => send(3)");
      const { sent, received, lost } = await untilCaptured(panel, 28, 28);
      assert.deepEqual([sent, received, lost], [28, 28, 0]);
    } finally {
      site.stop();
    }
  }),
);

if (browserName === "chromium") test("a frozen page has handed over what it held, and goes on when it is thawed", LIMIT, () =>
  withBrowser("frozen", async ({ browser, watch }) => {
    const site = await startSite(TRAFFIC_SITE);
    try {
      const other = await browser.openPage(`${site.url}/plain`);
      const page = await browser.openPage(`${site.url}/`);
      // Only what nobody looks at is frozen, and a panel would look.
      await page.showVisibility();
      await other.bringToFront();
      await until("the page to be hidden", () => page.evaluate("() => document.visibilityState === 'hidden'"));
      await page.evaluate(`() => {
        document.addEventListener("freeze", () => { localStorage.frozen = "yes"; send(5); });
        document.addEventListener("resume", () => { window.isThawed = true; });
        send(20);
      }`);
      await browser.freeze(page, true);
      await until("the page to be frozen", () => other.evaluate("() => localStorage.frozen === 'yes'"));
      await browser.freeze(page, false);
      await until("the page to be thawed", () => page.evaluate("() => window.isThawed === true"));
      await page.evaluate("() => send(3)");
      const panel = await browser.openPanel(page);
      watch(panel);
      const { sent, lost } = await untilCaptured(panel, 28, 28);
      assert.deepEqual([sent, lost], [28, 0]);
      const chunks = chunksOf(await captureFile(panel)).map(({ events }) =>
        events.filter((/** @type {any} */ event) => event.kind === "sent").map((/** @type {any} */ event) => event.value.number));
      assert.deepEqual(chunks.flat(), Array.from({ length: 28 }, (_, i) => i));
      // What is sent in that moment leaves the page at once: its timers stand still from then on.
      for (let i = 20; i < 25; i++) assert.ok(chunks.some((numbers) => numbers.length === 1 && numbers[0] === i), JSON.stringify(chunks));
    } finally {
      site.stop();
    }
  }),
);
