// The shaper under a clock of the test's own: same seed, same fates, and no promise of a channel is broken.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parts } from './load.mjs';

const RELIABLE = { isOrdered: true, attempts: Infinity, lifetimeMillis: Infinity };
const LOSSY = { isOrdered: false, attempts: 1, lifetimeMillis: Infinity };
const NASTY = { delayMillis: 40, jitterMillis: 30, loss: 0.1, reorder: 0.1, duplicate: 0.1, burst: { enter: 0.02, leave: 0.2 } };

/** A clock that stands until it is told to go, and runs timers at their time. */
function fakeClock() {
  let time = 0, last = 0;
  const timers = new Map();
  return {
    now: () => time,
    startTimer(run, millis) { timers.set(++last, { at: time + millis, run }); return last; },
    stopTimer(timer) { timers.delete(timer); },
    go(until) {
      for (;;) {
        const [id, next] = [...timers].sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0] ?? [];
        if (!next || next.at > until) break;
        time = Math.max(time, next.at);
        timers.delete(id);
        next.run();
      }
      time = until;
    },
    isIdle: () => timers.size === 0,
  };
}

/** Sends 1000 messages, one each 10 ms, over a fake channel. Returns `[message, arrival]` in order of arrival. */
function play(rule, semantics, { seed = 7, direction = 'send', label = 'game' } = {}) {
  const clock = fakeClock();
  const lane = parts.createShaper({ seed, rules: [rule] }, clock).lane('dataChannel', label, direction, semantics);
  const arrived = [];
  for (let n = 0; n < 1000; n++) {
    clock.go(10 * n);
    const { releases } = lane.decide();
    for (const release of releases) {
      const arrive = () => arrived.push([n, clock.now()]);
      if (releases.length === 1 && lane.isFree(release)) arrive(); else lane.hold(release, arrive, () => {});
    }
  }
  clock.go(1e6);
  assert.equal(lane.count(), 0);
  assert.ok(clock.isIdle());
  return arrived;
}
const numbers = (arrived) => arrived.map(([n]) => n);
const isSorted = (list) => list.every((n, i) => i === 0 || list[i - 1] <= n);

test('the same seed gives the same fates, another seed others', () => {
  assert.deepEqual(play(NASTY, LOSSY), play(NASTY, LOSSY));
  assert.notDeepEqual(play(NASTY, LOSSY), play(NASTY, LOSSY, { seed: 8 }));
  assert.notDeepEqual(play(NASTY, LOSSY), play(NASTY, LOSSY, { label: 'other' }));
  assert.notDeepEqual(play(NASTY, LOSSY), play(NASTY, LOSSY, { direction: 'receive' }));
});

test('the fate of a message does not depend on that of the others', () => {
  // The same losses with and without everything else.
  const lost = (rule) => { const seen = new Set(numbers(play(rule, LOSSY))); return Array.from({ length: 1000 }, (_, n) => n).filter((n) => !seen.has(n)); };
  assert.deepEqual(lost({ loss: 0.1 }), lost({ loss: 0.1, delayMillis: 40, jitterMillis: 90, reorder: 0.3, duplicate: 0.3 }));
});

test('an unreliable, unordered channel loses, reorders and doubles', () => {
  const arrived = numbers(play(NASTY, LOSSY));
  const distinct = new Set(arrived);
  assert.ok(distinct.size > 700 && distinct.size < 900, `${distinct.size} arrived`);
  assert.ok(arrived.length > distinct.size + 40, 'some came twice');
  assert.ok(!isSorted(arrived), 'some overtook');
});

test('loss comes near its share, bursts come in runs', () => {
  assert.ok(Math.abs(1000 - play({ loss: 0.2 }, LOSSY).length - 200) < 40);
  const seen = new Set(numbers(play({ burst: { enter: 0.02, leave: 0.2 } }, LOSSY)));
  let lost = 0, runs = 0;
  for (let n = 0; n < 1000; n++) if (!seen.has(n)) { lost++; if (seen.has(n - 1)) runs++; }
  assert.ok(lost > 30 && lost / runs > 2.5, `${lost} lost in ${runs} runs`);
});

test('a reliable, ordered channel loses nothing, keeps its order, and pays with time', () => {
  const arrived = play(NASTY, RELIABLE);
  assert.deepEqual(numbers(arrived), Array.from({ length: 1000 }, (_, n) => n));
  assert.ok(Math.max(...arrived.map(([n, time]) => time - 10 * n)) > 100, 'a lost attempt delays');
});

