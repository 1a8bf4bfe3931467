// The encoder against a second reader of the format document. Run with `node --test tests/hook`.
// UPDATE_FIXTURES=1 writes tests/fixtures/hook-values.* anew; tests/hook_contract.rs reads them in Rust.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { decodeChunk, NotCaptured } from './decode.mjs';
import { describe } from './describe.mjs';
import { newEncoder } from './load.mjs';
import { VALUES } from './values.mjs';

const OPENED = 2, STATE = 3, SENT = 4, RECEIVED = 5;
const fixture = (name) => new URL(`../fixtures/${name}`, import.meta.url);

function check(value, expected = value) {
  const encoder = newEncoder();
  encoder.event(SENT, 1, 1, 0, value);
  const { events } = decodeChunk(encoder.seal().bytes);
  assert.equal(events.length, 1);
  assert.deepEqual(describe(events[0].value), describe(expected));
  return events[0].value;
}

for (const [name, value, ...expected] of VALUES) test(`copies ${name}`, () => { check(value, ...expected); });

test('a proxy among the prototypes that claims to be what it is not adds no members', () => {
  // To the look for what no object has (shapes.js) it answers with the prototype of a plain object.
  const get = (_, key) => (key.description === 'none' ? Object.prototype : undefined);
  check(Object.create(new Proxy({ inherited: 1 }, { get }), { own: { value: 1, enumerable: true } }), { own: 1 });
});

test('a chunk holds the fixture byte for byte', () => {
  const encoder = newEncoder();
  encoder.event(OPENED, 0.5, 1, 1, { url: 'http://localhost/worker.js' });
  const messages = VALUES.map(([name, value, ...expected], i) => {
    const kind = i % 2 ? 'received' : 'sent', flags = i % 4, millis = 1 + i / 8;
    encoder.event(kind === 'sent' ? SENT : RECEIVED, millis, 1, flags, value);
    // The description is a text, because readers of JSON limit the depth of nesting.
    const description = JSON.stringify(describe(expected.length ? expected[0] : value));
    return { name, kind, flags, micros: millis * 1000, value: description };
  });
  encoder.event(STATE, 100, 1, -1, { state: 'terminated' });
  const bytes = encoder.seal().bytes.slice();
  const text = `${JSON.stringify({ page: '0102030405060708', messages }, null, 1)}\n`;
  if (process.env.UPDATE_FIXTURES) {
    writeFileSync(fixture('hook-values.bin'), bytes);
    writeFileSync(fixture('hook-values.json'), text);
  }
  assert.equal(text, readFileSync(fixture('hook-values.json'), 'utf8'));
  assert.deepEqual(bytes, new Uint8Array(readFileSync(fixture('hook-values.bin'))));
  const { events } = decodeChunk(bytes);
  assert.deepEqual(events.slice(1, -1).map((event) => JSON.stringify(describe(event.value))), messages.map((message) => message.value));
});

test('chunks carry on with numbers and begin with empty tables', () => {
  const encoder = newEncoder(), texts = new Map();
  for (let chunk = 0; chunk < 3; chunk++) {
    encoder.event(SENT, chunk, 1, 0, { key: 'x'.repeat(2000) });
    encoder.event(SENT, chunk, 1, 0, { key: chunk });
    const decoded = decodeChunk(encoder.seal().bytes, texts);
    assert.deepEqual([decoded.chunk, decoded.firstSequence, decoded.dropped], [chunk, 2 * chunk, 0]);
    assert.equal(decoded.events[1].value.key, chunk);
  }
  assert.equal(encoder.seal(), null);
});

test('a long text is written once a chunk', () => {
  const encoder = newEncoder();
  const text = 'word '.repeat(2000);
  for (let i = 0; i < 10; i++) encoder.event(SENT, i, 1, 0, `${text}`.concat(''));
  const { bytes } = encoder.seal();
  assert.ok(bytes.length < 1.2 * text.length);
  assert.ok(decodeChunk(bytes).events.every((event) => event.value === text));
});

