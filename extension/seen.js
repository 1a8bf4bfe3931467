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
  const { charCodeAt, newList, mapGet, mapSet, mapDelete, SavedMap, SavedUint8Array, SavedInt32Array } = parts.builtins;

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
    /** Latest object of each beginning, and the one before each; as `base` and its place, so that older ones count as none. */
    const latest = new SavedInt32Array(BEGINNINGS), earlier = new SavedInt32Array(LIST_LIMIT);
    const beginnings = new SavedUint8Array(LIST_LIMIT);
    let base = 1, count = 0, steps = 0;
    /** @type {Map<any, number> | null} */
    let index = null;

    /** @param {any} v @returns {number} its place, or -1 */
    function findAnywhere(v) {
      if (steps > STEP_LIMIT) sort();
      if (index !== null) return mapGet(index, v) ?? -1;
      steps += count;
      for (let i = 0; i < count; i++) if (objects[i] === v) return i;
      return -1;
    }
    /** Turns to a map. */
    function sort() {
      steps = 0;
      if (index !== null) return;
      index = new SavedMap();
      for (let i = 0; i < count; i++) mapSet(index, objects[i], i);
    }

    return {
      beginning, findAnywhere,
      count: () => count,
      find(v, begins) {
        if (steps > STEP_LIMIT) sort();
        if (index !== null) return mapGet(index, v) ?? -1;
        for (let i = latest[begins] - base; i >= 0; i = earlier[i] - base) {
          if (objects[i] === v) return i;
          steps++;
        }
        return -1;
      },
      add(v, begins) {
        if (count === LIST_LIMIT) sort();
        if (index !== null) mapSet(index, v, count);
        else {
          beginnings[count] = begins;
          earlier[count] = latest[begins];
          latest[begins] = base + count;
        }
        objects[count++] = v;
      },
      rollBack(to) {
        while (count > to) {
          count--;
          if (index !== null) mapDelete(index, objects[count]); else latest[beginnings[count]] = earlier[count];
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
