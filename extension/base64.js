// @ts-check
/**
 * Base64: bytes leave the page as text, because events and extension ports carry text best.
 *
 * One of the files of the MAIN world (see builtins.js); the relay loads it too, in its own world. Must not know
 * what the bytes are. `fromBase64` throws on text that is none.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const parts = page[Symbol.for('rollscope.parts')];
  const { apply, uncurry, subarray, charCodeAt, SavedUint8Array } = parts.builtins;

  const fromCharCode = String.fromCharCode;
  const base64FromText = page.btoa.bind(page), textFromBase64 = page.atob.bind(page);
  const nativeTo = /** @type {any} */ (Uint8Array.prototype).toBase64;
  const nativeFrom = /** @type {any} */ (Uint8Array).fromBase64;
  /** A multiple of three, so that the parts join without padding between them. */
  const PART = 0x6000;

  /** @param {Uint8Array} bytes */
  function toByHand(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += PART) {
      text += base64FromText(apply(fromCharCode, null, subarray(bytes, i, i + PART)));
    }
    return text;
  }
  /** @param {string} data */
  function fromByHand(data) {
    const text = textFromBase64(data);
    const bytes = new SavedUint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = charCodeAt(text, i);
    return bytes;
  }

  parts.base64 = {
    /** @type {(bytes: Uint8Array) => string} */
    toBase64: nativeTo ? uncurry(nativeTo) : toByHand,
    /** @type {(data: string) => Uint8Array} */
    fromBase64: nativeFrom ? (data) => apply(nativeFrom, SavedUint8Array, [data]) : fromByHand,
  };
})();
