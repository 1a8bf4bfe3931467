// Gaps: what stands in the place of chunks that were given up says what they held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEnd } from '../../extension/open-end.js';
import { decodeChunk } from './decode.mjs';
import { newEncoder, PAGE_ID, parts } from './load.mjs';

const { gaps, base64 } = parts;
const SENT = 4;

/** Chunks with these numbers of events on channels; the time counts the events. @param {Record<number, number>[]} plan */
function chunksOf(plan) {
  const encoder = newEncoder();
  let time = 100;
  return plan.map((counts) => {
    for (const [channel, count] of Object.entries(counts)) {
      for (let i = 0; i < count; i++) encoder.event(SENT, time++, Number(channel), 0, { i, text: 'x'.repeat(5000) });
    }
    return encoder.seal().bytes.slice();
  });
}
const decoded = (gap) => decodeChunk(gaps.write(gap));

test('a gap names the channels, the times and the reason of a chunk', () => {
  const [chunk] = chunksOf([{ 1: 3, 7: 2 }]);
  const { gap, page, chunk: number, firstSequence } = decoded(gaps.of(chunk, 'because'));
  assert.deepEqual(gap, { chunks: 1, events: 5, from: 100, until: 104, channels: { 1: 3, 7: 2 }, reason: 'because' });
  assert.equal(page, Array.from(PAGE_ID, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  assert.deepEqual([number, firstSequence], [0, 0]);
});

test('neighbouring gaps become one, also when they were written in between', () => {
  const chunks = chunksOf([{ 1: 1 }, { 2: 4 }, { 1: 2, 3: 1 }, { 9: 1 }]);
  let gap = null;
  for (const chunk of chunks.slice(1, 3)) gap = gaps.merge(gap, gaps.of(chunk, 'first'));
  gap = gaps.merge(gaps.of(gaps.write(gap), 'again'), gaps.of(chunks[3], 'again'));
  const read = decoded(gap);
  assert.deepEqual(read.gap, { chunks: 3, events: 8, from: 101, until: 108, channels: { 1: 2, 2: 4, 3: 1, 9: 1 }, reason: 'again' });
  assert.deepEqual([read.chunk, read.firstSequence], [1, 1]);
});

test('channels beyond the 256th are added up, and no event is forgotten', () => {
  const counts = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [i + 1, 1]));
  const { gap } = decoded(gaps.of(chunksOf([counts])[0], 'many'));
  assert.equal(gap.channels[0xffffffff], 44);
  assert.equal(Object.values(gap.channels).reduce((a, b) => a + b), 300);
});

test('bytes come back from base64, in every length', () => {
  for (const length of [0, 1, 2, 3, 0x6000 - 1, 0x6000, 0x6000 + 1, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    const text = base64.toBase64(bytes);
    assert.equal(text, Buffer.from(bytes).toString('base64'));
    assert.deepEqual(base64.fromBase64(text), bytes);
  }
});

test('a document that went away in silence gets a gap that says so', () => {
  const { gap, page, chunk } = decodeChunk(openEnd('0102030405060708', 17));
  assert.deepEqual([page, chunk, gap.chunks, gap.events], ['0102030405060708', 17, 0xffffffff, 0]);
  assert.match(gap.reason, /document was gone/);
});
