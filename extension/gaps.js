// @ts-check
/**
 * Gaps: what is written in the place of chunks that had to be given up, so that none of their events is silently
 * missing: how many there were on which channel, between which times, and why.
 *
 * Used wherever chunks wait in a bounded place: recorder.js, relay.js (which loads this file in its own world) and
 * standalone.js. A gap is a chunk of a form of its own (docs/capture-format.md). Neighbouring gaps become one. Must
 * not know what an event holds: it reads headers only.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { mapGet, mapSet, mapForEach, SavedMap, SavedUint8Array, writerOf, readF64, textEncoder, encodeInto, subarray } = parts.builtins;

  const HEADER_BYTES = 32, RECORD_BYTES = 17, FIXED_BYTES = HEADER_BYTES + 28, CHANNEL_BYTES = 8, REASON_BYTES = 512, PAGE_STARTED = 1;
  /** Channels that are counted one by one, beside the page's own; further ones are added up. */
  const CHANNELS = 256, PAGE_CHANNEL = 0, OTHER_CHANNELS = 0xffffffff;

  /** @param {Uint8Array} bytes @param {number} at */
  function u32(bytes, at) {
    return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;
  }
  /** @param {import('./types').Gap} gap @param {number} channel @param {number} count */
  function add(gap, channel, count) {
    const before = mapGet(gap.channels, channel);
    if (before === undefined && gap.channelCount >= CHANNELS && channel !== PAGE_CHANNEL && channel !== OTHER_CHANNELS) { add(gap, OTHER_CHANNELS, count); return; }
    if (before === undefined) gap.channelCount++;
    mapSet(gap.channels, channel, (before ?? 0) + count);
  }
  /** @param {Uint8Array} bytes @param {string} reason @returns {import('./types').Gap} of no events yet */
  function empty(bytes, reason) {
    // A copy: a view would keep the whole chunk in memory.
    const pageId = new SavedUint8Array(8);
    for (let i = 0; i < 8; i++) pageId[i] = bytes[4 + i];
    return {
      pageId, chunk: u32(bytes, 12), chunks: 1, firstSequence: u32(bytes, 16), events: 0,
      dropped: u32(bytes, 24), from: 0, until: 0, channels: new SavedMap(), channelCount: 0, reason,
    };
  }

  parts.gaps = {
    /**
     * The gap that giving up this chunk leaves, which may be a gap itself.
     * @param {Uint8Array} bytes a chunk that the encoder or `write` made @param {string} reason
     */
    of(bytes, reason) {
      const gap = empty(bytes, reason), tables = u32(bytes, 28);
      if (tables === 0) {
        gap.chunks = u32(bytes, 32);
        gap.events = u32(bytes, 36);
        gap.from = readF64(bytes, 40);
        gap.until = readF64(bytes, 48);
        for (let i = 0, at = FIXED_BYTES; i < u32(bytes, 56); i++, at += CHANNEL_BYTES) add(gap, u32(bytes, at), u32(bytes, at + 4));
        return gap;
      }
      gap.events = u32(bytes, 20);
      for (let at = HEADER_BYTES; at + RECORD_BYTES <= tables; at += RECORD_BYTES + u32(bytes, at + 13)) {
        gap.until = readF64(bytes, at + 1);
        if (at === HEADER_BYTES) gap.from = gap.until;
        add(gap, u32(bytes, at + 9), 1);
      }
      return gap;
    },
    /** Whether the chunk can be read without those before it: it begins with a description of its page. @param {Uint8Array} bytes */
    isBeginning: (bytes) => u32(bytes, 28) !== 0 && bytes[HEADER_BYTES] === PAGE_STARTED,
    /**
     * Both gaps as one; what lies between them, if anything, must have been delivered.
     * @param {import('./types').Gap | null} first @param {import('./types').Gap} next
     */
    merge(first, next) {
      if (first === null) return next;
      const gap = { ...first, channels: new SavedMap(), channelCount: 0 };
      gap.chunks = next.chunk + next.chunks - first.chunk;
      gap.events = first.events + next.events;
      gap.dropped = next.dropped;
      gap.until = next.until;
      const each = (/** @type {number} */ count, /** @type {number} */ channel) => add(gap, channel, count);
      mapForEach(first.channels, each);
      mapForEach(next.channels, each);
      return gap;
    },
    /** @param {import('./types').Gap} gap @returns {Uint8Array} */
    write(gap) {
      const bytes = new SavedUint8Array(FIXED_BYTES + CHANNEL_BYTES * gap.channelCount + 2 + REASON_BYTES);
      const view = writerOf(bytes);
      bytes[0] = 0x52; bytes[1] = 0x53; bytes[2] = 0x43; bytes[3] = 3;
      for (let i = 0; i < 8; i++) bytes[4 + i] = gap.pageId[i];
      view.putU32(12, gap.chunk, true);
      view.putU32(16, gap.firstSequence, true);
      view.putU32(24, gap.dropped, true);
      view.putU32(32, gap.chunks, true);
      view.putU32(36, gap.events, true);
      view.putF64(40, gap.from, true);
      view.putF64(48, gap.until, true);
      view.putU32(56, gap.channelCount, true);
      let at = FIXED_BYTES;
      mapForEach(gap.channels, (/** @type {number} */ count, /** @type {number} */ channel) => {
        view.putU32(at, channel, true);
        view.putU32(at + 4, count, true);
        at += CHANNEL_BYTES;
      });
      const { written } = encodeInto(textEncoder, gap.reason, subarray(bytes, at + 2, at + 2 + REASON_BYTES));
      bytes[at] = written;
      bytes[at + 1] = written >>> 8;
      return subarray(bytes, 0, at + 2 + written);
    },
  };
})();
