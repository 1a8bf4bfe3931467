// Events beside messages, as the hook writes them, in one chunk that tests/hook_contract.rs reads in Rust.
// UPDATE_FIXTURES=1 writes the chunk anew.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { decodeChunk, NotCaptured } from './decode.mjs';
import { newEncoder } from './load.mjs';

const FIXTURE = new URL('../fixtures/hook-events.bin', import.meta.url);

/** Kind, its name in decode.mjs, channel, payload. */
const EVENTS = [
  [2, 'opened', 9, {}],
  [3, 'state', 3, { state: 'connected', iceConnectionState: 'connected', iceGatheringState: 'complete', signalingState: 'stable' }],
  [6, 'pageState', 0, { visibility: 'hidden', focused: false }],
  [10, 'candidate', 3, { origin: 'remote', candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ relay', sdpMid: '0' }],
  [10, 'candidate', 3, { origin: 'local', candidate: '' }],
  [11, 'selectedPair', 3, { localType: 'host', remoteType: 'relay', protocol: 'udp' }],
  [12, 'stats', 3, { roundTripMillis: 31.5, bytesSent: 5_000_000_000, bytesReceived: 12, messagesSent: undefined, messagesReceived: undefined }],
  [13, 'pace', 0, { spanMillis: 1000.5, animationFrames: 60, longestFrameMillis: 33.25, longTasks: 2, longTaskMillis: 130 }],
  [13, 'pace', 0, { spanMillis: 1001, animationFrames: 1, longestFrameMillis: 0, longTasks: null, longTaskMillis: null }],
  [14, 'buffered', 4, { bufferedAmount: 0, most: 20_000 }],
  [15, 'level', 4, { level: 'headers', reason: 'load', loadBytes: 50_331_649 }],
  [15, 'level', 4, { level: 'counters', reason: 'user' }],
  [16, 'counted', 4, { sent: 20, received: 5, spanMillis: 1000 }],
  [17, 'shaper', 0, { on: true, seed: 7, rules: [{ label: 'game', loss: 0.5, blackHoles: [[1000, null]] }] }],
];

test('a chunk holds the events of the fixture byte for byte', () => {
  const encoder = newEncoder();
  EVENTS.forEach(([kind, , channel, payload], i) => encoder.event(kind, i, channel, kind === 2 ? 6 : -1, payload));
  encoder.header(5, 100, 4, 4 | 8, 'ArrayBuffer of 59 bytes');
  const bytes = encoder.seal().bytes.slice();
  if (process.env.UPDATE_FIXTURES) writeFileSync(FIXTURE, bytes);
  assert.deepEqual(bytes, new Uint8Array(readFileSync(FIXTURE)));
  const { events } = decodeChunk(bytes);
  const last = events.pop();
  assert.deepEqual([last.kind, last.flags, last.value], ['received', 12, new NotCaptured(4, 'ArrayBuffer of 59 bytes')]);
  assert.deepEqual(events.map(({ kind, channel, value }) => [kind, channel, value]), EVENTS.map(([, name, channel, payload]) => [name, channel, payload]));
});
