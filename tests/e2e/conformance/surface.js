// What a page sees of the wrapped objects without using them: identity, descriptors, texts, inheritance.
// @ts-nocheck
const TYPES = ["Worker", "SharedWorker", "RTCPeerConnection", "RTCDataChannel", "WebSocket", "MessagePort", "EventTarget", "Function"];
const answerUrl = "/conformance/answer.js";
const Worker_ = window.Worker;

/** Flags, names, lengths and texts; no identities, which differ between documents. Firefox names what a function owns in the order asked for. */
function describe(owner) {
  return Reflect.ownKeys(owner).map((key) => {
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(owner, key);
    const text = (f) => (typeof f === "function" ? [f.name, f.length, String(f), Function.prototype.toString.call(f), "prototype" in f, Reflect.ownKeys(f).map(String).sort()] : typeof f);
    return [String(key), text(value), text(get), text(set), flags];
  });
}

test(() => {
  for (const name of TYPES) {
    const type = window[name];
    note(`${name} statics`, describe(type));
    note(`${name}.prototype`, describe(type.prototype));
    note(`window.${name}`, (({ value, ...flags }) => flags)(Object.getOwnPropertyDescriptor(window, name)));
    assert_equals(type.prototype.constructor, type, name);
    assert_equals(window[name], globalThis[name]);
    assert_equals(String(type), Function.prototype.toString.call(type));
    assert_true(/^function \w+\(\) \{\s+\[native code\]\s+\}$/.test(String(type)), String(type));
  }
  note("Symbol.toStringTag", TYPES.map((name) => Object.prototype.toString.call(window[name].prototype)));
}, "types keep descriptors, names, lengths, texts and order of properties");

test(() => {
  assert_equals(Object.getPrototypeOf(Worker), EventTarget);
  assert_equals(Object.getPrototypeOf(Worker.prototype), EventTarget.prototype);
  note("parents", TYPES.map((name) => Object.getPrototypeOf(window[name]) === Function.prototype || Object.getPrototypeOf(window[name]).name));
  if (window.webkitRTCPeerConnection) assert_equals(webkitRTCPeerConnection, RTCPeerConnection);
}, "types inherit from what they inherited from");

test(() => {
  const names = Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name));
  // Firefox resolves names one by one, in the order in which they are asked for.
  note("names of the window", names.sort());
  note("symbols of the window", Object.getOwnPropertySymbols(window).map(String).sort());
  note("frame functions", describe(window).filter(([name]) => /AnimationFrame$|^(set|clear)(Timeout|Interval)$/.test(name)).sort());
  note("document", [document.documentElement.childNodes.length, document.childNodes.length]);
}, "the window has no name more and none less");

test(() => {
  const { toString } = Function.prototype;
  assert_equals(toString.call(toString), String(toString));
  assert_equals(String(function f(a) { return a; }), "function f(a) { return a; }");
  assert_equals(String((a) => a), "(a) => a");
  note("text of a bound function", String(Worker.prototype.postMessage.bind(null)));
  note("text of a proxy", String(new Proxy(Worker, {})));
  for (const value of [undefined, null, 1, "x", {}, Object.create(Worker)]) {
    try { toString.call(value); assert_unreached(); } catch (error) { note(`text of ${typeof value}`, [error.constructor === TypeError, error.name]); }
  }
  assert_throws_js(TypeError, () => new toString());
}, "Function.prototype.toString answers as ever");

test(() => {
  class Own extends Worker {
    constructor(url) { super(url); this.own = new.target === Own; }
    postMessage(...args) { this.calls = (this.calls ?? 0) + 1; return super.postMessage(...args); }
    get [Symbol.toStringTag]() { return "Own"; }
  }
  const own = new Own(answerUrl);
  assert_true(own instanceof Own && own instanceof Worker && own instanceof EventTarget);
  assert_equals(own.constructor, Own);
  assert_equals(Object.getPrototypeOf(own), Own.prototype);
  assert_true(own.own);
  assert_equals(own.postMessage(1), undefined);
  assert_equals(own.calls, 1);
  assert_equals(String(own), "[object Own]");
  own.terminate();
  function Other() {}
  const made = Reflect.construct(Worker, [answerUrl], Other);
  assert_equals(Object.getPrototypeOf(made), Other.prototype);
  assert_throws_js(TypeError, () => Reflect.construct(Worker, [answerUrl], () => {}));
  Worker.prototype.terminate.call(made);
  const plain = new Worker(answerUrl);
  assert_equals(plain.constructor, Worker);
  assert_array_equals(Reflect.ownKeys(plain), []);
  plain.terminate();
}, "classes extend a wrapped constructor");

test(() => {
  for (const [name, method] of [["Worker", "postMessage"], ["MessagePort", "postMessage"], ["RTCDataChannel", "send"], ["WebSocket", "send"]]) {
    const { prototype } = window[name];
    assert_throws_js(TypeError, () => new prototype[method]("x"), `new ${name}.${method}`);
    assert_throws_js(TypeError, () => prototype[method].call({}, "x"), `${name}.${method} of an object`);
    assert_throws_js(TypeError, () => prototype[method].call(prototype, "x"), `${name}.${method} of the prototype`);
  }
  const { postMessage } = Worker.prototype;
  const mine = () => {};
  Worker.prototype.postMessage = mine;
  assert_equals(Worker.prototype.postMessage, mine);
  Worker.prototype.postMessage = postMessage;
  assert_true(delete window.Worker);
  assert_equals(window.Worker, undefined);
  Object.defineProperty(window, "Worker", { value: Worker_, writable: true, configurable: true, enumerable: false });
}, "methods refuse foreign objects and can be replaced as ever");
