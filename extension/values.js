// @ts-check
/**
 * Values: turns what the page sends and receives into the bytes of docs/capture-format.md, one record an
 * event. Third of the six files of the MAIN world (see builtins.js).
 *
 * Payloads come from encoder.js; bytes go to buffer.js. Must not know what a worker, a channel or a
 * socket is, nor sequence numbers; it reads no clock. `record` throws only when memory runs out.
 *
 * Reading a payload runs what `structuredClone` would run: own enumerable properties only. A getter of the
 * page is therefore run once more than without the hook.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const {
    getPrototypeOf, read, UNREADABLE, objectKeys, isArray, hasOwn, typedTag, typedBuffer, typedOffset,
    typedLength, viewBuffer, viewOffset, viewLength, copyBytes, mapGet, mapSet, mapDelete,
    mapForEach, setForEach, weakGet, weakSet, dateTime, regexpSource, regexpFlags, bigintText, unboxers,
    carries, blobSize, blobType, newSeenList, ObjectPrototype, SavedMap, SavedWeakMap, SavedUint8Array, scratch,
    scratchBytes, classify, kinds,
  } = parts.builtins;
  const { PLAIN, BUFFER, VIEW, MAP, SET, DATE, REGEXP, ERROR, BLOB, BOXED } = kinds;

  const { MESSAGE_LIMIT, REFERENCE_LENGTH, OVER_LIMIT } = parts.limits;

  const RECORD_BYTES = 17;
  const SCRATCH_NUMBERS = scratch.length;
  const DEPTH_LIMIT = 64;
  /** Up to this many containers in a message, looking through a list beats a map. */
  const SEARCH_LIMIT = 64;
  /** Up to this many, comparing them here beats a call. */
  const SHORT_LIST = 8;
  const EMPTY = {};
  const NOT_CLONEABLE = 0, THREW = 1, TOO_DEEP = 2, TOO_LARGE = 3;
  /** Kind of object by its prototype, asked once per prototype. */
  const kindOfPrototype = new SavedWeakMap();

  /** @type {Record<string, number>} */
  const ELEMENT_KINDS = {
    // @ts-ignore: an object without a prototype, so that a page cannot add names to it.
    __proto__: null,
    Int8Array: 1, Uint8Array: 2, Uint8ClampedArray: 3, Int16Array: 4, Uint16Array: 5, Int32Array: 6,
    Uint32Array: 7, Float32Array: 8, Float64Array: 9, BigInt64Array: 10, BigUint64Array: 11,
  };

  /** @returns {import('./types').Values} */
  function createValues() {
    const w = parts.createBuffer();
    const { grow, extend, putU32, head, utf8, text, key } = w;
    let seen = newSeenList();
    let seenCount = 0;
    /** @type {Map<any, number> | null} */
    let seenIndex = null;
    let blobCount = 0;
    /** @type {{number: number, blob: Blob, size: number, channel: number}[]} */
    let blobs = [];
    let recordChannel = 0;
    /** Whether the page gave `Object.prototype` something that `for in` lists; asked once a record. */
    let inherits = false;

    /**
     * Forgets what a failed value added, so that the tables match the bytes.
     * @param {number} place @param {number} toSeen @param {number} toKeys @param {number} toTexts
     */
    function rollBack(place, toSeen, toKeys, toTexts) {
      while (seenCount > toSeen) {
        seenCount--;
        if (seenIndex) mapDelete(seenIndex, seen[seenCount]);
        seen[seenCount] = undefined;
      }
      w.rollBack(place, toKeys, toTexts);
    }

    /** @param {number} reason @param {string} type */
    function notCaptured(reason, type) {
      if (w.at + 16 > w.capacity) grow(16);
      w.bytes[w.at] = 0x16; w.bytes[w.at + 1] = reason;
      w.at += 2;
      text(type.length < REFERENCE_LENGTH ? type : 'object');
    }

    /** @param {any} v @param {number} depth containers around this value */
    function value(v, depth) {
      if (w.at + 16 > w.capacity) grow(16);
      if (typeof v === 'number') {
        if ((v | 0) === v && (v !== 0 || 1 / v > 0)) {
          if (v >= 0 && v < 128) w.bytes[w.at++] = 0x80 + v; else head(0x04, v);
        } else {
          w.bytes[w.at] = 0x05;
          w.view.putF64(w.at + 1, v, true);
          w.at += 9;
        }
      } else if (typeof v === 'string') text(v);
      else if (typeof v === 'boolean') w.bytes[w.at++] = v ? 0x03 : 0x02;
      else if (v === null) w.bytes[w.at++] = 0x01;
      else if (typeof v === 'object') guarded(v, depth);
      else rare(v);
    }
    /** @param {undefined | bigint | symbol | Function} v */
    function rare(v) {
      if (v === undefined) w.bytes[w.at++] = 0x00;
      else if (typeof v === 'bigint') {
        const digits = bigintText(v);
        if (w.at + 8 + 3 * digits.length > w.capacity) grow(8 + 3 * digits.length);
        const start = w.at;
        w.at += 5;
        w.at += utf8(digits);
        w.bytes[start] = 0x10;
        putU32(start + 1, w.at - start - 5);
      } else notCaptured(NOT_CLONEABLE, typeof v);
    }
    /** @param {any} v @param {number} depth */
    function guarded(v, depth) {
      const place = w.at, toSeen = seenCount, toKeys = w.keyCount, toTexts = w.textCount;
      try {
        object(v, depth);
      } catch (error) {
        if (error === OVER_LIMIT) throw error;
        rollBack(place, toSeen, toKeys, toTexts);
        notCaptured(THREW, 'object');
      }
    }
    /** @param {any} v Returns whether this container was written before, then as a reference. */
    function wasSeen(v) {
      let index = -1;
      if (seenIndex) index = mapGet(seenIndex, v) ?? -1;
      else {
        const list = seen, count = seenCount;
        if (count > SHORT_LIST) index = list.place(v);
        else for (let i = 0; i < count; i++) if (list[i] === v) { index = i; break; }
      }
      if (index < 0) return false;
      head(0x15, index);
      return true;
    }
    /** @param {any} v */
    function remember(v) {
      if (seenCount === SEARCH_LIMIT && !seenIndex) {
        seenIndex = new SavedMap();
        for (let i = 0; i < seenCount; i++) mapSet(seenIndex, seen[i], i);
      }
      if (seenIndex) mapSet(seenIndex, v, seenCount);
      seen[seenCount++] = v;
    }
    /** @param {any} v @param {number} depth */
    function object(v, depth) {
      if (isArray(v)) { array(v, depth); return; }
      const prototype = getPrototypeOf(v);
      if (prototype === ObjectPrototype || prototype === null) { plain(v, depth, !inherits); return; }
      let kind = weakGet(kindOfPrototype, prototype);
      if (kind === undefined) { kind = classify(v); weakSet(kindOfPrototype, prototype, kind); }
      switch (kind) {
        case PLAIN: plain(v, depth, false); return;
        case BUFFER: binary(0x0c, new SavedUint8Array(v)); return;
        case VIEW: viewed(v); return;
        case MAP: case SET: collection(v, depth, kind === MAP); return;
        case DATE:
          w.bytes[w.at] = 0x11;
          w.view.putF64(w.at + 1, dateTime(v), true);
          w.at += 9;
          return;
        case REGEXP: {
          const source = regexpSource(v), flags = regexpFlags(v);
          w.bytes[w.at++] = 0x12;
          text(source);
          text(flags);
          return;
        }
        case ERROR: {
          const name = read(v, 'name'), message = read(v, 'message');
          w.bytes[w.at++] = 0x13;
          text(typeof name === 'string' ? name : 'Error');
          text(typeof message === 'string' ? message : '');
          return;
        }
        case BLOB: {
          const size = /** @type {Function} */ (blobSize)(v);
          head(0x14, blobCount);
          w.view.putF64(w.at, size, true);
          w.at += 8;
          text(/** @type {Function} */ (blobType)(v));
          blobs[blobs.length] = { number: blobCount++, blob: v, size, channel: recordChannel };
          return;
        }
        case BOXED:
          for (let i = 0; i < unboxers.length; i++) {
            if (carries(unboxers[i], v)) { value(unboxers[i](v), depth); return; }
          }
          notCaptured(NOT_CLONEABLE, 'object');
          return;
        default: notCaptured(NOT_CLONEABLE, kind);
      }
    }
    /** @param {any} v @param {number} depth @param {boolean} onlyOwn nothing is inherited that `for in` would list */
    function plain(v, depth, onlyOwn) {
      if (wasSeen(v)) return;
      if (depth >= DEPTH_LIMIT) { notCaptured(TOO_DEEP, 'Object'); return; }
      const place = w.at, toSeen = seenCount, toKeys = w.keyCount, toTexts = w.textCount;
      remember(v);
      try {
        members(v, depth, onlyOwn);
      } catch (error) {
        if (error === OVER_LIMIT) throw error;
        rollBack(place, toSeen, toKeys, toTexts);
        const names = objectKeys(v);
        remember(v);
        readable(v, names, depth);
      }
    }
    /** The quick way: throws when one member does. @param {any} v @param {number} depth @param {boolean} onlyOwn */
    function members(v, depth, onlyOwn) {
      const start = w.at;
      let count = 0;
      w.bytes[start] = 0x0a;
      w.at += 5;
      if (onlyOwn) {
        // Kept apart, with nothing between key and read: engines have a quick path for just that.
        for (const name in v) {
          const member = v[name];
          key(name);
          value(member, depth + 1);
          count++;
        }
      } else {
        for (const name in v) {
          if (!hasOwn(v, name)) continue;
          key(name);
          value(v[name], depth + 1);
          count++;
        }
      }
      putU32(start + 1, count);
    }
    /** The careful way: a member that cannot be read is written as such. @param {any} v @param {string[]} names @param {number} depth */
    function readable(v, names, depth) {
      head(0x0a, names.length);
      for (let i = 0; i < names.length; i++) {
        key(names[i]);
        const member = read(v, names[i]);
        if (member === UNREADABLE) notCaptured(THREW, 'getter'); else value(member, depth + 1);
      }
    }
    /** @param {any[]} v @param {number} depth */
    function array(v, depth) {
      if (wasSeen(v)) return;
      if (depth >= DEPTH_LIMIT) { notCaptured(TOO_DEEP, 'Array'); return; }
      const length = v.length;
      if (length > MESSAGE_LIMIT) throw OVER_LIMIT;
      remember(v);
      if (length > 0 && typeof read(v, 0) === 'number' && numbers(v, length)) return;
      head(0x09, length);
      for (let i = 0; i < length; i++) {
        const member = read(v, i);
        if (member === undefined && !hasOwn(v, i)) {
          if (w.at + 16 > w.capacity) grow(16);
          w.bytes[w.at++] = 0x1f;
        } else if (member === UNREADABLE) notCaptured(THREW, 'getter');
        else value(member, depth + 1);
      }
    }
    /**
     * Writes an array of numbers unless it holds something else, or only integers of one byte.
     * @param {any[]} v @param {number} length
     */
    function numbers(v, length) {
      if (8 * length > MESSAGE_LIMIT) return false;
      if (w.at + 16 + 8 * length > w.capacity) grow(16 + 8 * length);
      let place = w.at + 5, onlySmall = true;
      try {
        for (let from = 0; from < length; from += SCRATCH_NUMBERS) {
          const count = length - from < SCRATCH_NUMBERS ? length - from : SCRATCH_NUMBERS;
          for (let i = 0; i < count; i++) {
            const member = v[from + i];
            if (typeof member !== 'number') return false;
            if (onlySmall && !((member | 0) === member && member >= 0 && member < 128)) onlySmall = false;
            scratch[i] = member;
          }
          copyBytes(w.bytes, scratchBytes(count), place);
          place += 8 * count;
        }
      } catch { return false; }
      if (onlySmall) return false;
      head(0x17, length);
      w.at = place;
      return true;
    }
    /** @param {any} v @param {number} depth @param {boolean} isMap */
    function collection(v, depth, isMap) {
      if (wasSeen(v)) return;
      if (depth >= DEPTH_LIMIT) { notCaptured(TOO_DEEP, isMap ? 'Map' : 'Set'); return; }
      // The members are listed first: a getter among them could change the collection meanwhile.
      /** @type {any[]} */
      const members = [];
      const list = (/** @type {any} */ member, /** @type {any} */ name) => {
        if (isMap) members[members.length] = name;
        members[members.length] = member;
      };
      if (isMap) mapForEach(v, list); else setForEach(v, list);
      remember(v);
      head(isMap ? 0x0e : 0x0f, isMap ? members.length / 2 : members.length);
      for (let i = 0; i < members.length; i++) value(members[i], depth + 1);
    }
    /** @param {any} v */
    function viewed(v) {
      const name = typedTag(v);
      const kind = name === undefined ? 0 : ELEMENT_KINDS[name];
      if (kind === undefined) { notCaptured(NOT_CLONEABLE, name); return; }
      const typed = name !== undefined;
      const whole = typed ? typedBuffer(v) : viewBuffer(v);
      const from = typed ? typedOffset(v) : viewOffset(v);
      binary(0x0d, new SavedUint8Array(whole, from, typed ? typedLength(v) : viewLength(v)), kind);
    }
    /** @param {number} tag @param {Uint8Array} source @param {number} [kind] */
    function binary(tag, source, kind) {
      const length = typedLength(source);
      if (w.at + 16 + length > w.capacity) grow(16 + length);
      w.bytes[w.at++] = tag;
      if (kind !== undefined) w.bytes[w.at++] = kind;
      putU32(w.at, length);
      copyBytes(w.bytes, source, w.at + 4);
      w.at += 4 + length;
    }

    /**
     * Writes one record and returns the place of its body, for `patch`.
     * @param {number} kind @param {number} time @param {number} channel
     * @param {number} prefix the `u8` before the value, or -1 @param {any} payload @param {number} blob number, or -1
     */
    function record(kind, time, channel, prefix, payload, blob) {
      if (w.at + 64 > w.capacity) extend(64);
      const start = w.at, keysBefore = w.keyCount, textsBefore = w.textCount, blobsBefore = blobs.length;
      w.bytes[w.at] = kind;
      w.view.putF64(w.at + 1, time, true);
      putU32(w.at + 9, channel);
      w.at += RECORD_BYTES;
      if (prefix >= 0) w.bytes[w.at++] = prefix;
      if (blob >= 0) { putU32(w.at, blob); w.at += 4; }
      w.bodyStart = w.at;
      w.bodyTextLength = 0;
      recordChannel = channel;
      inherits = false;
      for (const _ in EMPTY) inherits = true;
      try {
        value(payload, 0);
        if (w.at - w.bodyStart + w.bodyTextLength > MESSAGE_LIMIT) throw OVER_LIMIT;
      } catch {
        // Only size can bring us here, of the message or of the memory.
        rollBack(w.bodyStart, 0, keysBefore, textsBefore);
        blobs.length = blobsBefore;
        notCaptured(TOO_LARGE, typeof payload === 'object' && isArray(payload) ? 'Array' : typeof payload);
      }
      if (seenCount > 64) seen = newSeenList(); else for (let i = 0; i < seenCount; i++) seen[i] = undefined;
      seenCount = 0;
      seenIndex = null;
      putU32(start + 13, w.at - start - RECORD_BYTES);
      return start + RECORD_BYTES;
    }
    return {
      record,
      finish: w.finish,
      patch(place, bits) { w.bytes[place] |= bits; },
      pendingBytes: w.pendingBytes,
      takeBlobs() { const taken = blobs; if (taken.length) blobs = []; return taken; },
    };
  }

  parts.createValues = createValues;
})();
