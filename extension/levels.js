// @ts-check
/**
 * Levels: how much of each channel is recorded. Everything, headers only, or counters only.
 *
 * The user chooses by kind, label or number of a channel. Under load a rule chooses, which docs/standalone.md states: a
 * page that writes more than 48 MiB a second three seconds in a row has the channel that wrote most of it put to
 * "headers", one with more than 200,000 messages a second has the channel with most of them put to "counters"; five
 * seconds below half of both, and all such channels are full again. Each change is recorded. Asked by recorder.js for every message.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { newList, mapGet, mapSet, mapDelete, mapForEach, SavedMap, isArray, kindOf, kinds, typedLength, bufferLength, viewLength, blobSize, read } = parts.builtins;

  const FULL = 0, HEADERS = 1, COUNTERS = 2;
  const NAMES = ['full', 'headers', 'counters'];
  const SENT = 4, LEVEL = 15, COUNTED = 16;
  const SECOND = 1000;
  const LOAD_BYTES = 48 * 1024 * 1024, LOAD_MESSAGES = 200_000, HEAVY_SECONDS = 3, CALM_SECONDS = 5;

  /** How a message of a full channel is recorded. */
  const WHOLE = { isWhole: true, text: '' };

  /** Type and size of a payload, without what it holds. @param {any} v */
  function header(v) {
    if (typeof v === 'string') return `string of ${v.length} units`;
    if (typeof v !== 'object' || v === null) return typeof v;
    try {
      const kind = isArray(v) ? kinds.PLAIN : kindOf(v);
      if (kind === kinds.BUFFER) return `ArrayBuffer of ${bufferLength(v)} bytes`;
      if (kind === kinds.BLOB) return `Blob of ${blobSize(v)} bytes`;
      if (kind === kinds.VIEW) {
        const typed = parts.builtins.typedTag(v);
        return typed === undefined ? `DataView of ${viewLength(v)} bytes` : `${typed} of ${typedLength(v)} bytes`;
      }
    } catch { /* What it is cannot be told. */ }
    return 'object';
  }

  /** @param {(kind: number, channel: number, payload: object, time: number) => void} tell @returns {import('./types').Levels} */
  function createLevels(tell) {
    /** Channels that are not full. @type {Map<number, {level: number, isByLoad: boolean, sent: number, received: number, since: number}>} */
    const lowered = new SavedMap();
    /** @type {import('./types').LevelRule[]} */
    let rules = [];
    /** Bytes and messages of each channel in this second. @type {Map<number, {bytes: number, messages: number}>} */
    let shares = new SavedMap();
    let lastShare = { bytes: 0, messages: 0 }, lastChannel = -1;
    /** Of this second: `written` are those messages that cost bytes, `messages` all. */
    let start = 0, bytes = 0, written = 0, messages = 0, heavy = 0, calm = 0, isAny = false, isKept = false;

    /** @param {number} channel @param {number} level @param {'user' | 'load'} reason @param {number} time */
    function set(channel, level, reason, time) {
      const state = mapGet(lowered, channel);
      if ((state?.level ?? FULL) === level) return;
      if (state) count(channel, state, time);
      if (level === FULL) mapDelete(lowered, channel);
      else mapSet(lowered, channel, { level, isByLoad: reason === 'load', sent: 0, received: 0, since: time });
      isAny = false;
      mapForEach(lowered, () => { isAny = true; });
      /** @type {Record<string, any>} */
      const details = { level: NAMES[level], reason };
      if (reason === 'load') details.loadBytes = bytes;
      tell(LEVEL, channel, details, time);
    }
    /** @param {number} channel @param {any} state @param {number} time */
    function count(channel, state, time) {
      if (state.sent + state.received === 0) return;
      const { sent, received, since } = state;
      state.sent = state.received = 0;
      state.since = time;
      tell(COUNTED, channel, { sent, received, spanMillis: time - since }, time);
    }
    /** The channel with the largest share. @param {'bytes' | 'messages'} of */
    function largest(of) {
      let found = 0, most = -1;
      mapForEach(shares, (/** @type {any} */ share, /** @type {number} */ channel) => {
        if (share[of] > most) { most = share[of]; found = channel; }
      });
      return found;
    }
    /** @param {number} time */
    function nextSecond(time) {
      const isIdle = time - start >= 2 * SECOND;
      calm = isIdle || (bytes < LOAD_BYTES / 2 && messages < LOAD_MESSAGES / 2) ? calm + 1 : 0;
      // A channel that is only counted is no load any more, and must not take others down with it.
      heavy = !isIdle && (bytes > LOAD_BYTES || written > LOAD_MESSAGES) ? heavy + 1 : 0;
      if (heavy >= HEAVY_SECONDS && !isKept) {
        if (bytes > LOAD_BYTES) set(largest('bytes'), HEADERS, 'load', time);
        else set(largest('messages'), COUNTERS, 'load', time);
      }
      start = time;
      bytes = written = messages = 0;
      shares = new SavedMap();
      lastChannel = -1;
      tick(time);
      if (calm < CALM_SECONDS || !isAny) return;
      /** @type {number[]} */
      const risen = newList();
      mapForEach(lowered, (/** @type {any} */ state, /** @type {number} */ channel) => { if (state.isByLoad) risen[risen.length] = channel; });
      for (let i = 0; i < risen.length; i++) set(risen[i], FULL, 'load', time);
    }
    /** Tells what was counted. @param {number} time */
    function tick(time) {
      if (isAny) mapForEach(lowered, (/** @type {any} */ state, /** @type {number} */ channel) => count(channel, state, time));
    }

    return {
      admit(kind, channel, payload, time) {
        messages++;
        let state = isAny ? mapGet(lowered, channel) : undefined;
        // What is only counted costs nothing: where all is, no other message ends a second.
        if (state && state.level === COUNTERS && time - start >= SECOND) {
          nextSecond(time);
          state = mapGet(lowered, channel);
        }
        if (!state) return WHOLE;
        if (state.level === HEADERS) return { isWhole: false, text: header(payload) };
        if (kind === SENT) state.sent++; else state.received++;
        if (time - state.since >= SECOND) count(channel, state, time);
        return null;
      },
      spent(channel, cost, time) {
        if (time - start >= SECOND) nextSecond(time);
        bytes += cost;
        written++;
        // Messages of one channel mostly come one after another.
        if (channel !== lastChannel) {
          lastChannel = channel;
          lastShare = mapGet(shares, channel);
          if (!lastShare) mapSet(shares, channel, (lastShare = { bytes: 0, messages: 0 }));
        }
        lastShare.bytes += cost;
        lastShare.messages++;
      },
      opened(channel, kind, label, time) {
        for (let i = 0; i < rules.length; i++) {
          const rule = rules[i];
          if ((rule.channel ?? channel) !== channel || (rule.kind ?? kind) !== kind || (rule.label ?? label) !== label) continue;
          for (let level = FULL; level <= COUNTERS; level++) if (NAMES[level] === rule.level) set(channel, level, 'user', time);
          return;
        }
      },
      choose(chosen) { rules = chosen; },
      keepUnderLoad() { isKept = true; },
      describe(time) {
        mapForEach(lowered, (/** @type {any} */ state, /** @type {number} */ channel) =>
          tell(LEVEL, channel, { level: NAMES[state.level], reason: state.isByLoad ? 'load' : 'user', again: true }, time));
      },
      tick,
    };
  }

  parts.createLevels = createLevels;
})();
