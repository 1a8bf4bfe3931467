// The hook without the extension: what it writes, what it sees, and that it leaves nothing behind.
//
// dist/rollscope-hook.js is put into pages of a browser that has no extension.
// @ts-check
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../drivers/common.mjs";
import { decodeChunk } from "../../hook/decode.mjs";
import { freshRoom, peerAddress } from "../lib/arena.mjs";
import { engineLog, executedRollbacks, openSession, PANEL, reportedRollbacks, stopSession } from "../lib/session.mjs";
import { browserName, commandProgram, hookScript, LIMIT, withBrowser } from "../lib/spec.mjs";

const WITHOUT_EXTENSION = { extensionDir: undefined };
const ROLLBACKS = 8;
const source = () => readFileSync(hookScript, "utf8");

/** Every chunk of a capture file, decoded. @param {Buffer} file */
function eventsOf(file) {
  let at = 16 + file.readUInt32LE(12);
  const texts = new Map();
  const events = [];
  while (at < file.length) {
    const length = file.readUInt32LE(at + 1);
    if (file[at] === 1) events.push(...decodeChunk(new Uint8Array(file.subarray(at + 9, at + 9 + length)), texts).events);
    at += 9 + length;
  }
  return events;
}

if (browserName === "chromium") {
  test(`an init script records the arena into a file that the command reads (${browserName})`, LIMIT, () =>
    withBrowser(
      "standalone",
      async ({ browser, arenaUrl }) => {
        const room = freshRoom();
        const pages = [];
        for (const bot of [11, 22]) pages.push(await browser.openPage(peerAddress(arenaUrl, { room, bot, latencyMs: 140 })));
        const [observed, other] = pages;
        const played = () => observed.evaluate("() => window.arena?.stats()?.rollbacks ?? 0");
        await until(`${ROLLBACKS} rollbacks`, async () => (await played()) >= ROLLBACKS, { timeout: 300_000, detail: played });
        await stopSession({ observed, other });
        const executed = executedRollbacks(await engineLog(observed));
        await observed.evaluate("() => rollscopeHook.stop()");
        const file = Buffer.from(await observed.evaluate("() => rollscopeHook.drainText()"), "base64");

        const folder = mkdtempSync(join(tmpdir(), "rollscope-standalone-"));
        try {
          const path = join(folder, "session.rollscope");
          writeFileSync(path, file);
          const report = JSON.parse(
            execFileSync(commandProgram, ["report", "--format", "json", path], { encoding: "utf8", maxBuffer: 1 << 28 }),
          );
          assert.deepEqual(reportedRollbacks(report), executed);
          assert.ok(executed.length >= ROLLBACKS);
          assert.equal(report.hashes.differ, 0);
          const check = spawnSync(commandProgram, ["check", path], { encoding: "utf8" });
          assert.doesNotMatch(check.stdout + check.stderr, /CAPTURE INCOMPLETE|cut off/);
          assert.match(check.stdout, /\S/);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
        const kinds = new Set(eventsOf(file).map((event) => event.kind));
        for (const kind of ["candidate", "selectedPair", "stats", "pace"]) assert.ok(kinds.has(kind), `${kind} in ${[...kinds]}`);
      },
      { ...WITHOUT_EXTENSION, initScript: `${source()}\nrollscopeHook.start();` },
    ),
  );
}

/** The descriptors of everything that the hook may touch, as text. */
const DESCRIPTORS = `() => {
  window.known ??= new Map();
  const nameOf = (value) => {
    if (typeof value !== "function" && typeof value !== "object" || value === null) return String(value);
    if (!window.known.has(value)) window.known.set(value, "#" + window.known.size);
    return window.known.get(value);
  };
  const lines = [];
  const list = (where, owner) => {
    for (const key of Reflect.ownKeys(owner)) {
      if (owner === window && typeof key === "string" && /^(known|rollscopeHook|\\d+)$/.test(key)) continue;
      const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(owner, key);
      lines.push([where, String(key), nameOf(value), nameOf(get), nameOf(set), JSON.stringify(rest)].join(" "));
    }
  };
  list("window", window);
  for (const name of ["Worker", "SharedWorker", "RTCPeerConnection", "RTCDataChannel", "WebSocket", "MessagePort", "EventTarget", "Promise", "Function"]) {
    if (!window[name]) continue;
    list(name, window[name]);
    list(name + ".prototype", window[name].prototype);
  }
  // Firefox resolves the names of a window one by one, in an order of its own.
  return lines.sort();
}`;

test(`the hook reverted leaves no trace (${browserName})`, LIMIT, () =>
  withBrowser(
    "revert",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/idle.html`);
      await page.evaluate("() => { window.loadPyodide = async () => ({ runPythonAsync: async () => 1 }); }");
      const before = await page.evaluate(DESCRIPTORS);
      await page.evaluate(`() => { ${source()} }`);
      assert.equal(await page.evaluate(`() => rollscopeHook.start({ python: true, shaper: { rules: [{ loss: 0.5 }] } })`), true);
      const during = await page.evaluate(DESCRIPTORS);
      const changed = during.filter((line) => !before.includes(line)).map((line) => line.split(" ").slice(0, 2).join(" "));
      for (const name of [
        "window Worker", "window SharedWorker", "window RTCPeerConnection", "window WebSocket", "window loadPyodide", "window requestAnimationFrame",
        "Worker.prototype postMessage", "Worker.prototype terminate", "RTCPeerConnection.prototype createDataChannel",
        "RTCPeerConnection.prototype addIceCandidate", "RTCDataChannel.prototype send", "RTCDataChannel.prototype close",
        "WebSocket.prototype send", "MessagePort.prototype postMessage",
      ]) assert.ok(changed.includes(name), `${name} is patched: ${changed}`);
      assert.equal(await page.evaluate("() => rollscopeHook.start()"), true, "a second start changes nothing");
      await page.evaluate("() => rollscopeHook.stop()");
      assert.deepEqual(await page.evaluate(DESCRIPTORS), before);
    },
    WITHOUT_EXTENSION,
  ),
);

/** Two connected peers of one page, with three channels of one label. */
const CONNECT = `async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
  const there = [];
  b.ondatachannel = ({ channel }) => there.push(channel);
  const here = [0, 1, 2].map(() => a.createDataChannel("game", { ordered: false, maxRetransmits: 0 }));
  const reliable = a.createDataChannel("state");
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  await Promise.all([...here, reliable].map((channel) => channel.readyState === "open" || new Promise((ok) => { channel.onopen = ok; })));
  while (there.length < 4) await new Promise((ok) => setTimeout(ok, 10));
  window.got = { game: [], state: [] };
  for (const channel of there) channel.onmessage = ({ data }) => window.got[channel.label].push(data);
  window.here = here;
  window.reliable = reliable;
}`;

test(`the shaper drops by its seed, keeps what a channel promises, and says so (${browserName})`, LIMIT, () =>
  withBrowser(
    "shaper",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/idle.html`);
      await page.evaluate(`() => { ${source()} }`);
      await page.evaluate("() => rollscopeHook.start()");
      await page.evaluate(CONNECT);
      await page.evaluate(`() => rollscopeHook.configure({ shaper: { seed: 5, rules: [
        { label: "game", direction: "send", loss: 0.5 },
        { label: "state", delayMillis: 20, jitterMillis: 30, loss: 0.3, retryMillis: 40 },
      ] } })`);
      await page.evaluate(`() => {
        for (let i = 0; i < 40; i++) { here[0].send("lossy " + i); reliable.send(new Uint8Array([i]).buffer); }
      }`);
      await until("all of the reliable channel", () => page.evaluate("() => window.got.state.length === 40"), { detail: () => page.evaluate("() => window.got.state.length") });
      await page.evaluate("() => rollscopeHook.configure({ shaper: null })");
      const got = await page.evaluate("async () => ({ state: await Promise.all(got.state.map(async (d) => new Uint8Array(d.arrayBuffer ? await d.arrayBuffer() : d)[0])) })");
      await page.evaluate("() => rollscopeHook.stop()");
      const events = eventsOf(Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));

      assert.deepEqual(got.state, Array.from({ length: 40 }, (_, i) => i), "in order, none lost");
      const channels = events.filter((event) => event.kind === "opened" && event.value.label === "game" && event.value.origin === "local");
      assert.equal(new Set(channels.map((event) => event.channel)).size, 3, "three channels of one label are told apart");
      const sent = events.filter((event) => event.kind === "sent" && event.channel === channels[0].channel);
      const withheld = sent.filter((event) => event.flags & 4).map((event) => event.value);
      assert.ok(withheld.length > 8 && withheld.length < 32, `${withheld.length} of 40 withheld`);
      const expected = Array.from({ length: 40 }, (_, i) => `lossy ${i}`).filter((text) => !withheld.includes(text));
      // Nothing orders this channel, and nobody repeats what a busy machine's network loses: most of it comes.
      const game = () => page.evaluate("() => window.got.game");
      await until("what was not withheld", async () => (await game()).length > expected.length / 2, { detail: game });
      assert.deepEqual((await game()).filter((text) => !expected.includes(text)), [], "nothing of what was withheld came");
      const shaper = events.filter((event) => event.kind === "shaper").map((event) => event.value);
      assert.deepEqual(shaper.map(({ on, seed }) => [on, seed]), [[true, 5], [false, undefined]]);
      const delayed = events.filter((event) => event.kind === "received" && event.flags & 8);
      assert.equal(delayed.length, 40, "both sides of the reliable channel are in this page");
    },
    WITHOUT_EXTENSION,
  ),
);

