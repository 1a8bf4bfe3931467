// Workers, ports and frames in use: errors and their types, order of events, transfers, options.
// @ts-nocheck
const answerUrl = "/conformance/answer.js";
const wait = (target, type) => new Promise((done) => target.addEventListener(type, done, { once: true }));
const thrown = (run) => { try { run(); return null; } catch (error) { return [error.constructor.name, error instanceof DOMException, error.name, error.code ?? null, error.message]; } };

test(() => {
  note("no new", thrown(() => Worker(answerUrl)));
  note("no address", thrown(() => new Worker()));
  note("bad address", thrown(() => new Worker("http://[")));
  note("symbol as address", thrown(() => new Worker(Symbol("x"))));
  note("bad type", thrown(() => new Worker(answerUrl, { type: "none" })));
  note("other origin", thrown(() => new Worker("http://example.invalid/x.js")));
  note("shared, no address", thrown(() => new SharedWorker()));
  const worker = new Worker(answerUrl);
  note("no message", thrown(() => worker.postMessage()));
  note("function", thrown(() => worker.postMessage(() => {})));
  note("symbol", thrown(() => worker.postMessage(Symbol("s"))));
  note("proxy", thrown(() => worker.postMessage(new Proxy({}, {}))));
  note("window", thrown(() => worker.postMessage(window)));
  note("throwing getter", thrown(() => worker.postMessage({ get x() { throw new RangeError("mine"); } })));
  const buffer = new ArrayBuffer(8);
  note("twice in the list", thrown(() => worker.postMessage(buffer, [buffer, buffer])));
  assert_equals(buffer.byteLength, 8);
  note("no transferable", thrown(() => worker.postMessage(1, [{}])));
  note("list that is none", thrown(() => worker.postMessage(1, 5)));
  worker.postMessage(buffer, [buffer]);
  assert_equals(buffer.byteLength, 0);
  note("detached", thrown(() => worker.postMessage(buffer, [buffer])));
  worker.terminate();
  assert_equals(worker.postMessage("after"), undefined);
}, "calls throw what they threw");

test(() => {
  let reads = 0;
  const address = { toString() { reads++; return answerUrl; } };
  const worker = new Worker(address);
  assert_equals(reads, 1);
  const options = [];
  new Worker(answerUrl, new Proxy({ name: "n" }, { get(target, key) { options.push(String(key)); return target[key]; } })).terminate();
  note("options read", options);
  const posted = [];
  worker.postMessage(1, new Proxy({}, { get(target, key) { posted.push(String(key)); return target[key]; } }));
  note("options of postMessage read", posted.filter((key) => key === "transfer"));
  worker.terminate();
}, "arguments are read as often as ever");

promise_test(async () => {
  const order = [];
  const worker = new Worker(answerUrl);
  worker.addEventListener("message", () => order.push("first"));
  worker.onmessage = () => order.push("on");
  worker.addEventListener("message", { handleEvent() { order.push("object"); } });
  worker.addEventListener("message", () => order.push("capture"), true);
  worker.addEventListener("message", () => order.push("once"), { once: true });
  worker.postMessage("a");
  const event = await wait(worker, "message");
  worker.postMessage("b");
  await wait(worker, "message");
  note("order of listeners", order);
  note("event", [event.constructor === MessageEvent, event.isTrusted, event.target === worker, event.origin, event.lastEventId, event.source, event.ports.length, event.eventPhase, event.bubbles, event.cancelable]);
  assert_equals(event.data, event.data);
  worker.terminate();
}, "listeners run in their order");

promise_test(async () => {
  const order = [];
  const worker = new Worker(answerUrl);
  worker.addEventListener("message", (event) => { order.push("first"); event.stopImmediatePropagation(); });
  worker.addEventListener("message", () => order.push("never"));
  worker.onmessage = () => order.push("never");
  worker.postMessage("a");
  const channel = new MessageChannel();
  worker.postMessage("port", [channel.port1]);
  await new Promise((done) => { channel.port2.onmessage = done; });
  assert_array_equals(order, ["first"]);
  worker.terminate();
}, "stopImmediatePropagation stops the listeners behind, and no other");

