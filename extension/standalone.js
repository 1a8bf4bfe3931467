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
  const textEncoder = new TextEncoder();
  const base64Text = atob.bind(page);

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
  /** @param {string} data */
  function bytesFromBase64(data) {
    const text = base64Text(data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /** @type {import('./types').Hook | null} */
  let hook = null;
  /** @type {((bytes: Uint8Array) => void) | undefined} */
  let onBytes;
  /** @type {{bytes: Uint8Array, events: number}[]} */
  let held = [];
  let heldBytes = 0, chunks = 0, events = 0, dropped = 0, droppedChunks = 0;

  /** @param {Uint8Array} bytes @param {number} [eventsInside] */
  function give(bytes, eventsInside = 0) {
    if (onBytes) {
      try { onBytes(bytes); } catch (error) { console.error('rollscopeHook: onBytes threw', error); }
      return;
    }
    held.push({ bytes, events: eventsInside });
    heldBytes += bytes.length;
    // The header, which has no events, stays.
    while (heldBytes > HELD_BYTES) {
      const oldest = held.findIndex((part) => part.events > 0);
      if (oldest < 0) return;
      const [gone] = held.splice(oldest, 1);
      heldBytes -= gone.bytes.length;
      dropped += gone.events;
      droppedChunks++;
    }
  }
  /** @param {Event} event the recorder's call for a receiver */
  function meet(event) {
    const node = /** @type {FocusEvent} */ (event).relatedTarget;
    if (!node) return;
    node.addEventListener('chunk', (offer) => {
      const bytes = bytesFromBase64(/** @type {CustomEvent} */ (offer).detail);
      const inside = new DataView(bytes.buffer).getUint32(CHUNK_EVENTS_AT, true);
      chunks++;
      events += inside;
      give(fileRecord(CHUNK, bytes), inside);
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
    drainText() {
      const bytes = api.drain();
      let text = '';
      for (let i = 0; i < bytes.length; i += 0x6000) text += String.fromCharCode(...bytes.subarray(i, i + 0x6000));
      return btoa(text);
    },
    status: () => ({ isRecording: hook !== null, chunks, events, dropped, heldBytes }),
  };
  Object.defineProperty(page, 'rollscopeHook', { value: Object.freeze(api), configurable: true });
})();
