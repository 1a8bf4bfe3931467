// How the engine stores arrays of the page is not changed by reading them (extension/numbers.js). A file of its own, and so a
// process of its own: what other tests had the encoder read would decide what it is compiled for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';

import { newEncoder } from './load.mjs';

const SENT = 4, RECEIVED = 5;

test('arrays stay stored as the page stored them', () => {
  setFlagsFromString('--allow-natives-syntax');
  const storedAs = new Function('v', 'return %HasSmiElements(v) ? "small" : %HasDoubleElements(v) ? "fractions" : "anything"');
  const encoder = newEncoder();
  const changed = new Map();
  // Long enough for every function of the encoder to be compiled for what it met.
  for (let i = 0; i < 6_000; i++) {
    const long = (of) => Array.from({ length: 20 }, (_, k) => of(i + k));
    const arrays = [
      [i + 0.5, 2, 3], [3, i + 0.5], [1, 2, i & 63], [1, 2, 1000 + (i & 63)], ['text', i], [i, 'text'], [{ id: i }], [],
      long((n) => n / 3), long((n) => n), long((n) => n & 63), long((n) => `text ${n}`), long((n) => (n % 2 ? 'odd' : n)),
    ];
    const before = arrays.map(storedAs);
    encoder.event(i % 2 ? RECEIVED : SENT, i, 1, 0, { arrays, frame: i });
    if (i % 100 === 0) encoder.seal();
    arrays.forEach((array, j) => { if (storedAs(array) !== before[j]) changed.set(j, `${before[j]} became ${storedAs(array)} at message ${i}`); });
  }
  assert.deepEqual([...changed], []);
});