test('a long text crosses once, later chunks hold its number', () => {
  const encoder = newEncoder(), texts = new Map();
  const states = Array.from({ length: 3 }, (_, i) => `${i}${'state '.repeat(3000)}`);
  const seal = () => encoder.seal().bytes.slice();
  for (const state of states) encoder.event(SENT, 1, 1, 0, { state });
  const first = seal();
  encoder.event(SENT, 2, 1, 0, [states[1], `${states[0]}`.concat(''), 'new'.repeat(500)]);
  const second = seal();
  assert.ok(second.length < 2000, `${second.length} bytes`);
  encoder.event(SENT, 3, 1, 0, 'new'.repeat(500));
  const third = seal();
  const chunks = [first, second, third];
  const fixtureBytes = Buffer.concat(chunks.flatMap((chunk) => [Buffer.from(Uint32Array.of(chunk.length).buffer), chunk]));
  if (process.env.UPDATE_FIXTURES) writeFileSync(fixture('hook-texts.bin'), fixtureBytes);
  assert.deepEqual(fixtureBytes, readFileSync(fixture('hook-texts.bin')));
  const values = chunks.flatMap((chunk) => decodeChunk(chunk, texts).events.map((event) => event.value));
  assert.deepEqual(values[3], [states[1], states[0], 'new'.repeat(500)]);
  assert.equal(values[4], 'new'.repeat(500));
  assert.throws(() => decodeChunk(second), /text of an earlier chunk/);
});

test('texts that would fill the memory are forgotten, oldest first, as the reader does', () => {
  const encoder = newEncoder(), texts = new Map();
  const text = (i) => `${i} `.padEnd(900_000, 'x');
  const sizes = [];
  for (const i of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0, 1]) {
    encoder.event(SENT, i, 1, 0, text(i));
    const { bytes } = encoder.seal();
    assert.equal(decodeChunk(bytes, texts).events[0].value, text(i));
    sizes.push(bytes.length > 900_000);
  }
  assert.deepEqual(sizes.slice(10), [false, true, true]);
});

test('texts of chunks that were given up are written again', () => {
  const encoder = newEncoder();
  const state = 'state '.repeat(3000);
  encoder.event(SENT, 1, 1, 0, state);
  encoder.seal();
  encoder.lose(1);
  encoder.event(SENT, 3, 1, 0, state);
  assert.equal(decodeChunk(encoder.seal().bytes).events[0].value, state);
});

test('objects of one shape cost their values and a number', () => {
  const encoder = newEncoder();
  const things = Array.from({ length: 500 }, (_, i) => ({ identifier: i % 100, position: 1, velocity: 2 }));
  encoder.event(SENT, 1, 1, 0, things);
  const { bytes } = encoder.seal();
  assert.ok(bytes.length < 500 * 6 + 200, `${bytes.length} bytes`);
  assert.deepEqual(decodeChunk(bytes).events[0].value, things);
});

test('objects that begin alike and go on otherwise keep their own keys', () => {
  const encoder = newEncoder();
  const random = (n) => { state = (state * 1103515245 + 12345) & 0x7fffffff; return (state >>> 8) % n; };
  let state = 1;
  const make = (depth) => {
    const object = {};
    for (let i = random(5); i > 0; i--) {
      const key = 'abcdefgh'[random(8)];
      object[key] = depth < 4 && random(2) ? (random(2) ? make(depth + 1) : [make(depth + 1), make(depth + 1)]) : random(1000);
    }
    return object;
  };
  for (let chunk = 0; chunk < 5; chunk++) {
    const sent = Array.from({ length: 200 }, () => make(0));
    for (const value of sent) encoder.event(SENT, 1, 1, 0, value);
    const { events } = decodeChunk(encoder.seal().bytes);
    events.forEach((event, i) => assert.deepEqual(describe(event.value), describe(sent[i])));
  }
});

