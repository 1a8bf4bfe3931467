// @ts-check
/**
 * Pace: counts the page's animation frames and long tasks, added up over about a second.
 *
 * A frame is counted where the page asked for the next one, so that an idle page stays idle; the time of the document's
 * timeline, which stands still within a frame, tells one from the other. Nothing is recorded while neither frames nor
 * long tasks come. A browser that tells of no long tasks is named at once and in each record, by null in their place.
 * One of the files of the MAIN world (see builtins.js); goes to recorder.js.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, uncurry, getter } = parts.builtins;

  const PAGE_PACE = 13;
  const SPAN_MILLIS = 1000;
  const Observer = page.PerformanceObserver;
  const { timeline } = page.document;
  const timelineTime = getter(page.AnimationTimeline.prototype, 'currentTime');

  /** @param {import('./types').Recorder} recorder @param {import('./types').Patches} patches */
  function watchPace({ record, now, failed, onRevert }, { wrapBusyFunction }) {
    let start = now(), frames = 0, longest = 0, last = 0;
    let longTasks = 0, longTaskMillis = 0, hasLongTasks = false;

    /** @param {number} spanMillis */
    function write(spanMillis) {
      record(PAGE_PACE, 0, -1, {
        spanMillis, animationFrames: frames, longestFrameMillis: longest,
        longTasks: hasLongTasks ? longTasks : null, longTaskMillis: hasLongTasks ? longTaskMillis : null,
      });
    }
    /** Ends a span when it is long enough. @param {number} time */
    function tell(time) {
      const spanMillis = time - start;
      if (spanMillis < SPAN_MILLIS) return;
      if (frames > 0 || longTasks > 0) write(spanMillis);
      start = time;
      frames = longest = longTasks = longTaskMillis = 0;
    }
    /** The page asked for the next frame. */
    function asked() {
      const time = timelineTime(timeline);
      if (time === last || typeof time !== 'number') return;
      frames++;
      // A page that asks for a frame now and then has no frame rate in between.
      if (last > 0 && time - last < SPAN_MILLIS && time - last > longest) longest = time - last;
      last = time;
      tell(now());
    }
    wrapBusyFunction('requestAnimationFrame', (original, self, args) => {
      const handle = apply(original, self, args);
      try { asked(); } catch { failed(); }
      return handle;
    });
    try {
      if (!Observer || !Observer.supportedEntryTypes.includes('longtask')) { write(0); return; }
      const entriesOf = uncurry(page.PerformanceObserverEntryList.prototype.getEntries);
      const durationOf = getter(page.PerformanceEntry.prototype, 'duration');
      const observer = new Observer((/** @type {any} */ list) => {
        const entries = entriesOf(list);
        longTasks += entries.length;
        for (let i = 0; i < entries.length; i++) longTaskMillis += durationOf(entries[i]);
        tell(now());
      });
      observer.observe({ type: 'longtask' });
      hasLongTasks = true;
      onRevert(() => observer.disconnect());
    } catch { failed(); }
  }

  parts.watchPace = watchPace;
})();
