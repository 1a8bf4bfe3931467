// Pages that mean harm: the page sees no exception of ours, nothing of what it sends runs in the panel, and the
// accounting is exact.
// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { countChannels } from "../lib/channels.mjs";
import { script, startSite } from "../lib/site.mjs";
import { browserName, LIMIT, withBrowser } from "../lib/spec.mjs";
import { captureFile, chunksOf, reportOf, untilCaptured } from "../lib/traffic.mjs";

const ECHO = script("onmessage = ({ data }) => { postMessage(typeof data === 'object' && data !== null && 'number' in data ? { number: data.number } : typeof data); };");

/** What every page here begins with: errors that nobody caught are kept. */
const WATCH = `<!doctype html><title>busy</title><body><script>
  window.errors = [];
  addEventListener("error", ({ message }) => { errors[errors.length] = message; });
  addEventListener("unhandledrejection", ({ reason }) => { errors[errors.length] = String(reason); });
  const thrown = (run) => { try { run(); return "nothing"; } catch (error) { return error?.name ?? String(error); } };
</script>`;

/** Everything that a hook might look up late is replaced before the first message. */
const POLLUTED = `${WATCH}<script>
  const real = { defineProperty: Object.defineProperty, describe: Object.getOwnPropertyDescriptor, setPrototypeOf: Object.setPrototypeOf };
  const MessageEventPrototype = MessageEvent.prototype;
  const undo = [];
  const stolen = [];
  const replace = (owner, name, value) => {
    const before = real.describe(owner, name);
    if (before) real.setPrototypeOf(before, null);
    undo[undo.length] = () => { if (before) real.defineProperty(owner, name, before); else delete owner[name]; };
    real.defineProperty(owner, name, typeof value === "function" || typeof value === "boolean" || typeof value === "string"
      ? { __proto__: null, value, configurable: true, writable: true, enumerable: false } : { __proto__: null, ...value, configurable: true });
  };
  const spoilt = () => { throw new Error("spoilt"); };
  const worker = new Worker("/echo.js");
  let answers = 0;
  worker.onmessage = () => {
    answers++;
    if (answers < 100) return;
    for (let i = undo.length - 1; i >= 0; i--) undo[i]();
    fetch("/done").catch(() => {});
  };
  for (const name of ["get", "set", "apply", "construct", "has", "getPrototypeOf", "ownKeys"]) replace(Object.prototype, name, spoilt);
  for (const name of ["once", "capture", "passive", "bubbles", "composed", "writable", "again", "kind", "channel"]) replace(Object.prototype, name, true);
  for (const name of ["detail", "label", "url", "value", "level"]) replace(Object.prototype, name, "forged");
  const builtIns = [
    [Function.prototype, ["call", "apply", "bind"]], [Reflect, ["apply", "construct", "getOwnPropertyDescriptor", "getPrototypeOf"]],
    [Object, ["keys", "defineProperty", "getPrototypeOf", "hasOwn", "setPrototypeOf"]], [Array, ["isArray", "from"]],
    [Array.prototype, ["push", "indexOf", "slice", "map", Symbol.iterator]], [Map.prototype, ["get", "set", "delete", "forEach"]],
    [WeakMap.prototype, ["get", "set"]], [String.prototype, ["charCodeAt", "includes"]], [Uint8Array.prototype.__proto__, ["set", "subarray"]],
    [DataView.prototype, ["setUint32", "setFloat64", "getFloat64"]], [TextEncoder.prototype, ["encodeInto"]], [Promise.prototype, ["then"]],
    [EventTarget.prototype, ["addEventListener", "removeEventListener", "dispatchEvent"]], [Event.prototype, ["preventDefault", "stopImmediatePropagation"]],
    [Performance.prototype, ["now"]], [window, ["setTimeout", "clearTimeout", "CustomEvent", "FocusEvent", "MessageEvent", "btoa", "Uint8Array", "Proxy", "Map", "WeakMap"]],
    [JSON, ["stringify", "parse"]], [Function, [Symbol.hasInstance]],
  ];
  for (let i = 0; i < builtIns.length; i++) {
    const owner = builtIns[i][0], names = builtIns[i][1];
    for (let j = 0; j < names.length; j++) replace(owner, names[j], spoilt);
  }
  const places = "0123";
  for (let i = 0; i < 4; i++) replace(Array.prototype, places[i], { __proto__: null, set(value) { stolen[stolen.length + 4] = value; }, get() { return "forged"; } });
  replace(MessageEventPrototype, "data", { __proto__: null, get: () => "a lie" });
  let number = 0;
  const step = () => {
    worker.postMessage({ number, text: "t" + number, list: { __proto__: null, a: 1.5 } });
    number++;
    if (number < 100) { if (number % 10) step(); else requestAnimationFrame(step); }
  };
  step();
</script>`;