test('an object that stands in several places is one, however it begins and however many there are', () => {
  class Point { constructor(x) { this.x = x; } }
  const twice = (list) => [...list, ...list];
  const many = (count, make) => twice(Array.from({ length: count }, (_, i) => make(i)));
  check(many(100, () => ({ kind: 'coin', place: { x: 0 } })));
  check(many(700, () => ({ kind: 'coin' })));
  check(many(700, (i) => ({ id: i, next: [i, 'text'] })));
  check(many(30, (i) => new Point(i & 3)));
  check(many(30, () => ({})));
  check(many(30, () => Object.assign(Object.create(null), { x: 1 })));
  check(many(30, (i) => [i & 1, 1000, 2.5]));
  check(many(30, (i) => (i % 2 ? new Map([[1, { i }]]) : new Set([{ i }]))));
  check(many(3, (i) => Object.fromEntries(Array.from({ length: 40 }, (_, k) => [`member ${k}`, k * i]))));
  const bad = new NotCaptured(1, 'getter');
  const fail = () => { throw new Error('no'); };
  const inner = { id: 1 }, copy = { id: 1 };
  // What failed is read again with care; what it holds is one with what stands elsewhere.
  check(
    twice([inner, Object.defineProperty({ inner }, 'bad', { get: fail, enumerable: true }), Object.defineProperty({}, 'first', { get: fail, enumerable: true })]),
    twice([copy, { inner: copy, bad }, { first: bad }]),
  );
  // Nothing is searched for that an earlier message held.
  const encoder = newEncoder();
  for (let i = 0; i < 3; i++) encoder.event(SENT, i, 1, 0, [inner, { id: 1 }, inner]);
  for (const { value } of decodeChunk(encoder.seal().bytes).events) assert.deepEqual(describe(value), describe([copy, { id: 1 }, copy]));
});

test('a key that no shape may hold', () => {
  check({ '\0end of shape': 1, b: 2 });
  check({ a: 1, '\0end of shape': { c: 1 } });
  check([{ a: 1 }, { b: 1, '\0end of shape': 2, c: 3 }, { a: 1 }, { b: 1, '\0end of shape': 2 }]);
});

test('objects of every kind at one place, after one another', () => {
  class Point { constructor(x) { this.x = x; this.y = 2; } }
  const wide = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`member ${i}`, i]));
  const kinds = [
    { x: 1, y: 2 }, { x: 1 }, { x: 1, y: 2, z: 3 }, { y: 2, x: 1 }, {}, { 1: 'one', 2: 'two' }, { x: 1, y: { 7: { x: 1 } } }, new Point(5),
    Object.assign(Object.create(null), { x: 1, y: 2 }), wide(31), wide(32), wide(33), wide(3), wide(40), wide(40), { ...wide(2), other: [{ x: 1 }] },
    [1, 'text'], new Map([[{ x: 1 }, { x: 2 }]]), new Date(5), { x: undefined, y: null },
  ];
  for (const first of kinds) for (const second of kinds) check({ list: [first, second].map((v) => [v]), one: { v: second }, two: { v: first } });
  const encoder = newEncoder();
  const sent = kinds.flatMap((first) => kinds.flatMap((second) => [first, second]));
  for (const value of sent) encoder.event(SENT, 1, 1, 0, value);
  decodeChunk(encoder.seal().bytes).events.forEach(({ value }, i) => assert.deepEqual(describe(value), describe(sent[i])));
});

test('the loop that reads usual objects meets none with numbers as keys', () => {
  const encoder = newEncoder();
  // Who reads a member once the message and its object are known.
  const readersOf = (make) => Array.from({ length: 4 }, () => {
    let reader = '';
    const inner = Object.defineProperty(make(), 'last', { get() { reader = / at (\w+)/.exec(new Error().stack.split('\n')[2])[1]; return 1; }, enumerable: true });
    encoder.event(SENT, 1, 1, 0, { inner, frame: 1 });
    return reader;
  }).slice(2);
  assert.deepEqual(readersOf(() => ({ x: 1 })), ['members', 'members']);
  assert.deepEqual(readersOf(() => ({ 1: { x: 1 }, 2: { x: 2 } })), ['otherMembers', 'otherMembers']);
});

