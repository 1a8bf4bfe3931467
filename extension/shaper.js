// @ts-check
/**
 * The network shaper: decides what happens to each message of a channel, and lets it go in time.
 *
 * A browser's own throttling does not reach data channels, so the hook can hold messages back by itself: rules
 * and seed come from the user, messages from shaping.js. Off unless asked for. The same seed and the same messages
 * give the same fates: every message takes six draws of its lane's generator, whatever becomes of it. Rules and
 * generator stand in docs/shaper.md. Must not know the page; clock and timers are handed in.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { charCodeAt, newList } = parts.builtins;
  const { floor, log, imul, max } = Math;

  /** A lost message of a reliable channel comes after this time more, unless the rule says another. */
  const LEAST_RETRY_MILLIS = 50;

  /** FNV-1a of a text. @param {string} text */
  function hash(text) {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = imul(h ^ charCodeAt(text, i), 0x01000193);
    return h >>> 0;
  }
  /** Mulberry32: a number from 0 up to but not including 1. @param {number} seed */
  function generator(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = imul(state ^ (state >>> 15), 1 | state);
      t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  /** How often in a row an attempt of this chance is lost. @param {number} draw @param {number} loss */
  function lostAttempts(draw, loss) {
    if (loss <= 0) return 0;
    return loss >= 1 ? Infinity : floor(log(1 - draw) / log(loss));
  }

  /**
   * @param {import('./types').ShaperRule} rule
   * @param {import('./types').Semantics} semantics what the channel promises; a rule cannot break it
   * @param {number} seed
   * @param {import('./types').Clock} clock
   * @returns {import('./types').Lane}
   */
  function createLane(rule, semantics, seed, { now, startTimer, stopTimer }) {
    const { delayMillis = 0, jitterMillis = 0, loss = 0, reorder = 0, duplicate = 0, burst } = rule;
    const { reorderMillis = 2 * delayMillis + 20, blackHoles = [] } = rule;
    const retryMillis = rule.retryMillis ?? max(LEAST_RETRY_MILLIS, 2 * (delayMillis + jitterMillis));
    const { isOrdered, attempts, lifetimeMillis } = semantics;
    const isReliable = attempts === Infinity && lifetimeMillis === Infinity;
    const random = generator(seed);
    const start = now();
    let isBad = false, lastRelease = -Infinity, order = 0, timer = 0;
    /** By time of release, then by order of coming. @type {{release: number, order: number, go: () => void, drop: () => void}[]} */
    let held = newList();

    /** @param {number} time @returns {number} when the black hole at this time ends; `time` if there is none */
    function afterHoles(time) {
      for (let i = 0; i < blackHoles.length; i++) {
        const from = blackHoles[i][0], until = blackHoles[i][1];
        if (time - start >= from && time - start < (until ?? Infinity)) return start + (until ?? Infinity);
      }
      return time;
    }
    /** @returns {import('./types').Fate} */
    function decide() {
      const time = now();
      const turn = random(), lossDraw = random(), jitterDraw = random();
      const reorderDraw = random(), duplicateDraw = random(), secondDraw = random();
      if (burst) isBad = isBad ? turn >= burst.leave : turn < burst.enter;
      const firstLoss = isBad && burst ? burst.loss ?? 1 : loss;
      // Repeats come after a burst: they meet the ordinary loss.
      const lost = lossDraw < firstLoss ? 1 + lostAttempts(lossDraw / firstLoss, loss) : 0;
      const open = afterHoles(time);
      // What a reliable channel cannot get through it goes on sending.
      if (!isReliable && (lost >= attempts || lost * retryMillis > lifetimeMillis || open > time)) return { releases: [] };
      let release = open + delayMillis + jitterDraw * jitterMillis + (lost > 0 ? lost * retryMillis : 0);
      if (!isOrdered && reorderDraw < reorder) release += reorderMillis;
      if (isOrdered) lastRelease = release = max(release, lastRelease);
      const isTwice = !isOrdered && !isReliable && duplicateDraw < duplicate;
      return { releases: isTwice ? [release, release + 1 + secondDraw * jitterMillis] : [release] };
    }
    function arm() {
      if (timer) stopTimer(timer);
      timer = held.length > 0 && held[0].release < Infinity ? startTimer(letGo, max(0, held[0].release - now())) : 0;
    }
    function letGo() {
      timer = 0;
      const time = now();
      while (held.length > 0 && held[0].release <= time) /** @type {any} */ (shift()).go();
      arm();
    }
    function shift() {
      const first = held[0], rest = newList();
      for (let i = 1; i < held.length; i++) rest[i - 1] = held[i];
      held = rest;
      return first;
    }

    return {
      decide,
      isFree: (release) => release <= now() && held.length === 0,
      hold(release, go, drop) {
        const entry = { release, order: order++, go, drop };
        const next = newList();
        let i = 0;
        while (i < held.length && held[i].release <= release) { next[i] = held[i]; i++; }
        next[i] = entry;
        for (; i < held.length; i++) next[i + 1] = held[i];
        held = next;
        if (held[0] === entry) arm();
      },
      end(isKept) {
        if (timer) stopTimer(timer);
        timer = 0;
        const rest = held;
        held = newList();
        for (let i = 0; i < rest.length; i++) if (isKept || isReliable) rest[i].go(); else rest[i].drop();
      },
      count: () => held.length,
    };
  }

  /** @param {import('./types').ShaperSettings} settings @param {import('./types').Clock} clock @returns {import('./types').Shaper} */
  function createShaper({ seed = 1, rules = [] }, clock) {
    /** How many channels of a name there were. @type {Record<string, number>} */
    // @ts-ignore: an object without a prototype, so that a page cannot add names to it.
    const known = { __proto__: null };
    return {
      seed, rules,
      lane(kind, label, direction, semantics) {
        const name = `${direction}/${kind}/${label}`;
        const place = known[name] = (known[name] ?? 0) + 1;
        for (let i = 0; i < rules.length; i++) {
          const rule = rules[i];
          if ((rule.kind ?? kind) !== kind || (rule.label ?? label) !== label) continue;
          if ((rule.direction ?? 'both') !== 'both' && rule.direction !== direction) continue;
          return createLane(rule, semantics, hash(`${seed}/${name}/${place}`), clock);
        }
        return null;
      },
    };
  }

  parts.createShaper = createShaper;
})();
