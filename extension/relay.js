// @ts-check
/**
 * The relay: keeps the chunks of one document until a panel has them.
 *
 * Isolated world, one per frame. The build puts builtins.js, base64.js and gaps.js in front of it: Chromium runs no file
 * twice in a frame, whatever the world. Chunks come from recorder.js as events on a
 * node that the handshake hands over; they go to the panel through a port that the panel (Chromium) or bg.js (Firefox)
 * opens. The ring holds at most 64 MiB; acknowledged chunks stay in it while there is room, so that a panel that is
 * opened later sees the whole recording. What has to leave it is told as a gap, with its channels and times. It reads
 * the headers in a chunk and nothing else of it. Must not know what is recorded, and leaves no listener behind that the
 * page could call for anything but the handshake.
 */
(() => {
  'use strict';
  const PARTS = Symbol.for('rollscope.parts');
  const parts = /** @type {any} */ (globalThis)[PARTS];
  const { gaps, base64: { toBase64, fromBase64 } } = parts;
  delete (/** @type {any} */ (globalThis))[PARTS];

  const RING_BYTES = 64 * 1024 * 1024;
  /** Most bytes that travel without an acknowledgement, so that a large ring does not fill the port. */
  const WINDOW_BYTES = 8 * 1024 * 1024;
  /** Of the header and the byte behind it. */
  const HEADER_CHARACTERS = 44;
  const OFF = 'rollscope.off';
  const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])\//;
  const REASON = 'the ring of 64 MB in the page was full before a panel took them';

  /**
   * A chunk, or a gap that stands for several.
   * @typedef {{page: string, chunk: number, chunks: number, data: string, isAcknowledged: boolean, isBeginning: boolean}} Kept
   */
  /** By number, oldest first; a Map keeps the order of insertion. @type {Map<number, Kept>} */
  const ring = new Map();
  let ringBytes = 0;
  /** The chunks that left the ring, and of these the ones that the present panel does not have. @type {import('./types').Gap | null} */
  let gone = null;
  /** @type {import('./types').Gap | null} */
  let goneUnseen = null;
  /** What was told of `goneUnseen` and waits to be acknowledged, oldest first. @type {import('./types').Gap[]} */
  let told = [];
  /** @type {any} */
  let port = null;
  /** The panel that acknowledged last. */
  let panel = '';
  /** Number of the chunk that is sent next. */
  let cursor = 0, nextChunk = 0;
  let pageId = '';
  const frame = window === window.top ? 'top' : 'inner';
  let onTheWay = 0;
  let isClosing = false, isFlowing = false;
  /** Whether the hook is out of this document for good. */
  let isStopped = isOff();
  /** @type {EventTarget | null} */
  let node = null;

  /** @param {string} data base64 @returns {Kept | null} null: no chunk */
  function readHeader(data) {
    try {
      const bytes = fromBase64(data.slice(0, HEADER_CHARACTERS));
      const view = new DataView(bytes.buffer);
      let page = '';
      for (let i = 4; i < 12; i++) page += view.getUint8(i).toString(16).padStart(2, '0');
      const isGap = view.getUint32(28, true) === 0;
      const chunks = isGap ? new DataView(fromBase64(data).buffer).getUint32(32, true) : 1;
      return { page, chunk: view.getUint32(12, true), chunks, data, isAcknowledged: false, isBeginning: gaps.isBeginning(bytes) };
    } catch { return null; }
  }

  /** @param {string} data */
  function keep(data) {
    const kept = readHeader(data);
    if (!kept || kept.chunk < nextChunk) return;
    pageId = kept.page;
    ring.set(kept.chunk, kept);
    nextChunk = kept.chunk + kept.chunks;
    ringBytes += data.length;
    const isFull = ringBytes > RING_BYTES;
    for (const oldest of isFull ? ring.values() : []) {
      // It goes on up to a chunk from which on all can be read, if there is one.
      if (ringBytes <= RING_BYTES && (oldest.isBeginning || oldest.chunk === kept.chunk)) break;
      ring.delete(oldest.chunk);
      ringBytes -= oldest.data.length;
      const gap = gaps.of(fromBase64(oldest.data), REASON);
      gone = gaps.merge(gone, gap);
      if (!oldest.isAcknowledged) goneUnseen = gaps.merge(goneUnseen, gap);
    }
    pump();
  }

  function pump() {
    while (isFlowing && (isClosing || onTheWay < WINDOW_BYTES)) {
      if (goneUnseen !== null) {
        const gap = goneUnseen;
        const data = toBase64(gaps.write(gap));
        if (!post({ type: 'chunk', page: pageOf(gap), chunk: gap.chunk, chunks: gap.chunks, data })) return;
        told.push(gap);
        goneUnseen = null;
        cursor = Math.max(cursor, gap.chunk + gap.chunks);
        continue;
      }
      if (cursor >= nextChunk) return;
      const next = ring.get(cursor);
      // A number without a chunk is inside a gap, or was acknowledged and has left the ring since.
      if (!next) { cursor++; continue; }
      if (!next.isAcknowledged) {
        if (!post({ type: 'chunk', page: next.page, chunk: next.chunk, chunks: next.chunks, data: next.data })) return;
        onTheWay += next.data.length;
      }
      cursor = next.chunk + next.chunks;
    }
  }

  /** @param {import('./types').Gap} gap */
  const pageOf = (gap) => Array.from(gap.pageId, (byte) => byte.toString(16).padStart(2, '0')).join('');

  /** @param {import('./types').FromRelay} message */
  function post(message) {
    try { port.postMessage(message); return true; } catch { lose(port); return false; }
  }

  /** @param {any} lost */
  function lose(lost) {
    if (port !== lost) return;
    port = null;
    isFlowing = false;
    onTheWay = 0;
  }

  /** @param {import('./types').ToRelay} message */
  function receive(message) {
    if (message?.type === 'ack') {
      // In Firefox the answers for every frame of the tab come here.
      if (message.page !== pageId) return;
      for (const chunk of message.chunks) {
        if (told.length > 0) told = told.filter((gap) => gap.chunk !== chunk);
        const kept = ring.get(chunk);
        if (!kept || kept.isAcknowledged) continue;
        kept.isAcknowledged = true;
        onTheWay = Math.max(0, onTheWay - kept.data.length);
      }
      pump();
    } else if (message?.type === 'resume') {
      command('flush');
      // Another tab of the origin may have switched it off while this document was loading.
      if (isOff()) switchOff(false);
      greet();
      if (message.panel === panel) {
        // What was told and not acknowledged is told again, with what left the ring since.
        const again = [...told, ...(goneUnseen ? [goneUnseen] : [])];
        goneUnseen = again.reduce((/** @type {any} */ sum, gap) => gaps.merge(sum, gap), null);
      } else {
        for (const kept of ring.values()) kept.isAcknowledged = false;
        goneUnseen = gone;
      }
      panel = message.panel;
      told = [];
      onTheWay = 0;
      cursor = ring.values().next().value?.chunk ?? nextChunk;
      isFlowing = true;
      pump();
    }
  }

  /** The panel hears of it whenever it changes, whoever changed it. */
  function greet() {
    post({ type: 'hello', page: pageId, url: location.href, frame, isOff: isStopped });
  }

  /**
   * Takes the hook out. Origins that the manifest covers are switched off in the storage of their own: it is the only one
   * that start.js can read before the first script of a page.
   * @param {boolean} isLasting
   */
  function switchOff(isLasting) {
    if (isLasting) try { localStorage.setItem(OFF, '1'); } catch { /* No storage in this frame. */ }
    if (isStopped) return;
    isStopped = true;
    command('revert');
    tell({ type: 'rollscope:stopped' });
    if (isFlowing) greet();
  }
  function forgetOff() { try { localStorage.removeItem(OFF); } catch { /* No storage in this frame. */ } }
  function isOff() { try { return localStorage.getItem(OFF) !== null; } catch { return false; } }

  /** Permissions were given back, by whatever tab or by the browser's own settings: asks whether ours is among them. */
  async function checkAllowed() {
    const pattern = patternOf();
    if (LOOPBACK.test(pattern)) return;
    const isAllowed = await chrome.runtime.sendMessage({ type: 'rollscope:isAllowed', pattern }).catch(() => true);
    if (isAllowed === false) switchOff(false);
  }

  /** Match pattern of the site; of a frame without a site, that of the document which made it. */
  function patternOf() {
    for (const given of [location.href, window.origin, document.baseURI]) {
      try {
        const { protocol, hostname } = new URL(given);
        if (protocol === 'http:' || protocol === 'https:') return `${protocol}//${hostname}/*`;
      } catch { /* No address. */ }
    }
    return '';
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
    command(isStopped ? 'revert' : 'connected');
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

  /** @param {any} message to a panel that is open, and to bg.js */
  function tell(message) {
    try { chrome.runtime.sendMessage(message).catch(() => {}); } catch { /* Extension gone. */ }
  }
  /** Says that this frame can be connected to. */
  function announce() { tell({ type: 'rollscope:frame', isOff: isStopped }); }
  // Whoever switches does so without a port: a message to all frames tells when each of them has heard it (ask.js).
  chrome.runtime.onMessage.addListener((/** @type {any} */ message, /** @type {any} */ _, /** @type {any} */ answer) => {
    if (message?.type === 'rollscope:off' && !(message.isInnerOnly && frame === 'top')) switchOff(message.isLasting);
    else if (message?.type === 'rollscope:on') forgetOff();
    else if (message?.type === 'rollscope:recheck') checkAllowed();
    else if (message?.type === 'rollscope:state' && frame === 'top') answer({ isOff: isStopped });
    return false;
  });
  // Other tabs of the origin are switched off with it.
  window.addEventListener('storage', () => { if (isOff()) switchOff(false); });
  window.addEventListener('pagehide', () => {
    isClosing = true;
    pump();
    if (isFlowing) post({ type: 'ended', page: pageId, frame });
  });
  window.addEventListener('pageshow', (event) => {
    isClosing = false;
    // The browser closed the port while it kept the page; whether we heard of it yet does not matter.
    if (event.persisted) announce();
  });
  announce();
})();
