// @ts-check
/**
 * Numbers: reads elements of the page's arrays without changing how the browser stores them.
 *
 * Chromium keeps an array as small integers, as fractions or as anything. A place of a script that has met arrays of several
 * kinds is compiled so that it first makes each array one of the most general kind: of an array of fractions that is a new
 * object for each number, in the page's own array, for good. So what reads many elements must meet one kind only:
 * there is a loop for each likely kind, and `elementAt`, which has met so many that it is compiled for none.
 * Used by leaves.js and values.js; after buffer.js of the files of the MAIN world (see builtins.js). Must not know bytes.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { is, scratch, words } = parts.builtins;

  /**
   * What a loop found: something else than numbers; or what holds each of the numbers: one byte, as it is an integer from 0 to
   * 127; four bytes without or with a sign; nothing less than a fraction.
   */
  const OTHERS = 8, BYTES = 1, NATURALS = 2, INTEGERS = 4, FRACTIONS = 0;

  /** Up to this many elements, asking how an array may be stored costs more than it saves. */
  const FEW = 6;

  /** @param {number} all bits of whole numbers from 0 on */
  function widthOf(all) { return all < 0 ? NATURALS : all < 128 ? BYTES | NATURALS | INTEGERS : NATURALS | INTEGERS; }
  /** Whether numbers in `scratch` that are not all natural are integers; then they are in `words`. @param {number} count */
  function integers(count) {
    for (let i = 0; i < count; i++) {
      const n = scratch[i], word = n | 0;
      if (word !== n || (word === 0 && is(n, -0))) return FRACTIONS;
      words[i] = word;
    }
    return INTEGERS;
  }
  /** What an element tells of how its array is stored. @param {any} n @returns {number} for `loopFor` */
  function trait(n) { return typeof n !== 'number' ? 4 : (n | 0) === n ? 0 : 1; }

  /**
   * They read `count` elements from `from` on into `scratch`, and into `words` if those hold them. All do the same, and each gets
   * arrays of its own: the text stands four times because functions made of one text share what the engine notes of its places.
   * @type {((v: any[], from: number, count: number) => number)[]}
   */
  const LOOPS = [
    (v, from, count) => {
      let all = 0, isWhole = true;
      for (let i = 0; i < count; i++) {
        const n = v[from + i];
        if (typeof n !== 'number') return OTHERS;
        const word = n >>> 0;
        if (word !== n || (word === 0 && is(n, -0))) isWhole = false;
        scratch[i] = n;
        words[i] = word;
        all |= word;
      }
      return isWhole ? widthOf(all) : integers(count);
    },
    (v, from, count) => {
      let all = 0, isWhole = true;
      for (let i = 0; i < count; i++) {
        const n = v[from + i];
        if (typeof n !== 'number') return OTHERS;
        const word = n >>> 0;
        if (word !== n || (word === 0 && is(n, -0))) isWhole = false;
        scratch[i] = n;
        words[i] = word;
        all |= word;
      }
      return isWhole ? widthOf(all) : integers(count);
    },
    (v, from, count) => {
      let all = 0, isWhole = true;
      for (let i = 0; i < count; i++) {
        const n = v[from + i];
        if (typeof n !== 'number') return OTHERS;
        const word = n >>> 0;
        if (word !== n || (word === 0 && is(n, -0))) isWhole = false;
        scratch[i] = n;
        words[i] = word;
        all |= word;
      }
      return isWhole ? widthOf(all) : integers(count);
    },
    (v, from, count) => {
      let all = 0, isWhole = true;
      for (let i = 0; i < count; i++) {
        const n = v[from + i];
        if (typeof n !== 'number') return OTHERS;
        const word = n >>> 0;
        if (word !== n || (word === 0 && is(n, -0))) isWhole = false;
        scratch[i] = n;
        words[i] = word;
        all |= word;
      }
      return isWhole ? widthOf(all) : integers(count);
    },
  ];

  /** @param {any} v @param {number} i */
  function elementAt(v, i) { return v[i]; }
  const samples = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
  // Engines take notes of a function's places only after it ran some times.
  for (let round = 0; round < 4; round++) for (let i = 0; i < samples.length; i++) elementAt(new samples[i](1), 0);

  /** For few elements, and for arrays that are stored as nobody knows. @type {typeof LOOPS[0]} */
  function loopOfFew(v, from, count) {
    let all = 0, isWhole = true;
    for (let i = 0; i < count; i++) {
      const n = elementAt(v, from + i);
      if (typeof n !== 'number') return OTHERS;
      const word = n >>> 0;
      if (word !== n || (word === 0 && is(n, -0))) isWhole = false;
      scratch[i] = n;
      words[i] = word;
      all |= word;
    }
    return isWhole ? widthOf(all) : integers(count);
  }

  parts.numbers = {
    OTHERS, BYTES, NATURALS, INTEGERS, FRACTIONS,
    elementAt,
    /**
     * The loop for an array: three elements tell how it may be stored; received arrays are stored as anything.
     * @param {any[]} v @param {number} length @param {boolean} isReceived
     */
    loopFor(v, length, isReceived) {
      if (length <= FEW) return loopOfFew;
      const traits = trait(elementAt(v, 0)) | trait(elementAt(v, length >> 1)) | trait(elementAt(v, length - 1));
      return traits > 1 ? loopOfFew : LOOPS[isReceived ? 2 + traits : traits];
    },
  };
})();
