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

test('more bytes than the limit within a second: the largest channel goes to headers, and comes back', () => {
  const { levels, told } = newLevels();
  for (let i = 0; i < 50; i++) {
    levels.admit(SENT, 1, '', i);
    levels.spent(1, MIB, i);
    levels.admit(SENT, 2, '', i);
    levels.spent(2, 1000, i);
  }
  assert.deepEqual(told.map(({ channel, level, reason }) => [channel, level, reason]), [[1, 'headers', 'load']]);
  assert.ok(told[0].loadBytes > 48 * MIB);
  assert.ok(!levels.admit(SENT, 1, '', 60).isWhole);
  assert.ok(levels.admit(SENT, 2, '', 60).isWhole);
  for (let second = 1; second < 8; second++) levels.spent(2, 1000, 1001 * second);
  assert.deepEqual(told.slice(1).map(({ channel, level, reason }) => [channel, level, reason]), [[1, 'full', 'load']]);
  assert.ok(levels.admit(SENT, 1, '', 9000).isWhole);
});

test('the same bytes over two seconds are no load', () => {
  const { levels, told } = newLevels();
  for (let i = 0; i < 60; i++) levels.spent(1, MIB, 40 * i);
  assert.deepEqual(told, []);
});

test('more messages than the limit within a second: the busiest channel is only counted', () => {
  const { levels, told } = newLevels();
  for (let i = 0; i < 200_010; i++) { levels.admit(RECEIVED, 4, 0, i / 1000); levels.spent(4, 20, i / 1000); }
  assert.deepEqual(told.map(({ channel, level, reason }) => [channel, level, reason]), [[4, 'counters', 'load']]);
  assert.equal(levels.admit(RECEIVED, 4, 0, 300), null);
});
