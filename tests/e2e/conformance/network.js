// Peer connections, data channels and sockets in use.
// @ts-nocheck
const wait = (target, type) => new Promise((done) => target.addEventListener(type, done, { once: true }));
const thrown = (run) => { try { run(); return null; } catch (error) { return [error.constructor.name, error instanceof DOMException, error.name, error.code ?? null, error.message]; } };

async function connect(order = []) {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate).catch(() => {});
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate).catch(() => {});
  const there = new Promise((done) => { b.ondatachannel = ({ channel }) => {
    order.push("datachannel");
    channel.addEventListener("open", () => order.push("open there"));
    done(channel);
  }; });
  const here = a.createDataChannel("game", { ordered: false, maxRetransmits: 0, protocol: "p" });
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  if (here.readyState !== "open") await wait(here, "open");
  return { a, b, here, there: await there };
}

test(() => {
  note("no new", thrown(() => RTCPeerConnection()));
  note("bad servers", thrown(() => new RTCPeerConnection({ iceServers: [{ urls: "x:" }] })));
  const connection = new RTCPeerConnection();
  note("no label", thrown(() => connection.createDataChannel()));
  note("both limits", thrown(() => connection.createDataChannel("x", { maxRetransmits: 1, maxPacketLifeTime: 1 })));
  const channel = connection.createDataChannel("x");
  assert_true(channel instanceof RTCDataChannel);
  assert_equals(channel.constructor, RTCDataChannel);
  note("a channel", [channel.label, channel.ordered, channel.maxRetransmits, channel.maxPacketLifeTime, channel.protocol, channel.negotiated, channel.readyState, channel.binaryType, channel.bufferedAmount]);
  note("too early", thrown(() => channel.send("x")));
  note("no data", thrown(() => channel.send()));
  connection.close();
  note("closed", thrown(() => connection.createDataChannel("y")));
  assert_equals(connection.connectionState, "closed");
  note("statics", [typeof RTCPeerConnection.generateCertificate]);
}, "peer connections and channels refuse what they refused");

promise_test(async () => {
  const connection = new RTCPeerConnection();
  const error = await connection.addIceCandidate({ candidate: "nonsense", sdpMid: "0" }).catch((error) => error);
  note("bad candidate", [error.constructor.name, error.name]);
  assert_true(connection.addIceCandidate(undefined).catch(() => {}) instanceof Promise);
  connection.close();
}, "candidates are promised as ever");

promise_test(async () => {
  const order = [];
  const { a, b, here, there } = await connect(order);
  note("far channel", [there.label, there.ordered, there.maxRetransmits, there.protocol, there.constructor === RTCDataChannel]);
  there.binaryType = "arraybuffer";
  there.addEventListener("message", () => order.push("first"));
  there.onmessage = () => order.push("on");
  const messages = [];
  there.addEventListener("message", ({ data, isTrusted, origin }) => messages.push([typeof data === "string" ? data : [...new Uint8Array(data)], isTrusted, typeof origin]));
  const bytes = new Uint8Array([9, 8, 7, 6]);
  assert_equals(here.send("text"), undefined);
  here.send(bytes.subarray(1, 3));
  here.send(bytes.buffer);
  here.send(new DataView(bytes.buffer, 2));
  here.send(new Blob(["ab"]));
  here.send(5);
  here.send("");
  bytes.fill(0);
  while (messages.length < 7) await wait(there, "message");
  // A blob is read when the browser has time; everything else keeps its order.
  note("messages", messages.map((message) => JSON.stringify(message)).sort());
  note("order", order.slice(0, 4));
  note("an object", thrown(() => here.send({ toString() { return "made"; } })));
  const closed = wait(there, "close");
  here.close();
  note("closing", [here.readyState, thrown(() => here.send("x"))]);
  await closed;
  assert_equals(there.readyState, "closed");
  a.close();
  b.close();
}, "data channels carry what they carried");

promise_test(async () => {
  const { a, b, here, there } = await connect();
  const heard = [];
  there.addEventListener("message", (event) => { heard.push("first"); event.stopImmediatePropagation(); });
  there.addEventListener("message", () => heard.push("never"));
  here.send("x");
  while (heard.length < 1) await new Promise((done) => setTimeout(done, 5));
  assert_array_equals(heard, ["first"]);
  a.close();
  b.close();
}, "a channel's events stop where the page stops them");

test(() => {
  note("no new", thrown(() => WebSocket("ws://127.0.0.1/")));
  note("no address", thrown(() => new WebSocket()));
  note("bad address", thrown(() => new WebSocket("ws://[")));
  note("fragment", thrown(() => new WebSocket("ftp://127.0.0.1/")));
  note("twice one protocol", thrown(() => new WebSocket("ws://127.0.0.1:1/", ["a", "a"])));
  note("constants", [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.prototype.OPEN]);
  const socket = new WebSocket("ws://127.0.0.1:1/");
  assert_true(socket instanceof WebSocket);
  note("a socket", [socket.url, socket.readyState, socket.protocol, socket.extensions, socket.binaryType, socket.bufferedAmount]);
  note("too early", thrown(() => socket.send("x")));
  note("bad code", thrown(() => socket.close(5)));
  socket.close();
}, "sockets refuse what they refused");

promise_test(async () => {
  const socket = new WebSocket("ws://127.0.0.1:1/");
  const order = [];
  for (const type of ["open", "error", "close"]) socket.addEventListener(type, () => order.push(type));
  const { code, reason, wasClean } = await wait(socket, "close");
  note("nobody there", [order, code, reason, wasClean]);
}, "a socket that finds nobody says so");

promise_test(async () => {
  const address = new URLSearchParams(location.search).get("echo");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  const order = [];
  socket.onopen = () => order.push("open");
  socket.addEventListener("message", ({ data }) => order.push(typeof data === "string" ? data : [...new Uint8Array(data)]));
  await wait(socket, "open");
  socket.send("text");
  socket.send(new Uint8Array([1, 2]));
  socket.send(new Blob(["z"]));
  while (order.length < 4) await wait(socket, "message");
  note("echo", order);
  const closed = wait(socket, "close");
  socket.close(1000, "enough");
  note("closing", [socket.readyState, thrown(() => socket.send("late"))]);
  const { code, wasClean } = await closed;
  note("closed", [code, wasClean, socket.readyState]);
}, "a socket carries what it carried");
