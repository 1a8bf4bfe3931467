// @ts-check
/**
 * The hook: wraps the constructors and methods that carry messages, and tells the recorder.
 *
 * Data comes from the page's own calls and events and goes to recorder.js; peer connections and their channels are
 * watched by peers.js. One of the files of the MAIN world (see builtins.js); start.js or standalone.js installs it
 * before any script of the page runs. Must not interpret a message. Every patch gives its revert to the recorder.
 *
 * Not visible from here: workers created by workers, and channels transferred into a worker.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, getOwnPropertyDescriptor, getter, isArray, weakGet, weakSet, SavedWeakMap, mapSet, mapDelete, mapForEach, SavedMap } = parts.builtins;
  const { MARK, asError } = parts;
  const CONSTRUCTORS = ['Worker', 'SharedWorker', 'RTCPeerConnection', 'WebSocket'];

  const WORKER = 1, SHARED_WORKER = 2, PEER_CONNECTION = 3, DATA_CHANNEL = 4, WEB_SOCKET = 5;
  const KIND_NAMES = ['', 'worker', 'sharedWorker', 'peerConnection', 'dataChannel', 'webSocket', 'python'];
  const OPENED = 2, STATE = 3, SENT = 4, RECEIVED = 5;
  const CALL_THREW = 2;
  const SOCKET_OPEN = 1;
  const DESCRIBED_LIMIT = 1024;
  const dataOf = getter(MessageEvent.prototype, 'data');
  const SavedURL = URL;
  const urlText = getter(URL.prototype, 'href');
  const baseUrl = getter(Node.prototype, 'baseURI');
  const { document } = page;
  /** @param {string} type @param {string} name @returns {(self: any) => any} */
  const accessor = (type, name) => (page[type] ? getter(page[type].prototype, name) : () => undefined);
  /** Each throws for what is nothing of its kind. */
  const brands = [
    () => undefined,
    accessor('Worker', 'onmessage'),
    accessor('SharedWorker', 'port'),
    accessor('RTCPeerConnection', 'signalingState'),
    accessor('RTCDataChannel', 'label'),
    accessor('WebSocket', 'url'),
  ];
  const portOf = brands[SHARED_WORKER], socketUrl = brands[WEB_SOCKET];
  const socketProtocol = accessor('WebSocket', 'protocol');
  const socketState = accessor('WebSocket', 'readyState');

  /** @param {any} url what the page gave to a constructor; only strings and URL objects are read */
  function absolute(url) {
    try {
      return urlText(typeof url === 'string' ? new SavedURL(url, baseUrl(document)) : url);
    } catch { return typeof url === 'string' ? url : ''; }
  }

  /** @param {any} transfer second argument of `postMessage`: a list, or options that may hold one */
  function holdsTransfer(transfer) {
    try {
      if (transfer === null || typeof transfer !== 'object') return false;
      if (isArray(transfer)) return transfer.length > 0;
      const own = getOwnPropertyDescriptor(transfer, 'transfer');
      // What cannot be told without running the page's code counts as a transfer list.
      return own && 'value' in own ? !isArray(own.value) || own.value.length > 0 : Symbol.iterator in transfer;
    } catch { return true; }
  }

  /** @param {import('./types').Settings} [settings] @returns {import('./types').Hook | null} null: one is at work already */
  function installHook(settings = {}) {
    for (const name of CONSTRUCTORS) if (typeof page[name] === 'function' && MARK in page[name]) return null;
    /** @type {import('./types').Recorder} */
    const recorder = parts.createRecorder();
    const { record, send, observe, isActive, now, levels, onDescribe, again } = recorder;
    /** @type {import('./types').Patches} */
    const patches = parts.createPatches(recorder);
    const { wrapConstructor, wrapMethod, wrapBusyMethod, wrapBusiestMethod } = patches;

    /** Channel number of each object that is observed. */
    const numbers = new SavedWeakMap();
    let lastNumber = 0, openCount = 0;
    /** What is open, oldest first, to be described anew. @type {Map<number, {kind: number, details: Record<string, any>}>} */
    const described = new SavedMap();
    onDescribe((time) => mapForEach(described, (/** @type {any} */ { kind, details }, /** @type {number} */ channel) =>
      again(OPENED, channel, kind, { ...details, again: true }, time)));
    /** @type {import('./types').Channels} */
    const channels = {
      open(target, kind, details) {
        const channel = ++lastNumber;
        weakSet(numbers, target, channel);
        record(OPENED, channel, kind, details);
        // Of very many channels the first ones are described; the others are in the chunks that opened them.
        if (openCount < DESCRIBED_LIMIT) { openCount++; mapSet(described, channel, { kind, details }); }
        levels.opened(channel, KIND_NAMES[kind], details.label ?? details.url ?? '', recorder.now());
        return channel;
      },
      closed(channel) { if (mapDelete(described, channel)) openCount--; },
      numberOf: (target) => weakGet(numbers, target) ?? 0,
      observeState(target, channel, type, details) {
        observe(target, type, (event) => record(STATE, channel, -1, details(event)));
      },
    };
    const { open, closed, observeState } = channels;
    const shaping = parts.createShaping(recorder);
    /** @type {import('./types').Peers} */
    const peers = parts.createPeers(recorder, channels, shaping);

    /** @param {any} target @param {number} channel */
    function observeMessages(target, channel) {
      observe(target, 'message', (event) => record(RECEIVED, channel, 0, dataOf(event)));
    }
    /** @param {any} worker @param {any[]} args */
    function openWorker(worker, args) {
      const channel = open(worker, WORKER, { url: absolute(args[0]) });
      observeMessages(worker, channel);
      observeState(worker, channel, 'messageerror', asError);
      observeState(worker, channel, 'error', asError);
    }
    /** @param {any} worker @param {any[]} args */
    function openSharedWorker(worker, args) {
      const port = portOf(worker);
      const channel = open(port, SHARED_WORKER, { url: absolute(args[0]) });
      observeMessages(port, channel);
      observeState(port, channel, 'messageerror', asError);
      observeState(worker, channel, 'error', asError);
    }
    /** TCP: in order, and nothing is lost. @param {any} socket @returns {import('./types').Shaped} */
    const shapedSocket = (socket) => ({
      kind: 'webSocket', label: socketUrl(socket),
      isOpen: (self) => socketState(self) === SOCKET_OPEN,
      semantics: { isOrdered: true, attempts: Infinity, lifetimeMillis: Infinity },
    });
    /** @param {any} socket */
    function openSocket(socket) {
      const channel = open(socket, WEB_SOCKET, { url: socketUrl(socket) });
      const shaped = shapedSocket(socket);
      observe(socket, 'message', (event) => shaping.receive(channel, event, socket, shaped));
      observeState(socket, channel, 'open', () => ({ state: 'open', protocol: socketProtocol(socket) }));
      observe(socket, 'close', (event) => {
        shaping.closing(channel);
        closed(channel);
        record(STATE, channel, -1, { state: 'closed', code: event.code, reason: event.reason, wasClean: event.wasClean });
      });
      observeState(socket, channel, 'error', asError);
    }
    /** @type {((target: any, args: any[]) => void)[]} */
    const openers = [() => {}, openWorker, () => {}, peers.openConnection, peers.openChannel, openSocket];

    /**
     * The channel number of an object, which is opened now if it was made before the hook or in another way.
     * @param {any} target @param {number} kind @returns {number} 0 if it is nothing of this kind
     */
    function channelOf(target, kind) {
      const known = weakGet(numbers, target);
      if (known !== undefined) return known;
      if (!isActive()) return 0;
      try {
        brands[kind](target);
        openers[kind](target, []);
        return weakGet(numbers, target) ?? 0;
      } catch { return 0; }
    }

    patches.keepTexts();
    wrapConstructor('Worker', openWorker);
    wrapConstructor('SharedWorker', openSharedWorker);
    wrapConstructor('RTCPeerConnection', peers.openConnection);
    wrapConstructor('WebSocket', openSocket);
    wrapBusiestMethod('Worker', 'postMessage', (original, post) => ({
      /** @param {any[]} args */
      postMessage(...args) {
        const channel = isActive() ? channelOf(this, WORKER) : 0;
        if (channel === 0) return apply(original, this, args);
        if (args.length !== 1) return send(channel, original, this, args, args.length > 1 && holdsTransfer(args[1]));
        // As `send` does, but with nothing between the page and the original.
        const time = now();
        let result;
        try {
          result = post(this, args[0]);
        } catch (error) {
          record(SENT, channel, CALL_THREW, args[0], time);
          throw error;
        }
        record(SENT, channel, 0, args[0], time);
        return result;
      },
    }).postMessage);
    wrapBusyMethod('MessagePort', 'postMessage', (original, self, args) => {
      const channel = weakGet(numbers, self);
      if (!channel) return apply(original, self, args);
      return send(channel, original, self, args, args.length > 1 && holdsTransfer(args[1]));
    });
    wrapBusyMethod('RTCDataChannel', 'send', (original, self, args) => {
      const channel = channelOf(self, DATA_CHANNEL);
      return channel ? peers.send(channel, original, self, args) : apply(original, self, args);
    });
    wrapBusyMethod('WebSocket', 'send', (original, self, args) => {
      const channel = channelOf(self, WEB_SOCKET);
      if (!channel) return apply(original, self, args);
      if (shaping.isOn()) return shaping.send(channel, original, self, args, shapedSocket(self));
      return send(channel, original, self, args, false);
    });
    for (const [type, name, kind, state] of /** @type {[string, string, number, string][]} */ ([
      ['Worker', 'terminate', WORKER, 'terminated'],
      ['MessagePort', 'close', 0, 'closed'],
      ['RTCPeerConnection', 'close', PEER_CONNECTION, 'closed'],
      ['RTCDataChannel', 'close', DATA_CHANNEL, 'closing'],
      ['WebSocket', 'close', WEB_SOCKET, 'closing'],
    ])) {
      wrapMethod(type, name, (original, self, args) => {
        const channel = kind ? channelOf(self, kind) : weakGet(numbers, self);
        if (channel && shaping.isOn()) shaping.closing(channel);
        const result = apply(original, self, args);
        if (channel) record(STATE, channel, -1, { state });
        if (channel && state === 'terminated') closed(channel);
        return result;
      });
    }
    wrapMethod('RTCPeerConnection', 'createDataChannel', (original, self, args) =>
      peers.create(original, self, args, channelOf(self, PEER_CONNECTION)));
    wrapMethod('RTCPeerConnection', 'addIceCandidate', (original, self, args) => {
      const channel = channelOf(self, PEER_CONNECTION);
      const result = apply(original, self, args);
      if (channel) peers.candidate(channel, args[0]);
      return result;
    });
    parts.watchPace(recorder, patches);

    let isProbed = false;
    /** @param {import('./types').Settings} given what is absent stays as it was */
    function configure(given) {
      if (given.load === 'keep') levels.keepUnderLoad();
      if (given.levels) {
        levels.choose(given.levels);
        for (const rule of given.levels) if (rule.channel) levels.opened(rule.channel, rule.kind, rule.label, recorder.now());
      }
      if (given.shaper !== undefined) shaping.configure(given.shaper);
      if (given.python && !isProbed) { isProbed = true; parts.probePython(recorder, channels); }
    }
    try { configure(settings); } catch { recorder.failed(); }
    return { configure, revert: recorder.revert, flush: recorder.flush };
  }

  parts.installHook = installHook;
})();