test('a getter runs once, and again only if a member of its message cannot be read', () => {
  const encoder = newEncoder();
  let runs = 0;
  const counting = () => ({ a: 1, get b() { return ++runs; }, c: { d: 2 } });
  const runsFor = (value) => { runs = 0; encoder.event(SENT, 1, 1, 0, value); return runs; };
  const wide = (count) => Object.defineProperty(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i])), 'b', { get: () => ++runs, enumerable: true });
  for (const value of [counting(), counting(), { ...counting(), e: 1 }, counting(), { list: [counting()] }]) assert.ok(runsFor(value) <= 1);
  assert.equal(runsFor(counting()), 1);
  assert.equal(runsFor(Object.defineProperty({ z: 1 }, 'b', { get: () => ++runs, enumerable: true })), 1);
  assert.equal(runsFor(Object.setPrototypeOf(counting(), { inherited: 1 })), 1);
  for (const count of [31, 40, 40]) assert.ok(runsFor(wide(count)) <= 3);
  assert.equal(runsFor({ wide: wide(40) }), 1);
  const bad = () => Object.defineProperty({}, 'bad', { get() { throw new Error('no'); }, enumerable: true });
  assert.equal(runsFor({ counting: counting(), bad: bad() }), 2);
  assert.equal(runsFor(Object.defineProperty(counting(), 'bad', { get() { throw new Error('no'); }, enumerable: true })), 3);
});

test('a getter that takes away another member takes it out of the record, and no more', () => {
  const make = () => ({ a: 1, get b() { delete this.c; return 2; }, c: 3, d: 4 });
  for (let i = 0; i < 2; i++) check([{ a: 1, b: 2, c: 3, d: 4 }, make(), make()], [{ a: 1, b: 2, c: 3, d: 4 }, { a: 1, b: 2, d: 4 }, { a: 1, b: 2, d: 4 }]);
  check(make(), { a: 1, b: 2, d: 4 });
});

test('a payload is copied when the event happens', () => {
  const encoder = newEncoder();
  const payload = { n: 1, list: [1.5, 2.5], bytes: new Uint8Array([1]) };
  encoder.event(SENT, 1, 1, 0, payload);
  payload.n = 2;
  payload.list[0] = 9;
  payload.bytes[0] = 9;
  const { value } = decodeChunk(encoder.seal().bytes).events[0];
  assert.deepEqual(describe(value), describe({ n: 1, list: [1.5, 2.5], bytes: new Uint8Array([1]) }));
});

test('a message sent while another is read is counted in its place', () => {
  const encoder = newEncoder();
  encoder.event(SENT, 1, 1, 0, { get sneaky() { encoder.event(SENT, 2, 7, 0, 'inner'); return 'outer'; } });
  encoder.event(SENT, 3, 1, 0, 'next');
  const { events, dropped } = decodeChunk(encoder.seal().bytes);
  assert.deepEqual(events.map((event) => event.kind), ['sent', 'dropped', 'sent']);
  assert.equal(events[0].value.sneaky, 'outer');
  assert.deepEqual([events[1].value.channel, events[1].value.count, dropped], [7, 1, 1]);
});

test('a message over the limit takes back what it added to the tables', () => {
  const encoder = newEncoder();
  const big = { first: 'y'.repeat(5000), second: new Uint8Array(17 * 1024 * 1024) };
  encoder.event(SENT, 1, 1, 0, big);
  encoder.event(SENT, 2, 1, 0, { second: 'z'.repeat(5000), first: 1 });
  const { bytes } = encoder.seal();
  const { events } = decodeChunk(bytes);
  assert.deepEqual(events[0].value, new NotCaptured(3, 'object'));
  assert.deepEqual(events[1].value, { second: 'z'.repeat(5000), first: 1 });
  assert.ok(bytes.length < 10_000);
});

test('a large message below the limit comes whole', () => {
  const numbers = Array.from({ length: 1_000_000 }, (_, i) => i * 1.5);
  assert.equal(check(numbers).length, 1_000_000);
});

test('long arrays whose later parts need more bytes a number', () => {
  const beginnings = [[], [128], [-1], [4294967295], [0.5], [128, -1], [-1, 4294967295], [-0]];
  for (const first of beginnings) {
    for (const later of [3, 300, -3, 3000000000, 1.5, -0, 'text']) {
      check([...first, ...new Array(600 - first.length).fill(7), later, ...new Array(600).fill(100)]);
    }
  }
});

