// @ts-check
/**
 * The buffer of the open chunk: bytes, texts, keys and the string table of docs/capture-format.md.
 *
 * values.js and this file share the write position through one object, because both write at every turn;
 * nobody else holds it. Second of the six files of the MAIN world (see builtins.js). Must not know values,
 * events or the page. `grow` throws when a message is over the limit or memory runs out; values.js catches.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const {
    charCodeAt, subarray, copyBytes, mapGet, mapSet, mapDelete, textEncoder, encodeInto, isWellFormed,
    SavedMap, SavedUint8Array, writerOf,
  } = parts.builtins;

  const HEADER_BYTES = 32;
  const START_CAPACITY = 512 * 1024;
  /** Limit of docs/capture-format.md. Texts by reference count with their length in UTF-16 units. */
  const MESSAGE_LIMIT = 16 * 1024 * 1024;
  /** Texts of this length and more are kept by reference: they cannot change, so their bytes can wait. */
  const REFERENCE_LENGTH = 1024;
  /** Texts up to this length are copied unit by unit if they are ASCII; that beats a call. */
  const SHORT_LENGTH = 96;
  const KEY_LIMIT = 0xffff;
  const OVER_LIMIT = { reason: 'message over the limit' };

  /** @returns {import('./types').ChunkBuffer} */
  function createBuffer() {
    let keyIndex = new SavedMap();
    /** @type {string[]} */
    let keyNames = [];
    /** For each key, the key that came after it last time. @type {number[]} */
    let followers = [];
    let lastKey = 0;
    /** @type {string[]} */
    let texts = [];
    /** @type {number[]} */
    const textPlaces = [];
    let textLength = 0;

    /** @param {number} more */
    function grow(more) {
      if (w.at - w.bodyStart + more + w.bodyTextLength > MESSAGE_LIMIT + HEADER_BYTES) throw OVER_LIMIT;
      extend(more);
    }
    /** @param {number} more */
    function extend(more) {
      let capacity = w.capacity;
      while (capacity < w.at + more) capacity *= 2;
      const larger = new SavedUint8Array(capacity);
      copyBytes(larger, subarray(w.bytes, 0, w.at));
      w.bytes = larger;
      w.view = writerOf(larger);
      w.capacity = capacity;
    }
    /** @param {number} place @param {number} n */
    function putU32(place, n) { w.view.putU32(place, n, true); }
    /** @param {number} tag @param {number} n */
    function head(tag, n) {
      w.bytes[w.at] = tag;
      putU32(w.at + 1, n);
      w.at += 5;
    }
    /**
     * Forgets what a failed value added, so that the tables match the bytes.
     * @param {number} place @param {number} toKeys @param {number} toTexts
     */
    function rollBack(place, toKeys, toTexts) {
      w.at = place;
      while (w.keyCount > toKeys) mapDelete(keyIndex, keyNames[--w.keyCount]);
      keyNames.length = toKeys;
      lastKey = 0;
      while (w.textCount > toTexts) {
        w.textCount--;
        w.bodyTextLength -= texts[w.textCount].length;
        textLength -= texts[w.textCount].length;
      }
    }
    /** @param {string} s Writes it at the write position if it is short and ASCII; returns whether. */
    function shortAscii(s) {
      const length = s.length;
      if (length > SHORT_LENGTH) return false;
      const { bytes, at } = w;
      for (let i = 0; i < length; i++) {
        const unit = charCodeAt(s, i);
        if (unit > 0x7f) return false;
        bytes[at + i] = unit;
      }
      return true;
    }
    /** @param {string} s Writes UTF-8; three bytes a unit must be free. Returns bytes written. */
    function utf8(s) {
      if (shortAscii(s)) return s.length;
      return encodeInto(textEncoder, s, subarray(w.bytes, w.at, w.at + 3 * s.length)).written;
    }
    /** @param {string} s */
    function utf16(s) {
      for (let i = 0; i < s.length; i++) {
        const unit = charCodeAt(s, i);
        w.bytes[w.at++] = unit;
        w.bytes[w.at++] = unit >>> 8;
      }
    }
    /** @param {string} s */
    function text(s) {
      const length = s.length;
      if (length >= REFERENCE_LENGTH) {
        if (w.at - w.bodyStart + w.bodyTextLength + length > MESSAGE_LIMIT) throw OVER_LIMIT;
        textPlaces[w.textCount] = w.at + 1;
        head(0x08, w.textCount);
        texts[w.textCount++] = s;
        textLength += length;
        w.bodyTextLength += length;
        return;
      }
      if (w.at + 8 + 3 * length > w.capacity) grow(8 + 3 * length);
      const start = w.at;
      w.at += 5;
      w.bytes[start] = 0x06;
      if (shortAscii(s)) w.at += length;
      else if (isWellFormed(s)) w.at += utf8(s);
      else { w.bytes[start] = 0x07; utf16(s); }
      putU32(start + 1, w.at - start - 5);
    }
    /** @param {string} name */
    function key(name) {
      if (w.at + 16 > w.capacity) grow(16);
      // Messages repeat: the key that followed the last one before mostly follows it again.
      let known = followers[lastKey];
      if (known === undefined || keyNames[known] !== name) {
        known = mapGet(keyIndex, name);
        if (known !== undefined) followers[lastKey] = known;
      }
      if (known !== undefined) {
        lastKey = known;
        w.bytes[w.at] = known; w.bytes[w.at + 1] = known >>> 8;
        w.at += 2;
        return;
      }
      if (w.at + 8 + 3 * name.length > w.capacity) grow(8 + 3 * name.length);
      // Long names would fill the table with texts that hardly come twice.
      const index = name.length < REFERENCE_LENGTH && w.keyCount < KEY_LIMIT ? w.keyCount : KEY_LIMIT;
      if (index !== KEY_LIMIT) {
        mapSet(keyIndex, name, index);
        keyNames[w.keyCount++] = name;
        followers[lastKey] = index;
        lastKey = index;
      }
      w.bytes[w.at] = index; w.bytes[w.at + 1] = index >>> 8;
      w.at += 4;
      let written = utf8(name);
      if (written > 0xffff) {
        // Cut before a continuation byte, so that what stays is whole characters.
        for (written = 0xffff; (w.bytes[w.at + written] & 0xc0) === 0x80; written--);
      }
      w.bytes[w.at - 2] = written; w.bytes[w.at - 1] = written >>> 8;
      w.at += written;
    }
    /** @param {string} s One entry of the string table. */
    function tableEntry(s) {
      if (!isWellFormed(s)) {
        if (w.at + 4 + 2 * s.length > w.capacity) extend(4 + 2 * s.length);
        putU32(w.at, 0x80000000 + 2 * s.length);
        w.at += 4;
        utf16(s);
        return;
      }
      if (w.at + 4 + s.length > w.capacity) extend(4 + s.length);
      let done = encodeInto(textEncoder, s, subarray(w.bytes, w.at + 4));
      if (done.read < s.length) {
        extend(4 + 3 * s.length);
        done = encodeInto(textEncoder, s, subarray(w.bytes, w.at + 4));
      }
      putU32(w.at, done.written);
      w.at += 4 + done.written;
    }
    /** Ends the chunk: writes the string table, each distinct text once, and starts anew. */
    function finish() {
      const tableOffset = w.at;
      if (w.at + 4 > w.capacity) extend(4);
      w.at += 4;
      const places = new SavedMap();
      let distinct = 0;
      for (let i = 0; i < w.textCount; i++) {
        let index = mapGet(places, texts[i]);
        if (index === undefined) {
          index = distinct++;
          mapSet(places, texts[i], index);
          tableEntry(texts[i]);
        }
        putU32(textPlaces[i], index);
      }
      putU32(tableOffset, distinct);
      const finished = subarray(w.bytes, 0, w.at);
      if (w.capacity > 2 * START_CAPACITY) {
        w.capacity = START_CAPACITY;
        w.bytes = new SavedUint8Array(w.capacity);
        w.view = writerOf(w.bytes);
      }
      keyIndex = new SavedMap();
      keyNames = [];
      followers = [];
      lastKey = 0;
      texts = [];
      w.keyCount = w.textCount = textLength = 0;
      w.at = HEADER_BYTES;
      return { bytes: finished, tableOffset };
    }

    const first = new SavedUint8Array(START_CAPACITY);
    /** @type {import('./types').ChunkBuffer} */
    const w = {
      at: HEADER_BYTES,
      bytes: first,
      view: writerOf(first),
      capacity: START_CAPACITY,
      keyCount: 0,
      textCount: 0,
      bodyStart: HEADER_BYTES,
      bodyTextLength: 0,
      grow, extend, putU32, head, utf8, text, key, rollBack, finish,
      pendingBytes: () => w.at - HEADER_BYTES + textLength,
    };
    return w;
  }

  parts.createBuffer = createBuffer;
  parts.limits = { MESSAGE_LIMIT, REFERENCE_LENGTH, OVER_LIMIT };
})();
