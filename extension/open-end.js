// @ts-check
/**
 * The gap that DevTools writes in the place of the last chunks of a document that went away in silence
 * (docs/capture-format.md).
 *
 * Used by link.js. Must not know how that was noticed.
 */

const HEADER_BYTES = 32, FIXED_BYTES = 28;
const NOBODY_KNOWS = 0xffffffff;
const REASON = 'the document was gone before its last events were handed over';

/** @param {string} page its id in hexadecimal @param {number} chunk the first that is missing @returns {Uint8Array} */
export function openEnd(page, chunk) {
  const reason = new TextEncoder().encode(REASON);
  const bytes = new Uint8Array(HEADER_BYTES + FIXED_BYTES + 2 + reason.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x52, 0x53, 0x43, 3]);
  for (let i = 0; i < 8; i++) bytes[4 + i] = Number.parseInt(page.slice(2 * i, 2 * i + 2), 16);
  view.setUint32(12, chunk, true);
  view.setUint32(HEADER_BYTES, NOBODY_KNOWS, true);
  view.setUint16(HEADER_BYTES + FIXED_BYTES, reason.length, true);
  bytes.set(reason, HEADER_BYTES + FIXED_BYTES + 2);
  return bytes;
}