test(`polluted prototypes and replaced built-ins change nothing (${browserName})`, LIMIT, () =>
  withHostile({ "/": POLLUTED, "/echo.js": ECHO }, async ({ browser, site }) => {
    const page = await browser.openPage(`${site.url}/`);
    // A driver that asks the page meanwhile would meet the spoilt built-ins itself.
    await until("the page to be done", () => site.asked.has("/done"), { detail: () => [...site.asked] });
    const panel = await browser.openPanel(page);
    const seen = await untilCaptured(panel, 100, 100);
    assert.deepEqual(await page.evaluate("() => [errors, stolen.length]"), [[], 0]);
    assert.deepEqual([seen.sent, seen.received, seen.lost], [100, 100, 0]);
    const sent = chunksOf(await captureFile(panel)).flatMap((chunk) => chunk.events).filter((event) => event.kind === "sent");
    assert.deepEqual(sent.map(({ value }) => [value.number, value.text, value.list.a]), Array.from({ length: 100 }, (_, i) => [i, `t${i}`, 1.5]));
  }),
);

const PAYLOADS = `${WATCH}<script>
  // Whoever listens early might hear a handshake, and whoever calls might be answered.
  window.overheard = [];
  const mine = document.createElement("i");
  addEventListener("rollscope:hook", ({ relatedTarget }) => { if (relatedTarget !== mine && relatedTarget !== document) overheard.push("hook"); }, true);
  mine.addEventListener("command", ({ detail }) => overheard.push(detail));
  for (let i = 0; i < 5; i++) {
    window.dispatchEvent(new Event("rollscope:relay"));
    window.dispatchEvent(new FocusEvent("rollscope:hook", { relatedTarget: mine }));
    mine.dispatchEvent(new CustomEvent("chunk", { detail: "!!!! no base64", cancelable: true }));
    window.dispatchEvent(new FocusEvent("rollscope:hook", { relatedTarget: document }));
    // As if another tab had switched recording off.
    window.dispatchEvent(new StorageEvent("storage", { key: "rollscope.off", newValue: "1" }));
  }
  const worker = new Worker("/echo.js");
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const deep = {};
  for (let i = 0, at = deep; i < 5000; i++) at = at.in = {};
  const cycle = { list: [] };
  cycle.list.push(cycle, cycle.list);
  const wide = {};
  for (let i = 0; i < 70_000; i++) wide["key " + i] = i;
  let lie = 0;
  const payloads = [
    { get thrower() { throw new RangeError("mine"); } },
    { get liar() { return lie++; } },
    { get sender() { worker.postMessage("from a getter"); return 1; } },
    { get deleter() { delete this.gone; return 1; }, gone: 1 },
    new Proxy({}, { ownKeys() { throw new TypeError("mine"); } }),
    new Proxy([1, 2], {}), proxy, deep, cycle, wide,
    [new Proxy({}, { get() { throw new SyntaxError("mine"); }, ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })],
    Object.create({ inherited: 1 }, { own: { enumerable: true, value: 2 } }),
    { toJSON() { throw new Error("mine"); } }, () => {}, Symbol("x"), document.body,
    "\\ud800 alone", "<script>window.pwned = true<\\/script><img src=x onerror='window.pwned = true'>",
    { "<img src=x onerror=alert(1)>": "<\\/script><script>window.pwned = true<\\/script>" },
  ];
  // What the call throws is what a clone throws.
  window.differences = payloads.map((payload, i) => [i, thrown(() => structuredClone(payload)), thrown(() => worker.postMessage(payload))]).filter(([, clone, call]) => clone !== call);
  window.calls = payloads.length + 1;
  const connection = new RTCPeerConnection();
  connection.createDataChannel("<img src=x onerror='window.pwned = true'>");
  document.title = "done";
</script>`;

