// @ts-check
/**
 * Leaves: writes the values that hold no other values, but for arrays of numbers, which are bytes too.
 *
 * Called by values.js with what `classify` says a value is; bytes go to buffer.js. After shapes.js of the files of
 * the MAIN world (see builtins.js). Must not know records, shapes or the page. Throws what reading throws.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const {
    newList, read, typedTag, typedBuffer, typedOffset, typedLength, viewBuffer, viewOffset, viewLength, copyBytes, dateTime,
    regexpSource, regexpFlags, bigintText, blobSize, blobType, SavedUint8Array, scratch, scratchBytes, wordBytes, words,
    kinds,
  } = parts.builtins;
  const { BUFFER, VIEW, DATE, REGEXP, ERROR, BLOB } = kinds;
  const { MESSAGE_LIMIT, REFERENCE_LENGTH } = parts.limits;
  const { OTHERS, BYTES, NATURALS, INTEGERS, FRACTIONS, loopFor } = parts.numbers;

  const SCRATCH_NUMBERS = scratch.length;
  /** Up to this many numbers are written one by one. */
  const SHORT = 12;
  /** Why a value was not captured. */
  const NOT_CLONEABLE = 0, THREW = 1, TOO_DEEP = 2, TOO_LARGE = 3, LEFT_OUT = 4;

  /** @type {Record<string, number>} */
  const ELEMENT_KINDS = {
    // @ts-ignore: an object without a prototype, so that a page cannot add names to it.
    __proto__: null,
    Int8Array: 1, Uint8Array: 2, Uint8ClampedArray: 3, Int16Array: 4, Uint16Array: 5, Int32Array: 6,
    Uint32Array: 7, Float32Array: 8, Float64Array: 9, BigInt64Array: 10, BigUint64Array: 11,
  };

  /** @param {import('./types').ChunkBuffer} w @returns {import('./types').Leaves} */
  function createLeaves(w) {
    const { grow, putU32, head, utf8, text } = w;
    let nextBlob = 0, recordChannel = 0, isReceived = false;
    /** @type {import('./types').PendingBlob[]} */
    let blobs = newList();

    /** @param {number} reason @param {string} type */
    function notCaptured(reason, type) {
      if (w.at + 16 > w.capacity) grow(16);
      w.bytes[w.at] = 0x16; w.bytes[w.at + 1] = reason;
      w.at += 2;
      text(type.length < REFERENCE_LENGTH ? type : 'object');
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
    /** @param {number | string} kind @param {any} v */
    function leaf(kind, v) {
      switch (kind) {
        case BUFFER: binary(0x0c, new SavedUint8Array(v)); return;
        case VIEW: viewed(v); return;
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
          head(0x14, nextBlob);
          w.view.putF64(w.at, size, true);
          w.at += 8;
          text(/** @type {Function} */ (blobType)(v));
          blobs[blobs.length] = { number: nextBlob++, blob: v, size, channel: recordChannel };
          return;
        }
        default: notCaptured(NOT_CLONEABLE, /** @type {string} */ (kind));
      }
    }
    /**
     * Writes an array that begins with a number, unless it holds something else: each number in as many bytes as all of them
     * need. What fewer bytes save on the way out of the page is more than it takes to look at the numbers once more.
     * @param {any[]} v @param {number} length
     */
    function numbers(v, length) {
      if (8 * length > MESSAGE_LIMIT) return false;
      if (w.at + 16 + 8 * length > w.capacity) grow(16 + 8 * length);
      const start = w.at + 5;
      /** What holds all numbers so far. */
      let fits = BYTES | NATURALS | INTEGERS;
      try {
        const loop = loopFor(v, length, isReceived);
        for (let from = 0; from < length; from += SCRATCH_NUMBERS) {
          const count = length - from < SCRATCH_NUMBERS ? length - from : SCRATCH_NUMBERS;
          const found = loop(v, from, count);
          if (found === OTHERS) return false;
          const before = fits;
          fits &= found;
          if ((fits & BYTES) !== 0) {
            const { bytes } = w;
            for (let i = 0; i < count; i++) bytes[start + from + i] = 0x80 + words[i];
            continue;
          }
          if (from > 0 && ((before & BYTES) !== 0 || (before !== FRACTIONS && fits === FRACTIONS))) widen(start, from, before, fits);
          // A call costs as much as writing a dozen.
          if (fits !== FRACTIONS) {
            if (length <= SHORT) for (let i = 0; i < count; i++) putU32(start + 4 * i, words[i]);
            else copyBytes(w.bytes, wordBytes(count), start + 4 * from);
          } else if (length <= SHORT) for (let i = 0; i < count; i++) w.view.putF64(start + 8 * i, scratch[i], true);
          else copyBytes(w.bytes, scratchBytes(count), start + 8 * from);
        }
      } catch { return false; }
      const isSmall = (fits & BYTES) !== 0;
      head(isSmall ? 0x09 : fits === FRACTIONS ? 0x17 : (fits & NATURALS) !== 0 ? 0x18 : 0x19, length);
      w.at = start + length * (isSmall ? 1 : fits === FRACTIONS ? 8 : 4);
      return true;
    }
    /**
     * Gives each number more bytes, from the last to the first.
     * @param {number} start where they stand @param {number} count @param {number} before what holds them @param {number} after
     */
    function widen(start, count, before, after) {
      for (let i = count - 1; i >= 0; i--) {
        const { bytes } = w, at = start + 4 * i;
        const word = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
        const n = (before & BYTES) !== 0 ? bytes[start + i] - 0x80 : (before & INTEGERS) !== 0 ? word : word >>> 0;
        if (after !== FRACTIONS) putU32(at, n); else w.view.putF64(start + 8 * i, n, true);
      }
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
    return {
      leaf, rare, numbers, notCaptured,
      /** @param {number} channel of what follows @param {boolean} received */
      inChannel(channel, received) { recordChannel = channel; isReceived = received; },
      blobCount: () => blobs.length,
      /** @param {number} count that stay */
      dropBlobs(count) { blobs.length = count; },
      takeBlobs() { const taken = blobs; if (taken.length) blobs = newList(); return taken; },
    };
  }

  parts.createLeaves = createLeaves;
  parts.reasons = { NOT_CLONEABLE, THREW, TOO_DEEP, TOO_LARGE, LEFT_OUT };
})();
