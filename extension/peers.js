// @ts-check
/**
 * Peers: what the hook sees of peer connections and their data channels.
 *
 * States, candidates, the selected pair, statistics once a second, messages and what waits to be sent. Data comes from
 * the page's own calls and events and goes to recorder.js. One of the files of the MAIN world (see builtins.js). Must
 * not interpret a message. Not visible from here: a channel that was transferred into a worker.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { newList, apply, getter, uncurry, mapGet, mapSet, mapDelete, mapForEach, SavedMap, weakGet, weakSet, SavedWeakMap, read } = parts.builtins;

  const PEER_CONNECTION = 3, DATA_CHANNEL = 4;
  const STATE = 3, CANDIDATE = 10, SELECTED_PAIR = 11, STATS = 12, BUFFERED = 14;
  const SECOND = 1000;
  /** Engines stop sending about here; see the kind "buffered amount" of docs/capture-format.md. */
  const MUCH_BYTES = 16_384;

  /** @param {string} type @param {string} name @returns {(self: any) => any} */
  const accessor = (type, name) => {
    try { return getter(page[type].prototype, name); } catch { return () => undefined; }
  };
  const signalingState = accessor('RTCPeerConnection', 'signalingState');
  const connectionState = accessor('RTCPeerConnection', 'connectionState');
  const iceState = accessor('RTCPeerConnection', 'iceConnectionState');
  const gatheringState = accessor('RTCPeerConnection', 'iceGatheringState');
  const label = accessor('RTCDataChannel', 'label');
  const channelState = accessor('RTCDataChannel', 'readyState');
  const ordered = accessor('RTCDataChannel', 'ordered');
  const retransmits = accessor('RTCDataChannel', 'maxRetransmits');
  const lifetime = accessor('RTCDataChannel', 'maxPacketLifeTime');
  const protocol = accessor('RTCDataChannel', 'protocol');
  const bufferedAmount = accessor('RTCDataChannel', 'bufferedAmount');
  const eventChannel = accessor('RTCDataChannelEvent', 'channel');
  const eventCandidate = accessor('RTCPeerConnectionIceEvent', 'candidate');
  const candidateText = accessor('RTCIceCandidate', 'candidate');
  const candidateMedia = accessor('RTCIceCandidate', 'sdpMid');
  const getStats = page.RTCPeerConnection ? uncurry(page.RTCPeerConnection.prototype.getStats) : null;
  const eachStat = page.RTCStatsReport ? uncurry(page.RTCStatsReport.prototype.forEach) : null;
  const then = uncurry(Promise.prototype.then);
  const startTimer = setTimeout.bind(page), stopTimer = clearTimeout.bind(page);

  /** @param {any} event */
  const asError = (event) => ({ state: 'error', reason: event.type, message: event.message ?? event.error?.message ?? '' });

  /**
   * @param {import('./types').Recorder} recorder @param {import('./types').Channels} channels
   * @param {import('./types').Shaping} shaping @returns {import('./types').Peers}
   */
  function createPeers({ record, observe, send, failed, isActive, onRevert }, { open, closed, numberOf, observeState }, shaping) {
    /** Connections that are asked for statistics, with the pair that they had. @type {Map<any, {channel: number, pair: string}>} */
    const connected = new SavedMap();
    /** Data channels in which something waited since the last second. @type {Map<number, {target: any, most: number, isMuch: boolean}>} */
    const waiting = new SavedMap();
    /**
     * Those whose "bufferedamountlow" is heard, because much waited once: it comes after every message in Firefox, and
     * one of ours for each would cost a channel a tenth of its speed.
     */
    const heard = new SavedWeakMap();
    let timer = 0;
    onRevert(() => { if (timer) stopTimer(timer); });

    function eachSecond() {
      timer = 0;
      if (!isActive()) return;
      mapForEach(connected, ask);
      mapForEach(waiting, (/** @type {any} */ state, /** @type {number} */ channel) => tellWaiting(channel, state));
      wake();
    }
    function wake() {
      let isNeeded = false;
      mapForEach(connected, () => { isNeeded = true; });
      mapForEach(waiting, () => { isNeeded = true; });
      if (isNeeded && !timer) timer = startTimer(eachSecond, SECOND);
    }

    /** @param {{channel: number, pair: string}} known @param {any} connection */
    function ask(known, connection) {
      if (!getStats || !eachStat) return;
      try { then(getStats(connection), (/** @type {any} */ report) => { if (isActive()) tellStats(known, report); }, failed); } catch { failed(); }
    }
    /** @param {{channel: number, pair: string}} known @param {any} report */
    function tellStats(known, report) {
      /** @type {Record<string, any>} */
      // @ts-ignore: an object without a prototype, so that a page cannot add names to it.
      const candidates = { __proto__: null };
      /** @type {any} */
      let pair = null;
      let chosen = '', sent = 0, received = 0, hasChannels = false;
      /** @type {any} */
      let transport = null;
      let pairSent = 0, pairReceived = 0;
      /** @type {any[]} */
      const pairs = newList();
      try {
        eachStat?.(report, (/** @type {any} */ stat) => {
          if (stat.type === 'transport') { transport = stat; chosen = stat.selectedCandidatePairId ?? chosen; }
          else if (stat.type === 'candidate-pair') {
            pairs[pairs.length] = stat;
            pairSent += stat.bytesSent ?? 0;
            pairReceived += stat.bytesReceived ?? 0;
          }
          else if (stat.type === 'local-candidate' || stat.type === 'remote-candidate') candidates[stat.id] = stat;
          else if (stat.type === 'data-channel') { hasChannels = true; sent += stat.messagesSent; received += stat.messagesReceived; }
        });
        for (let i = 0; i < pairs.length; i++) {
          if (chosen ? pairs[i].id === chosen : pairs[i].selected || (pairs[i].nominated && pairs[i].state === 'succeeded')) pair = pairs[i];
        }
        if (!pair) return;
        const local = candidates[pair.localCandidateId], remote = candidates[pair.remoteCandidateId];
        if (known.pair !== pair.id) {
          known.pair = pair.id;
          record(SELECTED_PAIR, known.channel, -1, {
            localType: local?.candidateType, remoteType: remote?.candidateType, protocol: local?.protocol,
          });
        }
        const roundTrip = pair.currentRoundTripTime;
        record(STATS, known.channel, -1, {
          roundTripMillis: typeof roundTrip === 'number' ? 1000 * roundTrip : undefined,
          // Of the whole connection: a pair that takes over under load begins at 0.
          bytesSent: transport?.bytesSent ?? pairSent, bytesReceived: transport?.bytesReceived ?? pairReceived,
          messagesSent: hasChannels ? sent : undefined, messagesReceived: hasChannels ? received : undefined,
        });
      } catch { failed(); }
    }

    /** @param {any} connection */
    function openConnection(connection) {
      const channel = open(connection, PEER_CONNECTION, {});
      const state = () => ({
        state: connectionState(connection) ?? '', iceConnectionState: iceState(connection),
        iceGatheringState: gatheringState(connection), signalingState: signalingState(connection),
      });
      observeState(connection, channel, 'signalingstatechange', state);
      observeState(connection, channel, 'icegatheringstatechange', state);
      observeState(connection, channel, 'iceconnectionstatechange', state);
      observe(connection, 'connectionstatechange', () => {
        const now = state();
        record(STATE, channel, -1, now);
        if (now.state === 'connected') mapSet(connected, connection, { channel, pair: '' });
        else if (now.state === 'closed' || now.state === 'failed') mapDelete(connected, connection);
        // The first figures come with the connection, the others second by second.
        if (now.state === 'connected') mapForEach(connected, (/** @type {any} */ known, /** @type {any} */ each) => { if (each === connection) ask(known, each); });
        wake();
      });
      observe(connection, 'icecandidate', (event) => {
        const candidate = eventCandidate(event);
        tellCandidate(channel, 'local', candidate ? candidateText(candidate) : '', candidate ? candidateMedia(candidate) : null);
      });
      observe(connection, 'datachannel', (event) => {
        const made = eventChannel(event);
        if (made) openChannel(made, channel, 'remote');
      });
    }
    /** @param {number} channel @param {string} origin @param {any} candidate @param {any} sdpMid */
    function tellCandidate(channel, origin, candidate, sdpMid) {
      /** @type {Record<string, any>} */
      const details = { origin, candidate: typeof candidate === 'string' ? candidate : '' };
      if (typeof sdpMid === 'string') details.sdpMid = sdpMid;
      record(CANDIDATE, channel, -1, details);
    }

    /** @param {any} target @returns {import('./types').Shaped} */
    function shapedOf(target) {
      const most = retransmits(target), longest = lifetime(target);
      return {
        kind: 'dataChannel', label: label(target),
        isOpen: (self) => channelState(self) === 'open',
        semantics: {
          isOrdered: ordered(target) !== false,
          attempts: typeof most === 'number' ? most + 1 : Infinity,
          lifetimeMillis: typeof longest === 'number' ? longest : Infinity,
        },
      };
    }

    /** @param {any} dataChannel @param {number} connection @param {'local' | 'remote'} origin */
    function openChannel(dataChannel, connection, origin) {
      if (numberOf(dataChannel)) return;
      /** @type {Record<string, any>} */
      const details = { label: label(dataChannel) };
      if (connection) details.peerConnection = connection;
      details.ordered = ordered(dataChannel);
      const most = retransmits(dataChannel);
      if (typeof most === 'number') details.maxRetransmits = most;
      details.protocol = protocol(dataChannel);
      details.origin = origin;
      const channel = open(dataChannel, DATA_CHANNEL, details);
      const shaped = shapedOf(dataChannel);
      // A remote channel can arrive open, and then may or may not say so by an event of its own.
      let isOpen = false;
      const opened = () => { if (!isOpen) record(STATE, channel, -1, { state: 'open' }); isOpen = true; };
      if (channelState(dataChannel) === 'open') opened();
      observe(dataChannel, 'message', (event) => shaping.receive(channel, event, dataChannel, shaped));
      observe(dataChannel, 'open', opened);
      observe(dataChannel, 'closing', () => { shaping.closing(channel); record(STATE, channel, -1, { state: 'closing' }); });
      observe(dataChannel, 'close', () => {
        shaping.closing(channel);
        mapDelete(waiting, channel);
        closed(channel);
        record(STATE, channel, -1, { state: 'closed' });
      });
      observeState(dataChannel, channel, 'error', asError);
    }

    /** @param {number} channel @param {{target: any, most: number, isMuch: boolean}} state */
    function tellWaiting(channel, state) {
      const waits = bufferedAmount(state.target);
      record(BUFFERED, channel, -1, { bufferedAmount: waits, most: state.most > waits ? state.most : waits });
      if (waits > 0) mapSet(waiting, channel, { target: state.target, most: waits, isMuch: waits > MUCH_BYTES });
      else mapDelete(waiting, channel);
    }
    /** Much waits for the first time, or again. @param {number} channel @param {any} target @param {number} waits */
    function tellMuch(channel, target, waits) {
      tellWaiting(channel, { target, most: waits, isMuch: true });
      if (weakGet(heard, target)) return;
      weakSet(heard, target, true);
      observe(target, 'bufferedamountlow', () => {
        if (mapGet(waiting, channel)?.isMuch) tellWaiting(channel, { target, most: 0, isMuch: false });
      });
    }
    /** After each message: notes what waits. @param {number} channel @param {any} target */
    function sent(channel, target) {
      const waits = bufferedAmount(target);
      if (!waits) return;
      const state = mapGet(waiting, channel);
      if (!state) mapSet(waiting, channel, { target, most: waits, isMuch: false });
      else if (waits > state.most) state.most = waits;
      if (waits > MUCH_BYTES && !(state?.isMuch)) tellMuch(channel, target, waits);
      if (!timer) wake();
    }

    return {
      openConnection,
      openChannel: (target) => openChannel(target, 0, 'local'),
      /** @param {Function} original @param {any} self @param {any[]} args */
      create(original, self, args, connection) {
        const made = apply(original, self, args);
        try { openChannel(made, connection, 'local'); } catch { failed(); }
        return made;
      },
      send(channel, original, self, args) {
        const result = shaping.isOn() ? shaping.send(channel, original, self, args, shapedOf(self)) : send(channel, original, self, args, false);
        try { sent(channel, self); } catch { failed(); }
        return result;
      },
      /** A candidate that the page was told of. @param {number} channel @param {any} given */
      candidate(channel, given) {
        const isObject = typeof given === 'object' && given !== null;
        tellCandidate(channel, 'remote', isObject ? read(given, 'candidate') : '', isObject ? read(given, 'sdpMid') : null);
      },
    };
  }

  parts.createPeers = createPeers;
  parts.asError = asError;
})();
