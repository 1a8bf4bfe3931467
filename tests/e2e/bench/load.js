// The loads of the capture benchmark, for an ordinary page; the same script runs in a page with the hook and in one
// without it.
// @ts-check
/** @type {any} */
const page = window;
const worker = new Worker("/bench/echo.js");
const sink = new Worker("/bench/sink.js");

/** 100 bytes, and 2 KB as a worker's reply: a little state and many words of a generator. */
const payloads = /** @type {Record<string, (i: number) => any>} */ ({
  small: (i) => ({ type: "input", frame: i, player: i & 1, keys: 5, sentAt: i * 16.67 }),
  reply: (i) => ({ type: "reply", id: i, ok: true, results: [{ op: "step", frame: i, state: {
    players: [0, 1].map((p) => ({ id: p, x: i / 3 + p, y: i / 7, vx: -1.5, vy: 0.25, hp: 100, keys: [] })),
    score: { p1: 3, p2: 4 }, rng: Array.from({ length: 140 }, (_, k) => ((i + k) * 2654435761) >>> 0) },
    note: "resimulated after a misprediction of the remote player" }] }),
});
const TEXT = JSON.stringify(payloads.small(7)).padEnd(100);

/** As every page reads what it gets; a browser may unpack it only then. */
page.lastHeard = undefined;
/** Round trips a second: the next one begins when the answer is there. @param {(text: any) => void} send @param {any} target @param {(i: number) => any} make */
function roundTrips(send, target, make, millis) {
  return new Promise((done) => {
    let count = 0;
    const start = performance.now();
    target.onmessage = ({ data }) => {
      page.lastHeard = data;
      count++;
      const now = performance.now();
      if (now - start < millis) send(make(count));
      else { target.onmessage = null; done(1000 * count / (now - start)); }
    };
    send(make(0));
  });
}

page.pingWorker = (name, millis) => roundTrips((message) => worker.postMessage(message), worker, payloads[name], millis);

/** @type {any} */
let channel, socket;
page.connect = async (echo) => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  page.connections = [a, b];
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(/** @type {any} */ (candidate)).catch(() => {});
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(/** @type {any} */ (candidate)).catch(() => {});
  b.ondatachannel = ({ channel: far }) => { far.onmessage = ({ data }) => far.send(data); page.far = far; };
  channel = a.createDataChannel("game", { ordered: false, maxRetransmits: 0 });
  await a.setLocalDescription();
  await b.setRemoteDescription(/** @type {any} */ (a.localDescription));
  await b.setLocalDescription();
  await a.setRemoteDescription(/** @type {any} */ (b.localDescription));
  if (channel.readyState !== "open") await new Promise((done) => { channel.onopen = done; });
  while (!page.far || page.far.readyState !== "open") await new Promise((done) => setTimeout(done, 5));
  socket = new WebSocket(echo);
  await new Promise((done) => { socket.onopen = done; });
};
page.pingChannel = (millis) => roundTrips((text) => channel.send(text), channel, () => TEXT, millis);
page.pingSocket = (millis) => roundTrips((text) => socket.send(text), socket, () => TEXT, millis);

/** A frame's own work: moving 15,000 things and drawing a hundred. Half a millisecond and more. */
const canvas = document.createElement("canvas");
document.body.append(canvas);
const pen = canvas.getContext("2d");
const things = Float64Array.from({ length: 60_000 }, (_, i) => i % 97);
function play(frame) {
  for (let i = 0; i < things.length; i += 4) {
    things[i] += Math.sin(frame + things[i + 2]);
    things[i + 1] += Math.cos(frame + things[i + 3]) * Math.sqrt(Math.abs(things[i]));
    if (Math.hypot(things[i], things[i + 1]) > 150) things[i] = things[i + 1] = 0;
  }
  pen?.clearRect(0, 0, 300, 150);
  for (let i = 0; i < 400; i += 4) pen?.fillRect(things[i], things[i + 1], 3, 3);
}

/** A game of 60 frames a second with 20 messages a frame: ten go to a worker, which answers each. */
page.game = (millis) => new Promise((done) => {
  let frames = 0, heard = 0;
  worker.onmessage = ({ data }) => { page.lastHeard = data; heard++; };
  const start = performance.now();
  const frame = () => {
    frames++;
    play(frames);
    for (let i = 0; i < 10; i++) worker.postMessage(i % 5 ? payloads.small(frames) : payloads.reply(frames));
    if (performance.now() - start < millis) requestAnimationFrame(frame);
    else { worker.onmessage = null; done({ frames, heard }); }
  };
  requestAnimationFrame(frame);
});

/** A steady rate of messages that nobody answers. */
page.sunk = 0;
page.flow = (perSecond, seconds) => new Promise((done) => {
  const start = performance.now(), end = start + 1000 * seconds;
  let given = 0;
  const turn = () => {
    const due = Math.floor((Math.min(performance.now(), end) - start) * perSecond / 1000);
    for (; given < due; given++) sink.postMessage({ type: "input", number: page.sunk++, keys: 5 });
    if (performance.now() < end) setTimeout(turn, 4); else done(given);
  };
  turn();
});

/**
 * The hook that one would write first: an object of its own for every message, from the page to the content script by
 * `window.postMessage`, and from there on by a port.
 */
page.hookNaively = () => {
  const tell = (kind, data) => window.postMessage({ hook: true, kind, time: performance.now(), data }, "*");
  const original = Worker.prototype.postMessage;
  Worker.prototype.postMessage = /** @type {any} */ (function (/** @type {any[]} */ ...args) {
    original.apply(this, /** @type {any} */ (args));
    tell("sent", args[0]);
  });
  worker.addEventListener("message", ({ data }) => tell("received", data));
  const { port1, port2 } = new MessageChannel();
  original.call(sink, { port: port2 }, /** @type {any} */ ([port2]));
  addEventListener("message", ({ data }) => { if (data?.hook) port1.postMessage(data); });
};
/** The least that a hook can be: it adds one function between the page and the browser's own, and nothing else. */
page.hookLeast = () => {
  const original = Worker.prototype.postMessage;
  const post = Function.prototype.call.bind(/** @type {any} */ (original));
  Worker.prototype.postMessage = /** @type {any} */ ({
    /** @param {any[]} args */
    postMessage(...args) { return args.length === 1 ? post(this, args[0]) : original.apply(this, /** @type {any} */ (args)); },
  }.postMessage);
};
page.isReady = true;
