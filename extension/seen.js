// @ts-check
/**
 * Seen: which objects of a message were written before, so that one that stands in several places stays one.
 *
 * Used by values.js; after shapes.js of the files of the MAIN world (see builtins.js). Objects have no number that a script
 * could sort them by, and comparing each with all is a quarter of what a message of many small objects costs. So each is
 * compared with those that begin alike: the first member decides. Should a getter as first member answer differently
 * each time, its object counts as two, as its values are two. Very many go into a map, which asks for no first member.
 * Must not know bytes or shapes, and runs nothing of the page.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { charCodeAt, newList, mapGet, mapSet, mapDelete, SavedMap, SavedInt32Array } = parts.builtins;

  /** Beginnings that are told apart. */
  const BEGINNINGS = 256;
  /** Up to this many in a message, and this many comparisons, a list beats a map. */
  const LIST_LIMIT = 512, STEP_LIMIT = 2048;
  const BASE_LIMIT = 0x3fff0000;
  /** Of what has no first member, or one that is neither number nor text. */
  const OTHER = 255;

  /** @param {any} first member of an object */
  function beginning(first) {
    if (typeof first === 'number') return first & 255;
    if (typeof first === 'string' && first.length > 0) return (first.length + 8 * charCodeAt(first, first.length - 1)) & 255;
    return OTHER;
  }

  /** @returns {import('./types').Seen} */
  function createSeen() {
    /** In order of first visit. @type {any[]} */
    let objects = newList();
    /** Latest object of each beginning as `base` and its place, so that older ones count as none; the place before each. */
    const latest = new SavedInt32Array(BEGINNINGS), earlier = new SavedInt32Array(LIST_LIMIT);
    let base = 1, count = 0, steps = 0;
    /** @type {Map<any, number> | null} */
    let index = null;

    /** @param {any} v @returns {number} its place, or -1 */
    function findAnywhere(v) {
      if (index === null && (steps += count) > STEP_LIMIT) sort();
      if (index !== null) return mapGet(index, v) ?? -1;
      for (let i = 0; i < count; i++) if (objects[i] === v) return i;
      return -1;
    }
    /** Turns to a map. */
    function sort() {
      index = new SavedMap();
      for (let i = 0; i < count; i++) mapSet(index, objects[i], i);
    }
    /** @param {any} v @param {number} begins */
    function visitAnywhere(v, begins) {
      if (index === null) sort();
      const place = mapGet(/** @type {Map<any, number>} */ (index), v);
      if (place !== undefined) return place;
      mapSet(index, v, count);
      objects[count++] = v;
      return -1;
    }

    return {
      beginning, findAnywhere,
      count: () => count,
      visit(v, begins) {
        if (index !== null || count === LIST_LIMIT || steps > STEP_LIMIT) return visitAnywhere(v, begins);
        const before = latest[begins] - base;
        for (let i = before; i >= 0; i = earlier[i]) {
          if (objects[i] === v) return i;
          steps++;
        }
        earlier[count] = before;
        latest[begins] = base + count;
        objects[count++] = v;
        return -1;
      },
      rollBack(to) {
        if (count === to) return;
        // The lists would have to forget too.
        if (index === null) sort();
        while (count > to) {
          mapDelete(index, objects[--count]);
          objects[count] = undefined;
        }
      },
      clear() {
        base += index === null ? count : LIST_LIMIT;
        if (count > LIST_LIMIT) objects = newList(); else for (let i = 0; i < count; i++) objects[i] = undefined;
        index = null;
        count = steps = 0;
        if (base < BASE_LIMIT) return;
        for (let i = 0; i < BEGINNINGS; i++) latest[i] = 0;
        base = 1;
      },
    };
  }

  parts.createSeen = createSeen;
})();