test('an ordered channel that may lose keeps its order', () => {
  const arrived = numbers(play(NASTY, { ...LOSSY, isOrdered: true }));
  assert.ok(isSorted(arrived));
  assert.equal(new Set(arrived).size, arrived.length, 'and doubles nothing');
  assert.ok(arrived.length < 950);
});

test('an unordered channel that repeats for ever loses and doubles nothing', () => {
  const arrived = numbers(play(NASTY, { ...RELIABLE, isOrdered: false }));
  assert.equal(arrived.length, 1000);
  assert.equal(new Set(arrived).size, 1000);
  assert.ok(!isSorted(arrived));
});

test('repeats are worth what the channel promises', () => {
  const left = (semantics) => play({ loss: 0.3 }, semantics).length;
  assert.ok(left({ ...LOSSY, attempts: 3 }) > 950, 'three attempts');
  assert.ok(left({ ...LOSSY, attempts: Infinity, lifetimeMillis: 10 }) < 800, 'a lifetime too short for a repeat');
});

test('a rule for one side leaves the other alone', () => {
  const rule = { ...NASTY, direction: 'receive' };
  const shaper = parts.createShaper({ rules: [rule] }, fakeClock());
  assert.equal(shaper.lane('dataChannel', 'game', 'send', LOSSY), null);
  assert.ok(shaper.lane('dataChannel', 'game', 'receive', LOSSY));
});

test('a black hole swallows what may be lost and holds what may not', () => {
  const rule = { blackHoles: [[2000, 3000]] };
  const lossy = numbers(play(rule, LOSSY));
  assert.deepEqual(lossy, Array.from({ length: 1000 }, (_, n) => n).filter((n) => n < 200 || n >= 300));
  const reliable = play(rule, RELIABLE);
  assert.deepEqual(numbers(reliable), Array.from({ length: 1000 }, (_, n) => n));
  assert.ok(reliable.slice(200, 300).every(([, time]) => time === 3000));
});

test('an endless black hole holds until the shaper ends', () => {
  const clock = fakeClock();
  const lane = parts.createShaper({ rules: [{ blackHoles: [[0, null]] }] }, clock).lane('webSocket', 'u', 'send', RELIABLE);
  const arrived = [];
  for (let n = 0; n < 3; n++) lane.hold(lane.decide().releases[0], () => arrived.push(n), () => {});
  clock.go(1e9);
  assert.deepEqual(arrived, []);
  lane.end(true);
  assert.deepEqual(arrived, [0, 1, 2]);
});

test('a channel that closes drops what it may lose', () => {
  const clock = fakeClock();
  const lane = parts.createShaper({ rules: [{ delayMillis: 50 }] }, clock).lane('dataChannel', 'l', 'send', LOSSY);
  const seen = [];
  lane.hold(lane.decide().releases[0], () => seen.push('gone'), () => seen.push('dropped'));
  lane.end(false);
  clock.go(1000);
  assert.deepEqual(seen, ['dropped']);
});

test('channels of one label have fates of their own', () => {
  const shaper = parts.createShaper({ rules: [{ loss: 0.5 }] }, fakeClock());
  const fates = () => { const lane = shaper.lane('dataChannel', 'game', 'send', LOSSY); return Array.from({ length: 64 }, () => lane.decide().releases.length).join(''); };
  assert.notEqual(fates(), fates());
});

test('a channel that closes hands over what it held if it promised to, in order, and drops it otherwise; a revert drops nothing', () => {
  const end = (semantics, isKept) => {
    const clock = fakeClock();
    const lane = parts.createShaper({ rules: [{ delayMillis: 100 }] }, clock).lane('dataChannel', 'game', 'send', semantics);
    const went = [], dropped = [];
    for (let n = 0; n < 5; n++) lane.hold(lane.decide().releases[0], () => went.push(n), () => dropped.push(n));
    lane.end(isKept);
    clock.go(1e6);
    assert.deepEqual([lane.count(), clock.isIdle()], [0, true]);
    return [went, dropped];
  };
  const all = [0, 1, 2, 3, 4];
  assert.deepEqual(end(RELIABLE, false), [all, []]);
  assert.deepEqual(end(LOSSY, false), [[], all]);
  assert.deepEqual(end(LOSSY, true), [all, []]);
  assert.deepEqual(end(RELIABLE, true), [all, []]);
});