test(`payloads that throw, lie or carry markup: nothing executes, every message is accounted for (${browserName})`, LIMIT, () =>
  withHostile({ "/": PAYLOADS, "/echo.js": ECHO }, async ({ browser, site }) => {
    const page = await browser.openPage(`${site.url}/`);
    await until("the page to be done", () => page.evaluate("() => document.title === 'done'"), { detail: () => page.evaluate("() => errors") });
    assert.deepEqual(await page.evaluate("() => ({ errors, differences, overheard })"), { errors: [], differences: [], overheard: [] });
    const panel = await browser.openPanel(page);
    const chunks = await until("all calls", async () => {
      const all = chunksOf(await captureFile(panel));
      const events = all.flatMap((chunk) => chunk.events);
      return events.some((event) => event.kind === "opened" && event.channelKind === 4) ? all : undefined;
    }, { detail: () => reportOf(panel).then(({ capture }) => capture) });
    const events = chunks.flatMap((chunk) => chunk.events);
    const calls = await page.evaluate("() => calls");
    const sent = events.filter((event) => event.kind === "sent").length;
    const dropped = events.filter((event) => event.kind === "dropped").map((event) => event.value);
    // The message that a getter sends while its own object is read cannot be read, and is counted.
    assert.ok(dropped.length >= 1 && dropped.every(({ count, reason }) => count === 1 && /while another message was read/.test(reason)), JSON.stringify(dropped));
    const fromGetter = events.filter((event) => event.kind === "sent" && event.value === "from a getter").length + dropped.length;
    assert.equal(sent + dropped.length, calls - 1 + fromGetter);
    assert.equal((await reportOf(panel)).capture.lost_events, dropped.length);
    assert.deepEqual(await panel.evaluate("() => [typeof window.pwned, document.querySelectorAll('img, script:not([src])').length]"), ["undefined", 0]);
  }),
);

const FORGED = `${WATCH}<script>
  const worker = new Worker("/echo.js");
  const connection = new RTCPeerConnection(), channel = connection.createDataChannel("forged");
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/none");
  for (const target of [worker, channel, socket]) {
    target.dispatchEvent(new MessageEvent("message", { data: "forged" }));
    target.dispatchEvent(new Event("open"));
    target.dispatchEvent(new Event("close"));
    target.dispatchEvent(new ErrorEvent("error", { message: "forged" }));
  }
  connection.dispatchEvent(new Event("signalingstatechange"));
  window.dispatchEvent(new PageTransitionEvent("pagehide"));
  document.dispatchEvent(new Event("freeze"));
  // The browser's own event of the socket, which nobody serves, cannot be read.
  Object.defineProperty(CloseEvent.prototype, "code", { get() { throw new RangeError("mine"); } });
  socket.addEventListener("close", ({ isTrusted }) => { if (isTrusted) worker.postMessage({ number: 1 }); });
</script>`;

test(`forged events are no traffic, and an event that cannot be read is counted (${browserName})`, LIMIT, () =>
  withHostile({ "/": FORGED, "/echo.js": ECHO }, async ({ browser, site }) => {
    const page = await browser.openPage(`${site.url}/`);
    const panel = await browser.openPanel(page);
    await untilCaptured(panel, 1, 1);
    const events = chunksOf(await captureFile(panel)).flatMap((chunk) => chunk.events);
    assert.deepEqual(events.filter(({ kind }) => ["sent", "received", "pageEnded"].includes(kind)).map(({ kind, value }) => [kind, value]),
      [["sent", { number: 1 }], ["received", { number: 1 }]]);
    assert.ok(!JSON.stringify(events.filter(({ kind }) => kind === "state").map(({ value }) => value)).includes("forged"));
    // The failed socket's `error` comes before its `close`, and can be read.
    assert.deepEqual(events.filter(({ kind }) => kind === "dropped").map(({ value }) => [value.count, value.reason]), [[1, 'reading a "close" event threw']]);
    const { capture } = await reportOf(panel);
    assert.equal(capture.lost_events, 1);
    assert.deepEqual(capture.losses.map((/** @type {any} */ loss) => [loss.events, /reading a "close" event threw/.test(loss.reason)]), [[1, true]]);
    assert.deepEqual(await page.evaluate("() => errors"), []);
  }),
);

