// The relay of a page: how much travels without an acknowledgement, what is sent again to whom, and how what left the ring is counted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeChunk } from './decode.mjs';
import { newEncoder, parts } from './load.mjs';

const SOURCE = readFileSync(new URL('../../extension/relay.js', import.meta.url), 'utf8');
const MIB = 1024 * 1024;
const SENT = 4, WORKER_CHANNEL = 1;

const listeners = () => {
  const all = [];
  return { addListener: (listener) => all.push(listener), fire: (...args) => { for (const each of all) each(...args); } };
};

/** A relay in a page of its own, whose hook offers chunks. */
function opened() {
  const window = new EventTarget(), node = new EventTarget();
  window.top = window;
  const onConnect = listeners();
  const page = { [Symbol.for('rollscope.parts')]: { gaps: parts.gaps, base64: parts.base64 } };
  const chrome = { runtime: { onConnect, onMessage: listeners(), sendMessage: async () => {} } };
  const storage = { getItem: () => null, setItem() {}, removeItem() {} };
  const names = { globalThis: page, window, chrome, localStorage: storage, location: { href: 'http://localhost/' }, document: { baseURI: 'http://localhost/' } };
  new Function(...Object.keys(names), SOURCE)(...Object.values(names));
  const meeting = new Event('rollscope:hook');
  Object.defineProperty(meeting, 'relatedTarget', { value: node });
  window.dispatchEvent(meeting);

  const encoder = newEncoder();
  let time = 0;
  const offer = (detail) => {
    const event = new CustomEvent('chunk', { detail, cancelable: true });
    node.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return {
    offer,
    /** A chunk with one message of so many bytes. @param {number} bytes */
    chunk(bytes) {
      encoder.event(SENT, time++, WORKER_CHANNEL, 0, new ArrayBuffer(bytes));
      assert.ok(offer(parts.base64.toBase64(encoder.seal().bytes)), 'the ring has it');
    },
    /** A way to a panel. @param {string} panel */
    connect(panel) {
      const posted = [];
      const port = { name: 'rollscope', onMessage: listeners(), onDisconnect: listeners(), postMessage: (message) => posted.push(message), disconnect() {} };
      onConnect.fire(port);
      port.onMessage.fire({ type: 'resume', panel });
      const chunks = () => posted.filter(({ type }) => type === 'chunk');
      return {
        chunks,
        numbers: () => chunks().map(({ chunk }) => chunk),
        acknowledge: (numbers, page = '0102030405060708') => port.onMessage.fire({ type: 'ack', page, chunks: numbers }),
        lose: () => port.onDisconnect.fire(),
      };
    },
  };
}
const upTo = (end, from = 0) => Array.from({ length: end - from }, (_, i) => from + i);

test('eight megabytes travel without an acknowledgement, and no more; then the rest in order, each once', () => {
  const { chunk, connect } = opened();
  const way = connect('a');
  for (let i = 0; i < 20; i++) chunk(MIB);
  const size = way.chunks().reduce((sum, { data }) => sum + data.length, 0);
  assert.ok(size >= 8 * MIB && size < 10 * MIB, `${size} characters travel`);
  const first = way.numbers().length;
  way.acknowledge([0]);
  assert.deepEqual(way.numbers(), upTo(first + 1), 'one went, one follows');
  for (let known = 1; known < 20; known = way.numbers().length) way.acknowledge(way.numbers());
  assert.deepEqual(way.numbers(), upTo(20));
});

test('what was not acknowledged comes again to the same panel, and all of it to another', () => {
  const { chunk, connect } = opened();
  let way = connect('a');
  for (let i = 0; i < 5; i++) chunk(10);
  way.acknowledge([0, 1, 3]);
  // Firefox brings what is meant for the other frames of the tab, too.
  way.acknowledge([2, 4], 'ffffffffffffffff');
  way.lose();
  chunk(10);
  way = connect('a');
  assert.deepEqual(way.numbers(), [2, 4, 5]);
  way.lose();
  way = connect('b');
  assert.deepEqual(way.numbers(), upTo(6));
  // What a way brings that was lost is not heard.
  way.lose();
  way.acknowledge(upTo(6));
  assert.deepEqual(connect('b').numbers(), upTo(6));
});

/** The gaps among what was posted, and how many events came. */
function read(chunks) {
  const decoded = chunks.map(({ data }) => decodeChunk(new Uint8Array(parts.base64.fromBase64(data)), new Map()));
  return { gaps: decoded.filter(({ gap }) => gap), events: decoded.reduce((sum, { events }) => sum + events.length, 0) };
}

test('what leaves the full ring is counted: each event comes or is in the one gap, with its channel and times', () => {
  const { chunk, connect } = opened();
  for (let i = 0; i < 80; i++) chunk(MIB);
  const way = connect('a');
  for (let known = -1; known !== way.numbers().length;) {
    known = way.numbers().length;
    way.acknowledge(way.numbers());
  }
  const { gaps, events } = read(way.chunks());
  assert.equal(gaps.length, 1);
  const [{ gap, firstSequence }] = gaps;
  assert.ok(gap.events > 20 && gap.events < 60, `${gap.events} are gone`);
  assert.deepEqual([firstSequence, gap.events + events, gap.channels[WORKER_CHANNEL], gap.from, gap.until], [0, 80, gap.events, 0, gap.events - 1]);
  assert.match(gap.reason, /ring of 64 MB/);
});

test('what a panel had before it left the ring is no loss to it, and is one to the next panel', () => {
  const { chunk, connect } = opened();
  const first = connect('a');
  for (let i = 0; i < 80; i++) {
    chunk(MIB);
    first.acknowledge([i]);
  }
  assert.deepEqual(read(first.chunks()), { gaps: [], events: 80 });
  first.lose();
  const next = connect('b');
  for (let known = -1; known !== next.numbers().length;) {
    known = next.numbers().length;
    next.acknowledge(next.numbers());
  }
  const { gaps, events } = read(next.chunks());
  assert.deepEqual([gaps.length, gaps[0].gap.events + events], [1, 80]);
});

test('a gap that was told and not acknowledged is told again, once, with what left since', () => {
  const { chunk, connect } = opened();
  for (let i = 0; i < 60; i++) chunk(MIB);
  let way = connect('a');
  const before = read(way.chunks()).gaps[0].gap.events;
  way.lose();
  for (let i = 0; i < 40; i++) chunk(MIB);
  way = connect('a');
  for (let known = -1; known !== way.numbers().length;) {
    known = way.numbers().length;
    way.acknowledge(way.numbers());
  }
  const { gaps, events } = read(way.chunks());
  assert.equal(gaps.length, 1);
  assert.ok(gaps[0].gap.events > before);
  assert.equal(gaps[0].gap.events + events, 100);
});

test('what is no chunk is not kept, and is not said to be', () => {
  const { chunk, connect, offer } = opened();
  assert.equal(offer({ forged: true }), false);
  offer('no base64 !');
  offer('');
  chunk(10);
  assert.deepEqual(connect('a').numbers(), [0]);
});
