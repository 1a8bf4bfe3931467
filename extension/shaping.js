// @ts-check
/**
 * Shaping: puts the network shaper between the page and its data channels and sockets.
 *
 * Called by hook.js and peers.js with each call and each event; what shaper.js decides is done here, and recorded with
 * the flags of docs/capture-format.md. While it is on, a page that reads `bufferedAmount` sees less than waits, and
 * a delayed message comes as an event that is not trusted. Must not decide what happens to a message.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, uncurry, kindOf, kinds, getter, SavedUint8Array, typedBuffer, typedOffset, typedLength, typedTag, viewBuffer, viewOffset, viewLength } = parts.builtins;

  const SENT = 4, RECEIVED = 5, SHAPER = 17;
  const WITHHELD = 4, DELAYED = 8, TWICE = 16;
  const dispatch = uncurry(EventTarget.prototype.dispatchEvent);
  const stop = uncurry(Event.prototype.stopImmediatePropagation);
  const SavedMessageEvent = MessageEvent;
  const dataOf = getter(MessageEvent.prototype, 'data'), originOf = getter(MessageEvent.prototype, 'origin');
  const slice = uncurry(SavedUint8Array.prototype.slice);
  const warn = console.warn.bind(console);

  /** What a page may change after the call. @param {any} payload */
  function copyOf(payload) {
    if (typeof payload !== 'object' || payload === null) return payload;
    const kind = kindOf(payload);
    if (kind === kinds.BUFFER) return slice(new SavedUint8Array(payload));
    if (kind !== kinds.VIEW) return payload;
    const isTyped = typedTag(payload) !== undefined;
    return slice(isTyped
      ? new SavedUint8Array(typedBuffer(payload), typedOffset(payload), typedLength(payload))
      : new SavedUint8Array(viewBuffer(payload), viewOffset(payload), viewLength(payload)));
  }

  /** @param {import('./types').Recorder} recorder @returns {import('./types').Shaping} */
  function createShaping({ record, now, failed, send, onRevert, onDescribe, again }) {
    const clock = { now, startTimer: setTimeout.bind(page), stopTimer: clearTimeout.bind(page) };
    /** @type {import('./types').Shaper | null} */
    let shaper = null;
    /** Lanes by channel number, made when a channel first needs them. @type {Map<number, {send: any, receive: any}>} */
    let lanes = new Map();
    const { mapGet, mapSet, mapForEach, SavedMap } = parts.builtins;
    lanes = new SavedMap();

    /** @param {number} channel @param {import('./types').Shaped} shaped */
    function lanesOf(channel, shaped) {
      let found = mapGet(lanes, channel);
      if (!found && shaper) {
        const { kind, label, semantics } = shaped;
        found = { send: shaper.lane(kind, label, 'send', semantics), receive: shaper.lane(kind, label, 'receive', semantics) };
        mapSet(lanes, channel, found);
      }
      return found;
    }
    /** Lets go all that is held, in order. */
    function endAll() {
      const ended = lanes;
      lanes = new SavedMap();
      mapForEach(ended, (/** @type {any} */ pair) => { pair.send?.end(true); pair.receive?.end(true); });
    }
    onRevert(() => { shaper = null; endAll(); });
    onDescribe((time) => { if (shaper) again(SHAPER, 0, -1, { on: true, seed: shaper.seed, rules: shaper.rules, again: true }, time); });

    return {
      isOn: () => shaper !== null,
      /** @param {import('./types').ShaperSettings | null} settings null switches it off */
      configure(settings) {
        const wasOn = shaper !== null;
        shaper = null;
        endAll();
        if (settings) shaper = parts.createShaper(settings, clock);
        if (shaper) {
          record(SHAPER, 0, -1, { on: true, seed: shaper.seed, rules: shaper.rules });
          warn('Rollscope: THE NETWORK SHAPER IS ON. Messages of this page are delayed and dropped on purpose.');
        } else if (wasOn) record(SHAPER, 0, -1, { on: false });
      },
      send(channel, original, self, args, shaped) {
        const lane = lanesOf(channel, shaped)?.send;
        if (!lane || !shaped.isOpen(self)) return send(channel, original, self, args, false);
        const { releases } = lane.decide();
        if (releases.length === 1 && lane.isFree(releases[0])) return send(channel, original, self, args, false);
        const copy = releases.length > 0 ? copyOf(args[0]) : null;
        const go = () => { try { if (shaped.isOpen(self)) apply(original, self, [copy]); } catch { failed(); } };
        for (let i = 0; i < releases.length; i++) lane.hold(releases[i], go, () => {});
        record(SENT, channel, releases.length === 0 ? WITHHELD : releases.length > 1 ? DELAYED | TWICE : DELAYED, args[0]);
        return undefined;
      },
      receive(channel, event, target, shaped) {
        const lane = lanesOf(channel, shaped)?.receive;
        if (!lane) { record(RECEIVED, channel, 0, dataOf(event)); return; }
        const { releases } = lane.decide();
        const data = dataOf(event), origin = originOf(event);
        if (releases.length === 1 && lane.isFree(releases[0])) { record(RECEIVED, channel, 0, data); return; }
        stop(event);
        if (releases.length === 0) { record(RECEIVED, channel, WITHHELD, data); return; }
        for (let i = 0; i < releases.length; i++) {
          lane.hold(releases[i], () => {
            record(RECEIVED, channel, i > 0 ? DELAYED | TWICE : DELAYED, data);
            dispatch(target, new SavedMessageEvent('message', { __proto__: null, data, origin }));
          }, () => record(RECEIVED, channel, WITHHELD, data));
        }
      },
      /** Before a channel closes: a reliable one hands over what is held, another forgets it. */
      closing(channel) {
        const pair = mapGet(lanes, channel);
        pair?.send?.end(false);
        pair?.receive?.end(false);
      },
    };
  }

  parts.createShaping = createShaping;
})();