promise_test(async () => {
  const worker = new Worker(answerUrl, { type: "module", name: "named" });
  worker.postMessage("name");
  assert_equals((await wait(worker, "message")).data, "named module");
  const sent = { n: NaN, z: -0, big: 12n, date: new Date(5), map: new Map([[1, { a: 1 }]]), set: new Set([2]), re: /x/gi, bytes: new Uint8Array([1, 2]), hole: [1, , 3], u: undefined, error: new RangeError("r") };
  sent.self = sent;
  worker.postMessage(sent);
  const { data } = await wait(worker, "message");
  assert_equals(data.self, data);
  note("clone", [Object.keys(data), Object.is(data.n, NaN), Object.is(data.z, -0), String(data.big), data.date.getTime(), data.map.get(1).a, data.set.has(2), String(data.re), [...data.bytes], 1 in data.hole, data.error.name, data.error.message]);
  worker.terminate();
}, "a module worker gets every cloneable value");

promise_test(async () => {
  const worker = new Worker(answerUrl);
  const isolated = new Uint8Array([1, 2, 3]);
  worker.postMessage({ isolated }, { transfer: [isolated.buffer] });
  assert_equals(isolated.length, 0);
  const { data } = await wait(worker, "message");
  assert_array_equals([...data.isolated], [1, 2, 3]);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage("port", [port2]);
  assert_equals((await new Promise((done) => { port1.onmessage = done; })).data, "through the port");
  note("a transferred port", thrown(() => worker.postMessage("x", [port2])));
  const late = { changed: 1 };
  worker.postMessage(late);
  late.changed = 2;
  assert_equals((await wait(worker, "message")).data.changed, 1);
  worker.terminate();
}, "transfers empty what they transfer, and messages are copied at the call");

promise_test(async () => {
  const missing = new Worker("/conformance/none.js");
  const failed = await wait(missing, "error");
  note("a script that is missing", [failed.constructor.name, failed.isTrusted, failed.cancelable]);
  const worker = new Worker(answerUrl);
  const order = [];
  addEventListener("error", () => order.push("window"), { once: true });
  worker.onerror = (event) => { order.push("on"); event.preventDefault(); };
  worker.postMessage("throw");
  const error = await wait(worker, "error");
  note("an error in a worker", [error.constructor.name, error.message, error.lineno, new URL(error.filename).pathname, error.defaultPrevented, order]);
  worker.terminate();
}, "error events are those of the worker");

promise_test(async () => {
  const shared = new SharedWorker("/conformance/shared.js", "one");
  assert_equals(shared.port, shared.port);
  assert_true(shared.port instanceof MessagePort);
  const heard = [];
  shared.port.addEventListener("message", ({ data }) => heard.push(data));
  shared.port.postMessage("early");
  await new Promise((done) => setTimeout(done, 30));
  note("not started", heard.length);
  shared.port.start();
  shared.port.postMessage("late");
  while (heard.length < 2) await wait(shared.port, "message");
  assert_array_equals(heard, ["early", "late"]);
  shared.port.close();
}, "a shared worker's port waits for start");

promise_test(async () => {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const inner = frame.contentWindow;
  assert_true(inner.Worker !== Worker);
  const worker = new inner.Worker(new URL(answerUrl, location.href));
  assert_true(worker instanceof inner.Worker);
  assert_false(worker instanceof Worker);
  Worker.prototype.postMessage.call(worker, "across");
  assert_equals((await wait(worker, "message")).data, "across");
  note("clone error of another frame", thrown(() => inner.Worker.prototype.postMessage.call(worker, () => {})));
  worker.terminate();
  frame.remove();
}, "frames have types of their own");

promise_test(async () => {
  const handle = requestAnimationFrame(() => {});
  assert_equals(typeof handle, "number");
  cancelAnimationFrame(handle);
  const time = await new Promise((done) => requestAnimationFrame(done));
  assert_equals(typeof time, "number");
  note("no function", thrown(() => requestAnimationFrame(5)));
  note("no argument", thrown(() => requestAnimationFrame()));
  note("foreign object", thrown(() => requestAnimationFrame.call({}, () => {})));
  let cancelled = true;
  cancelAnimationFrame(requestAnimationFrame(() => { cancelled = false; }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  assert_true(cancelled);
}, "animation frames");
