// A clock for the page: browsers slow down the timers of hidden pages, not those of workers.
// It posts twice per tick, so that a tick is never later than half of one.
// @ts-check
const PERIOD_MS = 1000 / 120;
let next = performance.now() + PERIOD_MS;

function fire() {
  const now = performance.now();
  // In an observer's eyes this is a clock and no game.
  postMessage({ type: "tick", timestamp: now });
  // After a sleep there is nothing to catch up with here; the page decides about lost ticks.
  next = Math.max(next + PERIOD_MS, now);
  setTimeout(fire, next - now);
}

setTimeout(fire, PERIOD_MS);
