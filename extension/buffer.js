// @ts-check
/**
 * The buffer of the open chunk: bytes, texts, keys and the tables of docs/capture-format.md.
 *
 * values.js and this file share the write position through one object, because both write at every turn;
 * nobody else holds it. Second of the files of the MAIN world (see builtins.js). Must not know values,
 * events or the page. `grow` throws when a message is over the limit or memory runs out; values.js catches.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const {
    charCodeAt, subarray, copyBytes, mapGet, mapSet, mapDelete, textEncoder, encodeInto, isWellFormed,
    newList, SavedMap, SavedUint8Array, writerOf,
  } = parts.builtins;

  const HEADER_BYTES = 32;
  const START_CAPACITY = 512 * 1024;
  /** Limit of docs/capture-format.md. Texts by reference count with their length in UTF-16 units. */
  const MESSAGE_LIMIT = 16 * 1024 * 1024;
  /** Texts of this length and more are kept by reference: they cannot change, so their bytes can wait. */
  const REFERENCE_LENGTH = 1024;
  /** Texts up to this length are copied unit by unit if they are ASCII; that beats a call. */
  const SHORT_LENGTH = 96;
  /** In place of a key's number: the key follows. */
  const KEY_LIMIT = 0xffff;
  /** Keys of objects without a shape in the table of a chunk; the shapes have the rest of it. */
  const TABLE_KEYS = 0x7000;
  /** Which texts later chunks may name by number; the reader forgets by the same rule. */
  const KEPT_TEXT_BYTES = 1024 * 1024, KEPT_BYTES = 8 * 1024 * 1024, KEPT_TEXTS = 4096;
  const EARLIER_TEXT = 0x40000000, EARLIER_NUMBERS = 0x3fffffff;
  /** Texts up to this length are written without asking for room by themselves if they are members of an object with a shape. */
  const SHORT = 24;
  /** More than the members of an object with a shape take, longer texts and objects aside. */
  const ROOM = 1024;
  const OVER_LIMIT = { reason: 'message over the limit' };

  /** @returns {import('./types').ChunkBuffer} */
  function createBuffer() {
    let keyIndex = new SavedMap();
    /** @type {string[]} */
    let keyNames = newList();
    /** @type {string[]} */
    let texts = newList();
    /** @type {number[]} */
    const textPlaces = newList();
    let textLength = 0;
    /** Numbers of the texts that later chunks may name, oldest first in the lists. */
    let keptNumbers = new SavedMap();
    /** @type {{text: string, bytes: number}[]} */
    let kept = newList();
    let keptFrom = 0, keptBytes = 0, nextText = 0;

    /** @param {number} more */
    function grow(more) {
      if (w.at - w.bodyStart + more + w.bodyTextLength > MESSAGE_LIMIT + HEADER_BYTES) throw OVER_LIMIT;
      extend(more);
    }
    /** Makes room for an object's members. */
    function room() {
      if (w.at - w.bodyStart + w.bodyTextLength > MESSAGE_LIMIT) throw OVER_LIMIT;
      extend(ROOM);
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
     * Forgets the texts of a failed value. Its keys may stay: the table is no order of events.
     * @param {number} place @param {number} toTexts
     */
    function rollBack(place, toTexts) {
      w.at = place;
      while (w.textCount > toTexts) {
        w.textCount--;
        w.bodyTextLength -= texts[w.textCount].length;
        textLength -= texts[w.textCount].length;
      }
    }
    /** Writes a text if it is ASCII; returns whether. @param {string} s @param {Uint8Array} bytes @param {number} at */
    function ascii(s, bytes, at) {
      for (let i = 0; i < s.length; i++) {
        const unit = charCodeAt(s, i);
        if (unit > 0x7f) return false;
        bytes[at + i] = unit;
      }
      return true;
    }
    /** @param {string} s Writes UTF-8; three bytes a unit must be free. Returns bytes written. */
    function utf8(s) {
      if (s.length <= SHORT_LENGTH && ascii(s, w.bytes, w.at)) return s.length;
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
      if (length <= SHORT_LENGTH && ascii(s, w.bytes, w.at)) w.at += length;
      else if (isWellFormed(s)) w.at += utf8(s);
      else { w.bytes[start] = 0x07; utf16(s); }
      putU32(start + 1, w.at - start - 5);
    }
    /** The place of a key in the chunk's table. @param {string} name */
    function keyNumber(name) {
      let index = mapGet(keyIndex, name);
      if (index === undefined) {
        index = keyNames.length;
        mapSet(keyIndex, name, index);
        keyNames[index] = name;
      }
      return index;
    }
    /** @param {number} n */
    function putU16(n) {
      w.bytes[w.at++] = n;
      w.bytes[w.at++] = n >>> 8;
    }
    /** A length and UTF-8 bytes; three bytes a unit must be free. @param {string} name */
    function keyText(name) {
      const start = w.at;
      w.at += 2;
      let written = utf8(name);
      if (written > 0xffff) {
        // Cut before a continuation byte, so that what stays is whole characters.
        for (written = 0xffff; (w.bytes[w.at + written] & 0xc0) === 0x80; written--);
      }
      w.at = start;
      putU16(written);
      w.at += written;
    }
    /** A key of an object that has no shape. @param {string} name */
    function key(name) {
      if (w.at + 16 + 3 * name.length > w.capacity) grow(16 + 3 * name.length);
      // Long names would fill the table with texts that hardly come twice.
      const fits = name.length < REFERENCE_LENGTH && (keyNames.length < TABLE_KEYS || mapGet(keyIndex, name) !== undefined);
      if (fits) { putU16(keyNumber(name)); return; }
      putU16(KEY_LIMIT);
      keyText(name);
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
    /** Keeps a text that was written for later chunks, and forgets the oldest. @param {string} s @param {number} bytes */
    function keepText(s, bytes) {
      const number = nextText++;
      if (bytes > KEPT_TEXT_BYTES) return;
      mapSet(keptNumbers, s, number);
      kept[kept.length] = { text: s, bytes };
      keptBytes += bytes;
      while (keptBytes > KEPT_BYTES || kept.length - keptFrom > KEPT_TEXTS) {
        const oldest = kept[keptFrom];
        mapDelete(keptNumbers, oldest.text);
        keptBytes -= oldest.bytes;
        keptFrom++;
      }
      if (keptFrom > KEPT_TEXTS) {
        const rest = newList();
        for (let i = keptFrom; i < kept.length; i++) rest[rest.length] = kept[i];
        kept = rest;
        keptFrom = 0;
      }
    }
    /** After chunks were given up: what stood in them must not be named any more. */
    function forgetTexts() {
      keptNumbers = new SavedMap();
      kept = newList();
      keptFrom = keptBytes = 0;
    }
    /** Writes each distinct text once, or its number if an earlier chunk has it. */
    function textTable() {
      if (w.at + 8 > w.capacity) extend(8);
      const start = w.at;
      putU32(start, nextText);
      w.at += 8;
      const places = new SavedMap();
      let distinct = 0;
      for (let i = 0; i < w.textCount; i++) {
        const s = texts[i];
        let index = mapGet(places, s);
        if (index === undefined) {
          index = distinct++;
          mapSet(places, s, index);
          const earlier = mapGet(keptNumbers, s);
          if (earlier !== undefined && earlier <= EARLIER_NUMBERS) {
            if (w.at + 4 > w.capacity) extend(4);
            putU32(w.at, EARLIER_TEXT + earlier);
            w.at += 4;
          } else {
            const before = w.at;
            tableEntry(s);
            keepText(s, w.at - before - 4);
          }
        }
        putU32(textPlaces[i], index);
      }
      putU32(start + 4, distinct);
    }
    /** Writes the keys and the shapes of the chunk. @param {import('./types').Shape[]} shapes */
    function keyTables(shapes) {
      for (let i = 0; i < shapes.length; i++) {
        for (let j = 0; j < shapes[i].width; j++) keyNumber(shapes[i].names[j]);
      }
      if (w.at + 8 > w.capacity) extend(8);
      putU32(w.at, keyNames.length);
      w.at += 4;
      for (let i = 0; i < keyNames.length; i++) {
        if (w.at + 8 + 3 * keyNames[i].length > w.capacity) extend(8 + 3 * keyNames[i].length);
        keyText(keyNames[i]);
      }
      if (w.at + 8 > w.capacity) extend(8);
      putU32(w.at, shapes.length);
      w.at += 4;
      for (let i = 0; i < shapes.length; i++) {
        const { names, width } = shapes[i];
        if (w.at + 2 + 2 * width > w.capacity) extend(2 + 2 * width);
        putU16(width);
        for (let j = 0; j < width; j++) putU16(keyNumber(names[j]));
      }
    }
    /** Ends the chunk: writes its tables, and starts anew. @param {import('./types').Shape[]} shapes */
    function finish(shapes) {
      const tableOffset = w.at;
      textTable();
      keyTables(shapes);
      const finished = subarray(w.bytes, 0, w.at);
      if (w.capacity > 2 * START_CAPACITY) {
        w.capacity = START_CAPACITY;
        w.bytes = new SavedUint8Array(w.capacity);
        w.view = writerOf(w.bytes);
      }
      keyIndex = new SavedMap();
      keyNames = newList();
      texts = newList();
      w.textCount = textLength = 0;
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
      textCount: 0,
      bodyStart: HEADER_BYTES,
      bodyTextLength: 0,
      grow, room, extend, putU32, head, ascii, utf8, text, key, rollBack, finish, forgetTexts,
      pendingBytes: () => w.at - HEADER_BYTES + textLength,
    };
    return w;
  }

  parts.createBuffer = createBuffer;
  parts.limits = { MESSAGE_LIMIT, REFERENCE_LENGTH, OVER_LIMIT, ROOM, SHORT };
})();