/** What the hook and its relay may hold for a page: the ring of 64 MB, and as much again for channels and what is under way. */
const MEMORY_CAP = 128 * 1024 * 1024;

/** What was sent may be on its way a moment longer than the page's own calls. @param {any} browser @param {any} page @param {number} before bytes */
async function staysBelow(browser, page, before) {
  const grown = async () => (await browser.memory(page)) - before;
  await until(`less than ${MEMORY_CAP} bytes more to be held than before`, async () => (await grown()) < MEMORY_CAP, { interval: 500, detail: grown });
}

const MASSES = `${WATCH}<script>
  const worker = new Worker("/echo.js");
  let answers = 0;
  worker.onmessage = () => { answers++; };
  window.masses = async () => {
    const bytes = 256 * 1024 * 1024;
    const buffer = new ArrayBuffer(bytes);
    worker.postMessage(buffer, [buffer]);
    worker.postMessage("x".repeat(bytes));
    worker.postMessage(new Blob([new Uint8Array(bytes)]));
    for (let c = 0; c < 4; c++) {
      const connection = new RTCPeerConnection();
      for (let i = 0; i < 1500; i++) connection.createDataChannel("channel " + i);
    }
    while (answers < 3) await new Promise((ok) => setTimeout(ok, 10));
    worker.postMessage({ number: 1 });
    return [errors, buffer.byteLength];
  };
</script>`;

test(`one message of 256 MB and six thousand channels stay within bounds (${browserName})`, LIMIT, () =>
  withHostile({ "/": MASSES, "/echo.js": ECHO }, async ({ browser, site }) => {
    const page = await browser.openPage(`${site.url}/`);
    const before = await browser.memory(page);
    assert.deepEqual(await page.evaluate("() => masses()"), [[], 0]);
    await staysBelow(browser, page, before);
    const panel = await browser.openPanel(page);
    const seen = await untilCaptured(panel, 4);
    assert.deepEqual([seen.sent, seen.lost], [4, 0]);
    const file = await captureFile(panel);
    assert.ok(file.length < 8 * 1024 * 1024, `${file.length} bytes`);
    const events = chunksOf(file).flatMap((chunk) => chunk.events);
    const sent = events.filter((event) => event.kind === "sent").map((event) => event.value);
    assert.deepEqual(sent.slice(0, 2).map(({ reason, type }) => [reason, type]), [[3, "object"], [3, "string"]]);
    assert.equal(sent[2].size, 256 * 1024 * 1024);
    const channels = new Set(events.filter((event) => event.kind === "opened" && event.channelKind === 4).map((event) => event.channel));
    assert.equal(channels.size, 6000);
  }),
);

test(`a hundred thousand channels: bounded memory, and every event is kept or counted (${browserName})`, LIMIT, () =>
  withHostile({ "/": WATCH }, async ({ browser, site }) => {
    const page = await browser.openPage(`${site.url}/`);
    const before = await browser.memory(page);
    assert.equal(await countChannels(page, 100_000, 700), 0);
    await staysBelow(browser, page, before);
  }, { extensionDir: undefined }),
);

/** @param {Record<string, any>} resources @param {(setting: any) => Promise<void>} body */
function withHostile(resources, body, options = {}) {
  return withBrowser("hostile", async (setting) => {
    const site = await startSite({ "/favicon.ico": { body: "", type: "image/png" }, ...resources });
    try { await body({ ...setting, site }); } finally { site.stop(); }
  }, options);
}
