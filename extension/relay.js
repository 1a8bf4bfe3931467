// @ts-check
/**
 * The relay: keeps the chunks of one document until a panel has them.
 *
 * Isolated world, one per frame. Chunks come from recorder.js as events on a node that the handshake hands
 * over; they go to the panel through a port that the panel (Chromium) or bg.js (Firefox) opens. The ring
 * holds at most 64 MiB; acknowledged chunks stay in it while there is room, so that a panel that is opened
 * later sees the whole recording. It reads the first 32 bytes of a chunk and nothing else of it.
 * Must not know what is recorded, and leaves no listener behind that the page could call for anything but
 * the handshake.
 */
(() => {
  'use strict';
  const RING_BYTES = 64 * 1024 * 1024;
  /** Most bytes that travel without an acknowledgement, so that a large ring does not fill the port. */
  const WINDOW_BYTES = 8 * 1024 * 1024;

  /** @typedef {{page: string, chunk: number, data: string, events: number, isAcknowledged: boolean}} Kept */
  /** Oldest first; a Map keeps the order of insertion. @type {Map<number, Kept>} */
  const ring = new Map();
  let ringBytes = 0;
  /** Events in chunks that left the ring before any panel had them, and in all chunks that left it. */
  let droppedUnseen = 0, droppedAll = 0;
  /** @type {any} */
  let port = null;
  /** The panel that acknowledged last. */
  let panel = '';
  /** Chunk number from which on nothing was sent yet to the present panel. @type {Kept[]} */
  let toSend = [];
  let onTheWay = 0;
  let isClosing = false, isFlowing = false;
  /** @type {EventTarget | null} */
  let node = null;

  /** @param {string} data base64 @returns {Kept} */
  function readHeader(data) {
    const head = atob(data.slice(0, 44));
    const byte = (/** @type {number} */ i) => head.charCodeAt(i);
    const u32 = (/** @type {number} */ i) => (byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24) >>> 0;
    let page = '';
    for (let i = 4; i < 12; i++) page += byte(i).toString(16).padStart(2, '0');
    return { page, chunk: u32(12), events: u32(20), data, isAcknowledged: false };
  }

  /** @param {string} data */
  function keep(data) {
    const kept = readHeader(data);
    ring.set(kept.chunk, kept);
    ringBytes += data.length;
    for (const oldest of ring.values()) {
      if (ringBytes <= RING_BYTES) break;
      ring.delete(oldest.chunk);
      ringBytes -= oldest.data.length;
      droppedAll += oldest.events;
      if (!oldest.isAcknowledged) droppedUnseen += oldest.events;
    }
    if (isFlowing) { toSend.push(kept); pump(); }
  }

  function pump() {
    while (toSend.length > 0 && (isClosing || onTheWay < WINDOW_BYTES)) {
      const next = /** @type {Kept} */ (toSend[0]);
      if (!post({ type: 'chunk', page: next.page, chunk: next.chunk, data: next.data })) return;
      toSend.shift();
      onTheWay += next.data.length;
    }
  }

  /** @param {import('./types').FromRelay} message */
  function post(message) {
    try { port.postMessage(message); return true; } catch { lose(port); return false; }
  }

  /** @param {any} lost */
  function lose(lost) {
    if (port !== lost) return;
    port = null;
    isFlowing = false;
    toSend = [];
    onTheWay = 0;
  }

  /** @param {import('./types').ToRelay} message */
  function receive(message) {
    if (message?.type === 'ack') {
      const kept = ring.get(message.chunk);
      if (!kept || kept.page !== message.page || kept.isAcknowledged) return;
      kept.isAcknowledged = true;
      onTheWay = Math.max(0, onTheWay - kept.data.length);
      pump();
    } else if (message?.type === 'resume') {
      const isKnown = message.panel === panel;
      panel = message.panel;
      command('flush');
      post({
        type: 'hello', url: location.href, frame: window === window.top ? 'top' : 'inner',
        dropped: isKnown ? droppedUnseen : droppedAll,
      });
      if (!isKnown) for (const kept of ring.values()) kept.isAcknowledged = false;
      toSend = [...ring.values()].filter((kept) => !kept.isAcknowledged);
      onTheWay = 0;
      isFlowing = true;
      pump();
    } else if (message?.type === 'revert') command('revert');
  }

  /** @param {'connected' | 'flush' | 'revert'} name */
  function command(name) {
    node?.dispatchEvent(new CustomEvent('command', { detail: name }));
  }

  /** The recorder's side of the handshake: the node is the event's related target. @param {Event} event */
  function meet(event) {
    const offered = /** @type {FocusEvent} */ (event).relatedTarget;
    if (!offered) return;
    window.removeEventListener('rollscope:hook', meet);
    node = offered;
    node.addEventListener('chunk', (offer) => {
      const data = /** @type {CustomEvent} */ (offer).detail;
      if (typeof data !== 'string') return;
      keep(data);
      // Says that the chunk is in the ring; the recorder then forgets it.
      offer.preventDefault();
    });
    command('connected');
  }

  window.addEventListener('rollscope:hook', meet);
  window.dispatchEvent(new Event('rollscope:relay'));

  chrome.runtime.onConnect.addListener((/** @type {any} */ opened) => {
    if (opened.name !== 'rollscope') return;
    const before = port;
    lose(port);
    port = opened;
    opened.onMessage.addListener((/** @type {any} */ message) => { if (port === opened) receive(message); });
    opened.onDisconnect.addListener(() => lose(opened));
    try { before?.disconnect(); } catch { /* It was gone already. */ }
  });

  /** Tells a panel that is open, or the event page of Firefox, that this frame can be connected to. */
  function announce() {
    try { chrome.runtime.sendMessage({ type: 'rollscope:frame' }).catch(() => {}); } catch { /* Extension gone. */ }
  }
  window.addEventListener('pagehide', () => { isClosing = true; pump(); });
  window.addEventListener('pageshow', (event) => {
    isClosing = false;
    if (event.persisted && !port) announce();
  });
  announce();
})();
