// @ts-check
/**
 * The recorder: stamps events with the page clock, closes chunks in time, and hands them out of the page.
 *
 * Events come from hook.js. A chunk leaves as one base64 string in a `CustomEvent` on a node that stands in
 * no document, so that no script of the page can hear or forge it. Whoever wants the chunks (relay.js, or a
 * drain of a test page) gets the node in a handshake that works whichever side starts first: both call,
 * both answer. One of the files of the MAIN world (see builtins.js).
 * Must not know what it records, nor who receives it. Nothing is thrown into the page.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, uncurry, getter, newList, SavedUint8Array } = parts.builtins;
  const { toBase64, fromBase64 } = parts.base64;
  const { gaps, limits: { MESSAGE_LIMIT } } = parts;

  const HOOK_VERSION = 1;
  const FLUSH_MS = 100;
  const FLUSH_BYTES = 256 * 1024;
  /** A page that sends this much without a pause has its chunk closed at once. */
  const URGENT_BYTES = 4 * 1024 * 1024;
  /** Chunks that wait for a receiver, in base64 characters; then the oldest go. */
  const WAITING_LIMIT = 16 * 1024 * 1024;
  /** After this many bytes of chunks the page and its channels are described anew: a ring that lost its beginning begins there. */
  const DESCRIBE_BYTES = 8 * 1024 * 1024;
  const PAGE_STARTED = 1, SENT = 4, RECEIVED = 5, PAGE_STATE = 6, PAGE_ENDED = 9;
  const UNKNOWN_CHANNEL = 0xffffffff;
  const HAS_TRANSFER = 1, CALL_THREW = 2;

  const now = performance.now.bind(performance);
  const SavedCustomEvent = CustomEvent, SavedFocusEvent = FocusEvent;
  const dispatch = uncurry(EventTarget.prototype.dispatchEvent);
  const listen = uncurry(EventTarget.prototype.addEventListener);
  const unlisten = uncurry(EventTarget.prototype.removeEventListener);
  const detailOf = getter(CustomEvent.prototype, 'detail');
  const startTimer = setTimeout.bind(page), stopTimer = clearTimeout.bind(page);
  const blobContents = uncurry(Blob.prototype.arrayBuffer);
  const then = uncurry(Promise.prototype.then);
  const visibility = getter(Document.prototype, 'visibilityState');
  const hasFocus = uncurry(Document.prototype.hasFocus);
  const SavedAbortController = AbortController;
  const signalOf = getter(AbortController.prototype, 'signal');
  const abort = uncurry(AbortController.prototype.abort);
  /** Listeners that one signal ends. Firefox compares a listener with all that its signal has before it takes it. */
  const LISTENERS_A_SIGNAL = 256;
  const { document, window, location, navigator } = page;

  /** @returns {import('./types').Recorder} */
  function createRecorder() {
    const encoder = parts.createEncoder(page.crypto.getRandomValues(new SavedUint8Array(8)));
    const node = document.createElement('i');
    /** They end all listeners; none holds what is listened to. @type {AbortController[]} */
    const aborters = newList();
    let listeners = 0;
    let isActive = true, isEnding = false, isConnected = false, isPrompt = false;
    let timer = 0, calls = 0, failures = 0, waitingLength = 0, describedBytes = 0, blobBytes = 0;
    /** @type {{chunk: string, events: number}[]} */
    let waiting = newList();
    /** @type {(() => void)[]} */
    const reverts = newList();
    /** @type {((time: number) => void)[]} */
    const describers = newList();

    /** Closes the open chunk and offers all that waits. */
    function flush() {
      if (timer) { stopTimer(timer); timer = 0; }
      isPrompt = false;
      // While a call with a transfer list runs, its flags are not final.
      const sealed = calls > 0 ? null : encoder.seal();
      if (sealed) {
        describedBytes += sealed.bytes.length;
        const chunk = toBase64(sealed.bytes);
        waiting[waiting.length] = { chunk, events: sealed.events };
        waitingLength += chunk.length;
        if (describedBytes > DESCRIBE_BYTES && !isEnding) describe();
      }
      let given = 0;
      while (isConnected && given < waiting.length) {
        // The receiver cancels the event to say that it has the chunk.
        const offer = new SavedCustomEvent('chunk', { __proto__: null, detail: waiting[given].chunk, cancelable: true });
        if (dispatch(node, offer)) { isConnected = false; break; }
        waitingLength -= waiting[given++].chunk.length;
      }
      /** @type {import('./types').Gap | null} */
      let gap = null;
      let lost = 0;
      while (waitingLength > WAITING_LIMIT && given < waiting.length - 1) {
        waitingLength -= waiting[given].chunk.length;
        lost += waiting[given].events;
        gap = gaps.merge(gap, gaps.of(fromBase64(waiting[given++].chunk), 'nobody received them in the page'));
      }
      if (given === 0) return;
      /** @type {{chunk: string, events: number}[]} */
      const rest = newList();
      if (gap) {
        const chunk = toBase64(gaps.write(gap));
        rest[0] = { chunk, events: 0 };
        waitingLength += chunk.length;
        encoder.lose(lost);
      }
      for (let i = given; i < waiting.length; i++) rest[rest.length] = waiting[i];
      waiting = rest;
    }

    /** Begins a chunk from which on everything can be read without the chunks before it. */
    function describe() {
      describedBytes = 0;
      encoder.forgetTexts();
      const time = now();
      for (let i = 0; i < describers.length; i++) describers[i](time);
      if (!timer) timer = startTimer(flush, FLUSH_MS);
    }

    function afterEvent() {
      const pending = encoder.pendingBytes();
      if (isEnding || pending >= URGENT_BYTES) {
        if (calls === 0) flush();
      } else if (pending >= FLUSH_BYTES && !isPrompt) {
        // As soon as the page's own task ends: its call does not wait for the closing of a chunk.
        stopTimer(timer);
        timer = startTimer(flush, 0);
        isPrompt = true;
      } else if (!timer) timer = startTimer(flush, FLUSH_MS);
      const blobs = encoder.takeBlobs();
      for (let i = 0; i < blobs.length; i++) readBlob(blobs[i]);
    }

    /** @param {import('./types').PendingBlob} asked */
    function readBlob({ number, blob, size, channel }) {
      // Each is a copy in the page's memory until it is written: what would not fit, or too many at once, stay unread.
      if (size > MESSAGE_LIMIT || blobBytes + size > 2 * MESSAGE_LIMIT) return;
      blobBytes += size;
      const unread = () => { blobBytes -= size; failed(); };
      try {
        then(blobContents(blob), (/** @type {ArrayBuffer} */ contents) => {
          blobBytes -= size;
          if (!isActive) return;
          encoder.blobContents(now(), channel, number, contents);
          afterEvent();
        }, unread);
      } catch { unread(); }
    }

    function failed() { failures++; }

    const levels = parts.createLevels((/** @type {number} */ kind, /** @type {number} */ channel, /** @type {object} */ payload, /** @type {number} */ time) =>
      encoder.event(kind, time, channel, -1, payload));
    /**
     * Writes an event as far as the level of its channel lets it.
     * @param {number} kind @param {number} channel @param {number} prefix @param {any} payload @param {number} time
     */
    function write(kind, channel, prefix, payload, time) {
      if (kind !== SENT && kind !== RECEIVED) return encoder.event(kind, time, channel, prefix, payload);
      const how = levels.admit(kind, channel, payload, time);
      if (how === null) return -1;
      const before = encoder.pendingBytes();
      const place = how.isWhole ? encoder.event(kind, time, channel, prefix, payload) : encoder.header(kind, time, channel, prefix, how.text);
      levels.spent(channel, encoder.pendingBytes() - before, time);
      return place;
    }

    /** @param {number} kind @param {number} channel @param {number} prefix @param {any} payload @param {number} [time] */
    function record(kind, channel, prefix, payload, time = now()) {
      if (!isActive) return;
      try {
        write(kind, channel, prefix, payload, time);
        afterEvent();
      } catch { failed(); }
    }

    /**
     * Runs a sending call of the page and records its message: after the call, so that the message is not
     * delayed, but before it when a transfer list would empty the payload.
     * @param {number} channel @param {Function} original @param {any} self @param {any[]} args
     * @param {boolean} hasTransfer
     */
    function send(channel, original, self, args, hasTransfer) {
      const time = now();
      if (!hasTransfer) {
        let result;
        try {
          result = apply(original, self, args);
        } catch (error) {
          record(SENT, channel, CALL_THREW, args[0], time);
          throw error;
        }
        record(SENT, channel, 0, args[0], time);
        return result;
      }
      const place = write(SENT, channel, HAS_TRANSFER, args[0], time);
      calls++;
      try {
        return apply(original, self, args);
      } catch (error) {
        if (place >= 0) encoder.patch(place, CALL_THREW);
        throw error;
      } finally {
        calls--;
        try { afterEvent(); } catch { failed(); }
      }
    }

    /** @param {EventTarget} target @param {string} type @param {(event: any) => void} handle */
    function observe(target, type, handle) {
      const guarded = (/** @type {Event} */ event) => {
        if (!isActive || !event.isTrusted) return;
        try {
          handle(event);
        } catch {
          // A getter of the page threw while the event was read: it is lost, and counted.
          encoder.drop(now(), UNKNOWN_CHANNEL, `reading a "${type}" event threw`);
        }
      };
      if (listeners++ % LISTENERS_A_SIGNAL === 0) aborters[aborters.length] = new SavedAbortController();
      const signal = signalOf(aborters[aborters.length - 1]);
      listen(target, type, guarded, { __proto__: null, signal, capture: target === window && type !== 'focus' && type !== 'blur' });
    }

    let lastState = '';
    function recordPageState() {
      const state = { visibility: visibility(document), focused: hasFocus(document) };
      const summary = state.visibility + state.focused;
      if (summary === lastState) return;
      lastState = summary;
      record(PAGE_STATE, 0, -1, state);
    }

    function revert() {
      if (!isActive) return;
      levels.tick(now());
      record(PAGE_ENDED, 0, -1, { reason: 'reverted', persisted: false });
      flush();
      isActive = false;
      for (let i = 0; i < aborters.length; i++) abort(aborters[i]);
      for (let i = reverts.length - 1; i >= 0; i--) {
        try { reverts[i](); } catch { failed(); }
      }
    }

    /** Calls out for a receiver; it finds the node as the event's related target. */
    function call() {
      dispatch(window, new SavedFocusEvent('rollscope:hook', { __proto__: null, relatedTarget: node }));
    }
    function connected() {
      isConnected = true;
      unlisten(window, 'rollscope:relay', call);
      flush();
    }

    /** Places of the frame from the top document down, and its name: what tells frames of one address apart. */
    function frameLabel() {
      let label = '';
      for (let inner = window; inner !== inner.top; inner = inner.parent) {
        let place = 0;
        while (place < inner.parent.length && inner.parent[place] !== inner) place++;
        label = label === '' ? `${place}` : `${place}.${label}`;
      }
      return window.name ? `iframe ${label} "${window.name}"` : `iframe ${label}`;
    }

    const isTop = window === window.top;
    const started = {
      url: location.href,
      userAgent: navigator.userAgent,
      timeOrigin: performance.timeOrigin,
      frame: isTop ? 'top' : 'inner',
      frameLabel: isTop ? undefined : frameLabel(),
      hookVersion: HOOK_VERSION,
    };
    record(PAGE_STARTED, 0, -1, started);
    describers[0] = (time) => encoder.event(PAGE_STARTED, time, 0, -1, { ...started, again: true });
    describers[1] = levels.describe;
    recordPageState();
    observe(document, 'visibilitychange', recordPageState);
    observe(window, 'focus', recordPageState);
    observe(window, 'blur', recordPageState);
    observe(window, 'pagehide', (event) => {
      isEnding = true;
      levels.tick(now());
      record(PAGE_ENDED, 0, -1, { reason: 'pagehide', persisted: event.persisted });
    });
    // The timers of a frozen page stand still; what is open, and what the page sends
    // in that moment, would wait until it is thawed, if it ever is.
    observe(document, 'freeze', () => {
      isEnding = true;
      flush();
    });
    observe(document, 'resume', () => { isEnding = false; });
    observe(window, 'pageshow', (event) => {
      isEnding = false;
      if (event.persisted) recordPageState();
    });
    listen(node, 'command', (/** @type {any} */ event) => {
      const command = detailOf(event);
      if (command === 'connected') connected();
      else if (command === 'flush') flush();
      else if (command === 'revert') revert();
    });
    listen(window, 'rollscope:relay', call);
    call();

    return {
      record, send, observe, failed, now, revert, flush, levels,
      isActive: () => isActive,
      onRevert(undo) { reverts[reverts.length] = undo; },
      onDescribe(tell) { describers[describers.length] = tell; },
      again: (kind, channel, prefix, payload, time) => { encoder.event(kind, time, channel, prefix, payload); },
    };
  }

  parts.createRecorder = createRecorder;
})();
