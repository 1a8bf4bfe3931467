// Levels: what the user chose, and what the rule for load chooses, is done and told.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parts } from './load.mjs';

const SENT = 4, RECEIVED = 5, LEVEL = 15, COUNTED = 16;
const MIB = 1024 * 1024;

function newLevels() {
  const told = [];
  const levels = parts.createLevels((kind, channel, payload, time) => told.push({ kind, channel, time, ...payload }));
  return { levels, told };
}

test('a channel without a rule is recorded whole', () => {
  const { levels, told } = newLevels();
  levels.choose([{ label: 'game', level: 'headers' }]);
  levels.opened(1, 'dataChannel', 'other', 0);
  assert.ok(levels.admit(SENT, 1, 'text', 1).isWhole);
  assert.deepEqual(told, []);
});

test('headers tell type and size and nothing else', () => {
  const { levels, told } = newLevels();
  levels.choose([{ kind: 'dataChannel', label: 'game', level: 'headers' }]);
  levels.opened(2, 'dataChannel', 'game', 5);
  assert.deepEqual(told, [{ kind: LEVEL, channel: 2, time: 5, level: 'headers', reason: 'user' }]);
  const text = (value) => levels.admit(SENT, 2, value, 6).text;
  assert.deepEqual(['secret', new ArrayBuffer(59), new Uint16Array(3), new DataView(new ArrayBuffer(4)), { a: 1 }, 7, undefined, null].map(text), [
    'string of 6 units', 'ArrayBuffer of 59 bytes', 'Uint16Array of 6 bytes', 'DataView of 4 bytes', 'object', 'number', 'undefined', 'object',
  ]);
});

test('counters are told second by second, and the rest at the end', () => {
  const { levels, told } = newLevels();
  levels.choose([{ channel: 3, level: 'counters' }]);
  levels.opened(3, 'worker', 'w.js', 0);
  for (let i = 0; i < 25; i++) assert.equal(levels.admit(i % 5 ? SENT : RECEIVED, 3, {}, 100 * i), null);
  levels.tick(2450);
  const counted = told.filter(({ kind }) => kind === COUNTED);
  assert.equal(counted.reduce((sum, { sent }) => sum + sent, 0), 20);
  assert.equal(counted.reduce((sum, { received }) => sum + received, 0), 5);
  assert.equal(counted.reduce((sum, { spanMillis }) => sum + spanMillis, 0), 2450);
});

/** Bytes and messages of one channel, evenly over some seconds. As the recorder does it: what is only counted costs nothing. */
function load(levels, channel, { seconds, bytes, messages, from = 0 }) {
  const count = seconds * messages;
  for (let i = 0; i < count; i++) {
    const time = from + (1000 * i) / messages;
    if (levels.admit(RECEIVED, channel, 0, time) !== null) levels.spent(channel, bytes / messages, time);
  }
}
const changes = (told) => told.filter(({ kind }) => kind === LEVEL).map(({ channel, level, reason }) => [channel, level, reason]);

test('more bytes than the limit for three seconds: the largest channel goes to headers, and comes back', () => {
  const { levels, told } = newLevels();
  levels.spent(2, 1000, 0);
  load(levels, 1, { seconds: 4.1, bytes: 60 * MIB, messages: 100 });
  assert.deepEqual(changes(told), [[1, 'headers', 'load']]);
  assert.ok(told[0].loadBytes > 48 * MIB);
  assert.ok(!levels.admit(SENT, 1, '', 4200).isWhole);
  assert.ok(levels.admit(SENT, 2, '', 4200).isWhole);
  load(levels, 2, { seconds: 9, bytes: 1000, messages: 10, from: 4200 });
  assert.deepEqual(changes(told).slice(1), [[1, 'full', 'load']]);
  assert.ok(levels.admit(SENT, 1, '', 14_000).isWhole);
});

test('a user who keeps everything under load gets everything', () => {
  const { levels, told } = newLevels();
  levels.keepUnderLoad();
  load(levels, 1, { seconds: 6, bytes: 200 * MIB, messages: 50 });
  assert.deepEqual(told, []);
});

test('two heavy seconds, or the same bytes more slowly, are no load', () => {
  const { levels, told } = newLevels();
  load(levels, 1, { seconds: 2, bytes: 200 * MIB, messages: 50 });
  load(levels, 1, { seconds: 10, bytes: 40 * MIB, messages: 50, from: 2000 });
  assert.deepEqual(told, []);
});

test('more messages than the limit for three seconds: the busiest channel is only counted', () => {
  const { levels, told } = newLevels();
  load(levels, 4, { seconds: 4.1, bytes: MIB, messages: 210_000 });
  assert.deepEqual(changes(told), [[4, 'counters', 'load']]);
  assert.equal(levels.admit(RECEIVED, 4, 0, 4200), null);
});

test('a channel that is only counted comes back although nothing else of the page is written', () => {
  const { levels, told } = newLevels();
  load(levels, 4, { seconds: 4.1, bytes: MIB, messages: 210_000 });
  load(levels, 4, { seconds: 4, bytes: MIB, messages: 210_000, from: 4100 });
  load(levels, 5, { seconds: 0.1, bytes: 100, messages: 100, from: 8100 });
  assert.deepEqual(changes(told), [[4, 'counters', 'load']], 'the load goes on, and takes no other channel down');
  load(levels, 4, { seconds: 9, bytes: 1000, messages: 10, from: 8100 });
  assert.deepEqual(changes(told), [[4, 'counters', 'load'], [4, 'full', 'load']]);
  assert.ok(levels.admit(SENT, 4, '', 17_200).isWhole);
  // Every message that was not written is in a count.
  const counted = told.filter(({ kind }) => kind === COUNTED).reduce((sum, { received }) => sum + received, 0);
  const back = told.find(({ kind, level }) => kind === LEVEL && level === 'full').time;
  const first = told.find(({ kind }) => kind === LEVEL).time;
  const messages = (from, until, rate, begin) => Math.floor(Math.max(0, Math.min(until, Infinity) - Math.max(from, begin)) * rate / 1000);
  const expected = messages(first, 8100, 210_000, 0) + messages(8100, back, 10, 8100);
  assert.ok(Math.abs(counted - expected) <= 2, `${counted} counted of about ${expected}`);
});