test('whole numbers take four bytes each', () => {
  const bytesOf = (value) => { const encoder = newEncoder(); encoder.event(SENT, 1, 1, 0, value); return encoder.seal().bytes.length; };
  const words = Array.from({ length: 140 }, (_, i) => (i * 2654435761) >>> 0);
  assert.equal(bytesOf([...words, 1]) - bytesOf(words), 4);
  assert.equal(bytesOf([...words, 4294967296]) - bytesOf(words), 8 * 141 - 4 * 140);
});

test('more keys than the table can hold', () => {
  const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`key ${i}`, i]));
  assert.deepEqual(check(many), many);
});

test('flags can be added while the chunk is open', () => {
  const encoder = newEncoder();
  const place = encoder.event(SENT, 1, 1, 1, 'x');
  encoder.patch(place, 2);
  assert.equal(decodeChunk(encoder.seal().bytes).events[0].flags, 3);
});

test('the events of lost chunks are counted', () => {
  const encoder = newEncoder();
  encoder.lose(12);
  encoder.event(SENT, 1, 1, 0, 'x');
  const { events, dropped } = decodeChunk(encoder.seal().bytes);
  assert.deepEqual([events.length, dropped], [1, 12]);
});

test('blobs are handed over and their contents follow', async () => {
  const encoder = newEncoder();
  encoder.event(SENT, 1, 4, 0, new Blob(['abc']));
  const { number, blob, size, channel } = encoder.takeBlobs()[0];
  assert.deepEqual([number, size, channel], [0, 3, 4]);
  encoder.blobContents(2, channel, number, await blob.arrayBuffer());
  const { events } = decodeChunk(encoder.seal().bytes);
  assert.equal(events[1].blob, 0);
  assert.deepEqual(new Uint8Array(events[1].value), Uint8Array.of(97, 98, 99));
});

test('a message that was written again hands over its blobs once', () => {
  const encoder = newEncoder();
  encoder.event(SENT, 1, 4, 0, { blob: new Blob(['abc']), get bad() { throw new Error('no'); } });
  assert.equal(encoder.takeBlobs().length, 1);
  assert.deepEqual(decodeChunk(encoder.seal().bytes).events[0].value.bad, new NotCaptured(1, 'getter'));
});

test('built-ins that the page replaces do not reach the encoder', () => {
  const saved = [Map.prototype.get, String.prototype.charCodeAt, Object.keys, Array.prototype.push];
  const trap = () => { throw new Error('the page was asked'); };
  const encoder = newEncoder();
  try {
    Map.prototype.get = String.prototype.charCodeAt = Object.keys = Array.prototype.push = trap;
    encoder.event(SENT, 1, 1, 0, { a: [1, 2, 'text'], m: new Map([[1, { b: 2 }]]) });
  } finally {
    [Map.prototype.get, String.prototype.charCodeAt, Object.keys, Array.prototype.push] = saved;
  }
  const { events } = decodeChunk(encoder.seal().bytes);
  assert.deepEqual(describe(events[0].value), describe({ a: [1, 2, 'text'], m: new Map([[1, { b: 2 }]]) }));
});

test('what a page adds to the prototype of all objects is not taken for a part of the payload', () => {
  const encoder = newEncoder();
  const asked = [];
  try {
    Object.prototype.extra = 'inherited';
    for (const name of ['putU32', 'putF64', 'place']) {
      Object.defineProperty(Object.prototype, name, { set() { asked.push(name); }, configurable: true });
    }
    encoder.event(SENT, 1, 1, 0, { a: { b: 0.5 }, c: new (class { d = 1; })() });
    encoder.event(SENT, 2, 1, 0, Array.from({ length: 100 }, (_, i) => ({ i })));
    encoder.event(SENT, 3, 1, 0, { large: new Uint8Array(1024 * 1024) });
  } finally {
    for (const name of ['extra', 'putU32', 'putF64', 'place']) delete Object.prototype[name];
  }
  const { events } = decodeChunk(encoder.seal().bytes);
  assert.deepEqual(describe(events[0].value), describe({ a: { b: 0.5 }, c: { d: 1 } }));
  assert.equal(events[1].value.length, 100);
  assert.equal(events[2].value.large.length, 1024 * 1024);
  assert.deepEqual(asked, []);
});
