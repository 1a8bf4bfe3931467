// @ts-check
/**
 * The hook without the extension: last part of `dist/rollscope-hook.js`, in the place of start.js. docs/standalone.md
 * is its manual.
 *
 * Makes `rollscopeHook` on the global object. Takes the chunks of the recorder as relay.js does and makes a capture
 * file of them (docs/capture-format.md), for a callback or for `drain`. Must not know what a chunk holds beyond its
 * header. Throws into the page only where the page called it wrongly.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const PARTS = Symbol.for('rollscope.parts');
  const parts = page[PARTS];
  if (!parts) return;
  delete page[PARTS];

  const FILE_VERSION = 1;
  const CHUNK = 1, END = 255;
  const CHUNK_EVENTS_AT = 20;
  const RECORD_BYTES = 9;
  /** Bytes that wait for `drain`; then the oldest chunks go, and the file says that they are missing. */
  const HELD_BYTES = 64 * 1024 * 1024;
  const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
    for (let bit = 0; bit < 8; bit++) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
    return i >>> 0;
  });
  const { window } = page;
  const { gaps, base64: { toBase64, fromBase64 } } = parts;
  const REASON = 'nobody drained the hook before 64 MB waited';
  const textEncoder = new TextEncoder();

  /** CRC-32 (IEEE). @param {Uint8Array} bytes */
  function crc(bytes) {
    let sum = 0xffffffff;
    for (let i = 0; i < bytes.length; i++) sum = TABLE[(sum ^ bytes[i]) & 0xff] ^ (sum >>> 8);
    return ~sum >>> 0;
  }
  /** @param {number} kind @param {Uint8Array} payload */
  function fileRecord(kind, payload) {
    const bytes = new Uint8Array(RECORD_BYTES + payload.length);
    const view = new DataView(bytes.buffer);
    bytes[0] = kind;
    view.setUint32(1, payload.length, true);
    view.setUint32(5, crc(payload), true);
    bytes.set(payload, RECORD_BYTES);
    return bytes;
  }
  function fileHeader() {
    const json = textEncoder.encode(JSON.stringify({ created_by: 'rollscope-hook', created_at_ms: Date.now() }));
    const bytes = new Uint8Array(16 + json.length);
    const view = new DataView(bytes.buffer);
    bytes.set(textEncoder.encode('ROLLSCOP'));
    view.setUint32(8, FILE_VERSION, true);
    view.setUint32(12, json.length, true);
    bytes.set(json, 16);
    return bytes;
  }
  /** @type {import('./types').Hook | null} */
  let hook = null;
  /** @type {((bytes: Uint8Array) => void) | undefined} */
  let onBytes;
  /** What waits for `drain`: the header, then records. @type {{bytes: Uint8Array, chunk: Uint8Array | null, events: number}[]} */
  let held = [];
  let heldBytes = 0, chunks = 0, events = 0, dropped = 0, droppedChunks = 0;

  /** @param {Uint8Array} bytes @param {Uint8Array | null} [chunk] that the record holds @param {number} [eventsInside] */
  function give(bytes, chunk = null, eventsInside = 0) {
    if (onBytes) {
      try { onBytes(bytes); } catch (error) { console.error('rollscopeHook: onBytes threw', error); }
      return;
    }
    held.push({ bytes, chunk, events: eventsInside });
    heldBytes += bytes.length;
    if (heldBytes > HELD_BYTES) giveUpOldest();
  }
  /** The oldest chunks go; one gap stands in their place, and takes in the one that stood there before. */
  function giveUpOldest() {
    const first = held.findIndex((part) => part.chunk !== null);
    let end = first, gap = null;
    for (; end < held.length - 1; end++) {
      const { bytes, chunk, events: inside } = held[end];
      // It goes on up to a chunk from which on all can be read.
      if (chunk === null || (heldBytes <= HELD_BYTES && gaps.isBeginning(chunk))) break;
      gap = gaps.merge(gap, gaps.of(chunk, REASON));
      heldBytes -= bytes.length;
      dropped += inside;
      droppedChunks++;
    }
    if (gap === null) return;
    const chunk = gaps.write(gap), bytes = fileRecord(CHUNK, chunk);
    held.splice(first, end - first, { bytes, chunk, events: 0 });
    heldBytes += bytes.length;
    droppedChunks--;
  }
  /** @param {Event} event the recorder's call for a receiver */
  function meet(event) {
    const node = /** @type {FocusEvent} */ (event).relatedTarget;
    if (!node) return;
    node.addEventListener('chunk', (offer) => {
      const bytes = fromBase64(/** @type {CustomEvent} */ (offer).detail);
      const inside = new DataView(bytes.buffer).getUint32(CHUNK_EVENTS_AT, true);
      chunks++;
      events += inside;
      give(fileRecord(CHUNK, bytes), bytes, inside);
      offer.preventDefault();
    });
    node.dispatchEvent(new CustomEvent('command', { detail: 'connected' }));
  }

  /** @type {import('./types').Standalone} */
  const api = {
    start({ onBytes: take, hasHeader = true, ...settings } = {}) {
      if (hook) return true;
      onBytes = take;
      held = [];
      heldBytes = chunks = events = dropped = droppedChunks = 0;
      if (hasHeader) give(fileHeader());
      window.addEventListener('rollscope:hook', meet);
      try { hook = parts.installHook(settings); } finally { window.removeEventListener('rollscope:hook', meet); }
      return hook !== null;
    },
    configure(settings) { hook?.configure(settings); },
    stop() {
      if (!hook) return;
      hook.revert();
      hook = null;
      const counts = new Uint8Array(8);
      const view = new DataView(counts.buffer);
      view.setUint32(0, chunks - droppedChunks, true);
      view.setUint32(4, events - dropped, true);
      give(fileRecord(END, counts));
    },
    drain() {
      hook?.flush();
      const parts = held;
      held = [];
      const whole = new Uint8Array(heldBytes);
      heldBytes = 0;
      let at = 0;
      for (const { bytes } of parts) { whole.set(bytes, at); at += bytes.length; }
      return whole;
    },
    drainText: () => toBase64(api.drain()),
    status: () => ({ isRecording: hook !== null, chunks, events, dropped, heldBytes }),
  };
  Object.defineProperty(page, 'rollscopeHook', { value: Object.freeze(api), configurable: true });
})();