test(`every animation frame that a page asks for is counted (${browserName})`, LIMIT, () =>
  withBrowser(
    "frames",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/idle.html`);
      await page.evaluate(`() => { ${source()} }`);
      await page.evaluate("() => rollscopeHook.start()");
      const asked = await page.evaluate(`() => new Promise((done) => {
        const asked = [];
        const step = () => {
          if (asked.length >= 90 && asked.at(-1) - asked[0] > 2500) return done(asked);
          asked.push(performance.now());
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      })`);
      await page.evaluate("() => rollscopeHook.stop()");
      const events = eventsOf(Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));
      const paces = events.filter((event) => event.kind === "pace" && event.value.animationFrames > 0);
      assert.ok(paces.length > 0, "two and a half seconds of frames have a pace");
      const counted = paces.reduce((sum, { value }) => sum + value.animationFrames, 0);
      const until = asked.filter((time) => time <= paces.at(-1).time).length;
      // The first one is asked for outside of a frame.
      assert.ok(Math.abs(counted - until) <= 2, `${counted} counted of ${until}`);
    },
    WITHOUT_EXTENSION,
  ),
);

/** Messages that are sent one by one. */
const SMALL = 200;

test(`shared workers, saved constructors, levels and what waits in a channel are seen (${browserName})`, LIMIT, () =>
  withBrowser(
    "kinds",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/idle.html`);
      await page.evaluate("() => { window.SavedWorker = Worker; }");
      await page.evaluate(`() => { ${source()} }`);
      await page.evaluate(`() => rollscopeHook.start({ levels: [
        { kind: "sharedWorker", level: "counters" },
      ] })`);
      await page.evaluate(`async () => {
        const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
        const answer = (target) => new Promise((ok) => { target.onmessage = ({ data }) => ok(data); });
        const echo = blob("onmessage = ({ data }) => postMessage(data);");
        // Made by a constructor that was saved before the hook came, then used through the patched method.
        const early = new SavedWorker(echo);
        const said = answer(early);
        early.postMessage({ early: true });
        await said;
        const buffer = new ArrayBuffer(8);
        const transferred = answer(early);
        early.postMessage({ buffer }, [buffer]);
        await transferred;
        if (buffer.byteLength !== 0) throw new Error("the buffer was not transferred");
        const shared = new SharedWorker(blob("onconnect = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); };"));
        const heard = answer(shared.port);
        shared.port.postMessage("to a shared worker");
        await heard;
      }`);
      await page.evaluate(CONNECT);
      await page.evaluate(`async () => {
        for (let i = 0; i < 40; i++) reliable.send(new Uint8Array(60_000));
        while (window.got.state.length < 40) await new Promise((ok) => setTimeout(ok, 10));
        // One after another: something waits a moment with each of them, and never much.
        for (let i = 41; i <= ${40 + SMALL}; i++) {
          reliable.send("small");
          while (window.got.state.length < i) await new Promise((ok) => setTimeout(ok, 0));
        }
        rollscopeHook.configure({ levels: [{ channel: 1, level: "headers" }] });
      }`);
      // Drains one after another are one file.
      let file = Buffer.alloc(0);
      const drain = async () => {
        file = Buffer.concat([file, Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64")]);
      };
      await until("the selected pair and two seconds of statistics", async () => {
        await drain();
        const kinds = eventsOf(file).map((event) => event.kind);
        return kinds.includes("selectedPair") && kinds.filter((kind) => kind === "stats").length >= 4;
      }, { detail: () => eventsOf(file).map((event) => event.kind).slice(-40) });
      await page.evaluate("() => rollscopeHook.stop()");
      await drain();
      const events = eventsOf(file);
      const channelOf = (kind) => events.find((event) => event.kind === "opened" && event.channelKind === kind).channel;
      const at = (channel, kind) => events.filter((event) => event.channel === channel && event.kind === kind);

      const worker = channelOf(1);
      assert.deepEqual(at(worker, "sent").map((event) => event.flags), [0, 1], "the second with a transfer list");
      assert.deepEqual(at(worker, "sent")[0].value, { early: true });
      assert.equal(at(worker, "sent")[1].value.buffer.byteLength, 8, "copied before it went");
      assert.equal(at(worker, "received").length, 2);
      assert.deepEqual(at(worker, "level").map((event) => [event.value.level, event.value.reason]), [["headers", "user"]]);

      const shared = channelOf(2);
      assert.equal(at(shared, "sent").length + at(shared, "received").length, 0, "counters only");
      const counted = at(shared, "counted").map((event) => event.value);
      assert.deepEqual([counted.reduce((sum, each) => sum + each.sent, 0), counted.reduce((sum, each) => sum + each.received, 0)], [1, 1]);

      const buffered = events.filter((event) => event.kind === "buffered").map((event) => event.value);
      assert.ok(buffered.some(({ most }) => most > 16_384), `much waited: ${JSON.stringify(buffered)}`);
      const seconds = (events.at(-1).time - events[0].time) / 1000;
      const little = buffered.filter(({ most }) => most <= 16_384).length;
      assert.ok(little < SMALL / 2 || little <= 2 * seconds, `once a second at most, not with each message: ${little} in ${seconds} s`);
      const states = events.filter((event) => event.kind === "state" && "signalingState" in event.value).map((event) => event.value.signalingState);
      assert.ok(states.includes("have-local-offer") && states.includes("stable"), `signalling: ${states}`);
      // Under load another pair may take over; the sums must go on all the same.
      const stats = events.filter((event) => event.kind === "stats");
      for (const channel of new Set(stats.map((event) => event.channel))) {
        const bytes = stats.filter((event) => event.channel === channel).map(({ value }) => value.bytesSent + value.bytesReceived);
        assert.ok(bytes.at(-1) > 0 && bytes.every((sum, i) => i === 0 || sum >= bytes[i - 1]), `bytes of connection ${channel}: ${bytes}`);
      }
      assert.equal(events.find((event) => event.kind === "selectedPair").value.protocol, "udp");
      const origins = new Set(events.filter((event) => event.kind === "candidate").map((event) => event.value.origin));
      assert.deepEqual([...origins].sort(), ["local", "remote"]);
    },
    WITHOUT_EXTENSION,
  ),
);

test(`the panel says that the shaper is on (${browserName})`, LIMIT, () =>
  withBrowser("shaper-banner", async ({ browser, arenaUrl, watch }) => {
    const settings = await browser.openPage(`${arenaUrl}/idle.html`);
    await settings.evaluate(`() => { localStorage["rollscope.settings"] = JSON.stringify({ shaper: { rules: [{ kind: "dataChannel", delayMillis: 5 }] } }); }`);
    const session = await openSession(browser, arenaUrl);
    watch(session.panel);
    const shown = async () => (await session.panel.text(PANEL.error)) ?? "";
    await until("the banner", async () => /NETWORK SHAPER ON: \d+ messages were delayed/.test(await shown()), {
      detail: shown,
    });
  }),
);

test(`Python on the page's own thread is watched when asked for, also when it comes later (${browserName})`, LIMIT, () =>
  withBrowser(
    "python",
    async ({ browser, arenaUrl }) => {
      const page = await browser.openPage(`${arenaUrl}/idle.html`);
      await page.evaluate(`() => { ${source()} }`);
      await page.evaluate("() => rollscopeHook.start({ python: true })");
      const results = await page.evaluate(`async () => {
        window.loadPyodide = async () => ({
          runPythonAsync: async (code) => { if (code === "bad") throw new TypeError("no"); return [code.length, undefined]; },
          runPython: (code) => code + "!",
        });
        const pyodide = window.pyodideInstance = await loadPyodide();
        const failed = await pyodide.runPythonAsync("bad").catch((error) => error.name);
        return [await pyodide.runPythonAsync("env.step(1)"), pyodide.runPython("x"), failed];
      }`);
      assert.deepEqual([results[0][0], results[1], results[2]], [11, "x!", "TypeError"], "the page sees what it saw");
      await page.evaluate("() => rollscopeHook.stop()");
      const events = eventsOf(Buffer.from(await page.evaluate("() => rollscopeHook.drainText()"), "base64"));
      const opened = events.filter((event) => event.kind === "opened" && event.channelKind === 6);
      assert.equal(opened.length, 1);
      const of = (kind) => events.filter((event) => event.kind === kind && event.channel === opened[0].channel).map((event) => event.value);
      assert.deepEqual(of("sent"), [
        { id: 1, method: "runPythonAsync", code: "bad" }, { id: 2, method: "runPythonAsync", code: "env.step(1)" },
        { id: 3, method: "runPython", code: "x" },
      ]);
      assert.deepEqual(of("received").sort((a, b) => a.id - b.id), [
        { id: 1, error: { name: "TypeError", message: "no" } }, { id: 2, result: [11, undefined] }, { id: 3, result: "x!" },
      ]);
    },
    WITHOUT_EXTENSION,
  ),
);
