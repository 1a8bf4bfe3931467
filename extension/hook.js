// @ts-check
/**
 * The hook: wraps the constructors and methods that carry messages, and tells the recorder.
 *
 * Data comes from the page's own calls and events and goes to recorder.js. Last of the six files of the MAIN
 * world (see builtins.js): it takes the shared parts off the global object before any page script runs.
 * Must not interpret a message. Name, length, own properties, `instanceof` and thrown errors of what is
 * wrapped stay what they were. Every patch gives its revert to the recorder.
 *
 * Not visible from here: workers created by workers, and channels transferred into a worker.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const PARTS = Symbol.for('rollscope.parts');
  const parts = page[PARTS];
  if (!parts) return;
  delete page[PARTS];
  /** Asked of a wrapped constructor with `in`; answers whether a hook of this kind is at work. */
  const MARK = Symbol.for('rollscope.hooked');
  const {
    apply, construct, getOwnPropertyDescriptor, defineProperty, uncurry, getter, isArray, weakGet, weakSet,
    SavedWeakMap,
  } = parts.builtins;
  const CONSTRUCTORS = ['Worker', 'SharedWorker', 'RTCPeerConnection', 'WebSocket'];
  for (const name of CONSTRUCTORS) if (typeof page[name] === 'function' && MARK in page[name]) return;

  const WORKER = 1, SHARED_WORKER = 2, PEER_CONNECTION = 3, DATA_CHANNEL = 4, WEB_SOCKET = 5;
  const OPENED = 2, STATE = 3, RECEIVED = 5;
  /** @type {import('./types').Recorder} */
  const recorder = parts.createRecorder();
  const { record, send, observe, failed, isActive, onRevert } = recorder;
  const dataOf = getter(MessageEvent.prototype, 'data');
  const SavedURL = URL;
  const urlText = getter(URL.prototype, 'href');
  const baseUrl = getter(Node.prototype, 'baseURI');
  const { document } = page;

  /** Channel number of each object that is observed. */
  const numbers = new SavedWeakMap();
  let lastNumber = 0;

  /** @param {string} type @param {string} name @returns {(self: any) => any} */
  const accessor = (type, name) => (page[type] ? getter(page[type].prototype, name) : () => undefined);
  const brands = [
    () => undefined,
    accessor('Worker', 'onmessage'),
    accessor('SharedWorker', 'port'),
    accessor('RTCPeerConnection', 'signalingState'),
    accessor('RTCDataChannel', 'label'),
    accessor('WebSocket', 'url'),
  ];
  const portOf = brands[SHARED_WORKER];
  const connectionState = accessor('RTCPeerConnection', 'connectionState');
  const iceState = accessor('RTCPeerConnection', 'iceConnectionState');
  const channelState = accessor('RTCDataChannel', 'readyState');
  const channelOrdered = accessor('RTCDataChannel', 'ordered');
  const channelRetransmits = accessor('RTCDataChannel', 'maxRetransmits');
  const channelProtocol = accessor('RTCDataChannel', 'protocol');
  const socketProtocol = accessor('WebSocket', 'protocol');
  const eventChannel = page.RTCDataChannelEvent ? getter(page.RTCDataChannelEvent.prototype, 'channel') : null;

  /** @param {any} url what the page gave to a constructor; only strings and URL objects are read */
  function absolute(url) {
    try {
      return urlText(typeof url === 'string' ? new SavedURL(url, baseUrl(document)) : url);
    } catch { return typeof url === 'string' ? url : ''; }
  }

  /** @param {any} target @param {number} kind @param {object} details @returns {number} its channel number */
  function open(target, kind, details) {
    const channel = ++lastNumber;
    weakSet(numbers, target, channel);
    record(OPENED, channel, kind, details);
    return channel;
  }

  /** @param {any} target @param {number} channel */
  function observeMessages(target, channel) {
    observe(target, 'message', (event) => record(RECEIVED, channel, 0, dataOf(event)));
  }
  /** @param {any} target @param {number} channel @param {string} type @param {(event: any) => object} details */
  function observeState(target, channel, type, details) {
    observe(target, type, (event) => record(STATE, channel, -1, details(event)));
  }
  /** @param {any} event */
  const asError = (event) => ({ state: 'error', reason: event.type, message: event.message ?? event.error?.message ?? '' });

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
  /** @param {any} connection */
  function openConnection(connection) {
    const channel = open(connection, PEER_CONNECTION, {});
    const state = () => ({ state: connectionState(connection) ?? '', iceConnectionState: iceState(connection) });
    observeState(connection, channel, 'connectionstatechange', state);
    observeState(connection, channel, 'iceconnectionstatechange', state);
    observe(connection, 'datachannel', (event) => {
      if (eventChannel) openChannel(eventChannel(event), channel, 'remote');
    });
  }
  /** @param {any} dataChannel @param {number} connection @param {'local' | 'remote'} origin */
  function openChannel(dataChannel, connection, origin) {
    if (weakGet(numbers, dataChannel)) return;
    /** @type {Record<string, any>} */
    const details = { label: brands[DATA_CHANNEL](dataChannel) };
    if (connection) details.peerConnection = connection;
    details.ordered = channelOrdered(dataChannel);
    const retransmits = channelRetransmits(dataChannel);
    if (typeof retransmits === 'number') details.maxRetransmits = retransmits;
    details.protocol = channelProtocol(dataChannel);
    details.origin = origin;
    const channel = open(dataChannel, DATA_CHANNEL, details);
    // A remote channel can arrive open, and then may or may not say so by an event of its own.
    let isOpen = false;
    const opened = () => { if (!isOpen) record(STATE, channel, -1, { state: 'open' }); isOpen = true; };
    if (channelState(dataChannel) === 'open') opened();
    observeMessages(dataChannel, channel);
    observe(dataChannel, 'open', opened);
    observeState(dataChannel, channel, 'closing', () => ({ state: 'closing' }));
    observeState(dataChannel, channel, 'close', () => ({ state: 'closed' }));
    observeState(dataChannel, channel, 'error', asError);
  }
  /** @param {any} socket */
  function openSocket(socket) {
    const channel = open(socket, WEB_SOCKET, { url: brands[WEB_SOCKET](socket) });
    observeMessages(socket, channel);
    observeState(socket, channel, 'open', () => ({ state: 'open', protocol: socketProtocol(socket) }));
    observeState(socket, channel, 'close', (event) => ({
      state: 'closed', code: event.code, reason: event.reason, wasClean: event.wasClean,
    }));
    observeState(socket, channel, 'error', asError);
  }
  /** @type {((target: any, args: any[]) => void)[]} */
  const openers = [() => {}, openWorker, () => {}, openConnection, (target) => openChannel(target, 0, 'local'), openSocket];

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

  /**
   * Puts `value` in place of a data property and keeps its attributes.
   * @param {any} owner @param {PropertyKey} name @param {any} value
   */
  function replace(owner, name, value) {
    const before = getOwnPropertyDescriptor(owner, name);
    if (!before?.configurable || !('value' in before)) return;
    defineProperty(owner, name, { ...before, value });
    onRevert(() => {
      // Something that the page put over ours stays; ours then only passes calls through.
      if (getOwnPropertyDescriptor(owner, name)?.value === value) defineProperty(owner, name, before);
    });
  }

  /** @param {string} name @param {(made: any, args: any[]) => void} attach */
  function wrapConstructor(name, attach) {
    const original = page[name];
    if (typeof original !== 'function') return;
    /** @type {any} */
    const wrapper = new Proxy(original, {
      construct(target, args, newTarget) {
        const made = construct(target, args, newTarget === wrapper ? target : newTarget);
        if (isActive()) try { attach(made, args); } catch { failed(); }
        return made;
      },
      has: (target, key) => (key === MARK && isActive()) || key in target,
    });
    replace(page, name, wrapper);
    if (page['webkit' + name] === original) replace(page, 'webkit' + name, wrapper);
    replace(original.prototype, 'constructor', wrapper);
  }

  /**
   * @param {string} type @param {string} name
   * @param {(original: Function, self: any, args: any[]) => any} run must call the original exactly once
   */
  function wrapMethod(type, name, run) {
    const original = page[type]?.prototype?.[name];
    if (typeof original !== 'function') return;
    replace(page[type].prototype, name, new Proxy(original, {
      apply: (target, self, args) => (isActive() ? run(target, self, args) : apply(target, self, args)),
    }));
  }

  /**
   * As `wrapMethod`, for methods that are called thousands of times a second: a method of the same name and
   * length instead of a proxy, which would cost Firefox a microsecond a call. Only its text differs.
   * @param {string} type @param {string} name
   * @param {(original: Function, self: any, args: any[]) => any} run must call the original exactly once
   */
  function wrapBusyMethod(type, name, run) {
    const original = page[type]?.prototype?.[name];
    if (typeof original !== 'function') return;
    const wrapper = {
      /** @param {any[]} args */
      [name](...args) { return isActive() ? run(original, this, args) : apply(original, this, args); },
    }[name];
    defineProperty(wrapper, 'length', { value: original.length });
    replace(page[type].prototype, name, wrapper);
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

  wrapConstructor('Worker', openWorker);
  wrapConstructor('SharedWorker', openSharedWorker);
  wrapConstructor('RTCPeerConnection', openConnection);
  wrapConstructor('WebSocket', openSocket);

  wrapBusyMethod('Worker', 'postMessage', (original, self, args) => {
    const channel = channelOf(self, WORKER);
    if (!channel) return apply(original, self, args);
    return send(channel, original, self, args, args.length > 1 && holdsTransfer(args[1]));
  });
  wrapBusyMethod('MessagePort', 'postMessage', (original, self, args) => {
    const channel = weakGet(numbers, self);
    if (!channel) return apply(original, self, args);
    return send(channel, original, self, args, args.length > 1 && holdsTransfer(args[1]));
  });
  for (const [type, kind] of /** @type {[string, number][]} */ ([['RTCDataChannel', DATA_CHANNEL], ['WebSocket', WEB_SOCKET]])) {
    wrapBusyMethod(type, 'send', (original, self, args) => {
      const channel = channelOf(self, kind);
      return channel ? send(channel, original, self, args, false) : apply(original, self, args);
    });
  }
  for (const [type, name, kind, state] of /** @type {[string, string, number, string][]} */ ([
    ['Worker', 'terminate', WORKER, 'terminated'],
    ['RTCPeerConnection', 'close', PEER_CONNECTION, 'closed'],
    ['RTCDataChannel', 'close', DATA_CHANNEL, 'closing'],
    ['WebSocket', 'close', WEB_SOCKET, 'closing'],
  ])) {
    wrapMethod(type, name, (original, self, args) => {
      const result = apply(original, self, args);
      const channel = channelOf(self, kind);
      if (channel) record(STATE, channel, -1, { state });
      return result;
    });
  }
  wrapMethod('RTCPeerConnection', 'createDataChannel', (original, self, args) => {
    const connection = channelOf(self, PEER_CONNECTION);
    const made = apply(original, self, args);
    try { openChannel(made, connection, 'local'); } catch { failed(); }
    return made;
  });
})();
