// @ts-check
/**
 * Built-ins of the page, saved before any script of the page can replace them, and the one question that is
 * asked of them: what an object is by its internal slots.
 *
 * First of the files of the MAIN world, which manifest.json lists in their order. Each adds its part to one object
 * under a symbol of the global object; start.js takes the object away before any script of the page runs. Loaded by
 * the manifest, by `scripting.registerContentScripts`, or by script tags; standalone.js takes start.js's place in
 * `dist/rollscope-hook.js`.
 * This file must not know the capture format, and it reads nothing but types.
 */
(() => {
  'use strict';

  const { apply, getPrototypeOf, getOwnPropertyDescriptor } = Reflect;
  /** @param {Function | undefined} f @returns {(self: any, ...args: any[]) => any} */
  const uncurry = (f) => Function.prototype.call.bind(/** @type {any} */ (f));
  /** @param {any} owner @param {PropertyKey} name */
  const getter = (owner, name) => uncurry(getOwnPropertyDescriptor(owner, name)?.get ?? (() => { throw 0; }));

  const ObjectPrototype = Object.prototype;
  const { is, keys: objectKeys, defineProperty, setPrototypeOf } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  /** Called without a receiver: through `uncurry` it would cost Firefox a sixth of a microsecond for each key. */
  const hasOwn = /** @type {any} */ (Object).hasOwn;
  const isPrototypeOf = uncurry(ObjectPrototype.isPrototypeOf);
  const functionText = uncurry(Function.prototype.toString);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const textIncludes = uncurry(String.prototype.includes);
  /** @type {any} */
  const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  const typedTag = getter(TypedArrayPrototype, Symbol.toStringTag);
  const typedBuffer = getter(TypedArrayPrototype, 'buffer');
  const typedOffset = getter(TypedArrayPrototype, 'byteOffset');
  const typedLength = getter(TypedArrayPrototype, 'byteLength');
  const viewBuffer = getter(DataView.prototype, 'buffer');
  const viewOffset = getter(DataView.prototype, 'byteOffset');
  const viewLength = getter(DataView.prototype, 'byteLength');
  const bufferLength = getter(ArrayBuffer.prototype, 'byteLength');
  const subarray = uncurry(TypedArrayPrototype.subarray);
  const copyBytes = uncurry(TypedArrayPrototype.set);
  /** Arrays of numbers become bytes through this memory, as fractions and as words: every browser stores them little-endian. */
  const scratch = new Float64Array(512), words = new Uint32Array(512);
  /** Bytes of each, for each count of numbers, made when first asked for. @type {(Uint8Array | null)[]} */
  const scratchParts = [], wordParts = [];
  for (let count = 0; count <= scratch.length; count++) scratchParts[count] = wordParts[count] = null;
  /** @param {number} count @returns {Uint8Array} */
  function scratchBytes(count) {
    return scratchParts[count] ?? (scratchParts[count] = new SavedUint8Array(scratch.buffer, 0, 8 * count));
  }
  /** @param {number} count @returns {Uint8Array} */
  function wordBytes(count) {
    return wordParts[count] ?? (wordParts[count] = new SavedUint8Array(words.buffer, 0, 4 * count));
  }
  const SavedDataView = DataView;
  const { setUint32, setFloat64 } = DataView.prototype;
  /**
   * Gives an object of ours a saved built-in as a method of its own: no page can come between, and engines
   * compile such a call as they compile the built-in's own.
   * @param {any} owner @param {string} name @param {Function} method
   */
  function give(owner, name, method) {
    // @ts-ignore: a descriptor without a prototype, so that a page cannot add to it.
    defineProperty(owner, name, { __proto__: null, value: method });
    return owner;
  }
  /** @param {Uint8Array} bytes @returns {import('./types').Writer} */
  function writerOf(bytes) {
    return give(give(new SavedDataView(bytes.buffer), 'putU32', setUint32), 'putF64', setFloat64);
  }
  const getFloat64 = uncurry(DataView.prototype.getFloat64);
  /** @param {Uint8Array} bytes @param {number} at @returns {number} */
  function readF64(bytes, at) { return getFloat64(new SavedDataView(typedBuffer(bytes), typedOffset(bytes) + at, 8), 0, true); }
  /** A list that inherits nothing: a page that puts a setter on `Array.prototype` gets nothing of ours. @returns {any[]} */
  function newList() { return setPrototypeOf([], null); }
  const mapGet = uncurry(Map.prototype.get);
  const mapSet = uncurry(Map.prototype.set);
  const mapDelete = uncurry(Map.prototype.delete);
  const mapSize = getter(Map.prototype, 'size');
  const mapForEach = uncurry(Map.prototype.forEach);
  const setSize = getter(Set.prototype, 'size');
  const setForEach = uncurry(Set.prototype.forEach);
  const weakGet = uncurry(WeakMap.prototype.get);
  const weakSet = uncurry(WeakMap.prototype.set);
  const dateTime = uncurry(Date.prototype.getTime);
  const regexpSource = getter(RegExp.prototype, 'source');
  const regexpFlags = getter(RegExp.prototype, 'flags');
  const bigintText = uncurry(BigInt.prototype.toString);
  const unboxers = [Boolean, Number, String, BigInt].map((type) => uncurry(type.prototype.valueOf));
  const ErrorPrototype = Error.prototype;
  const isError = /** @type {any} */ (Error).isError ?? ((/** @type {any} */ v) => isPrototypeOf(ErrorPrototype, v));
  const hasBlob = typeof Blob === 'function';
  const blobSize = hasBlob ? getter(Blob.prototype, 'size') : null;
  const blobType = hasBlob ? getter(Blob.prototype, 'type') : null;
  const textEncoder = new TextEncoder();
  const encodeInto = uncurry(TextEncoder.prototype.encodeInto);
  const nativeIsWellFormed = /** @type {any} */ (String.prototype).isWellFormed;
  const SavedMap = Map, SavedWeakMap = WeakMap, SavedUint8Array = Uint8Array, SavedInt32Array = Int32Array;

  /** @param {string} s */
  function isWellFormedByHand(s) {
    for (let i = 0; i < s.length; i++) {
      const unit = charCodeAt(s, i) & 0xfc00;
      if (unit === 0xdc00) return false;
      if (unit === 0xd800 && (charCodeAt(s, ++i) & 0xfc00) !== 0xdc00) return false;
    }
    return true;
  }
  const isWellFormed = nativeIsWellFormed ? uncurry(nativeIsWellFormed) : isWellFormedByHand;

  const UNREADABLE = { reason: 'reading threw' };

  /** @param {any} owner @param {PropertyKey} name */
  function read(owner, name) {
    try { return owner[name]; } catch { return UNREADABLE; }
  }

  /** @param {(v: any) => any} brand @param {any} v */
  function carries(brand, v) {
    try { brand(v); return true; } catch { return false; }
  }

  const PLAIN = 0, BUFFER = 1, VIEW = 2, MAP = 3, SET = 4, DATE = 5, REGEXP = 6, ERROR = 7, BLOB = 8, BOXED = 9;

  /**
   * What an object is by its internal slots, so that objects of other frames count too.
   * @param {any} v @returns {number | string} one of the numbers above, or the name of a platform type
   */
  function classify(v) {
    if (isView(v)) return VIEW;
    if (carries(bufferLength, v)) return BUFFER;
    if (carries(mapSize, v)) return MAP;
    if (carries(setSize, v)) return SET;
    if (carries(dateTime, v)) return DATE;
    if (carries(regexpSource, v)) return REGEXP;
    if (blobSize && carries(blobSize, v)) return BLOB;
    if (isError(v)) return ERROR;
    for (let i = 0; i < unboxers.length; i++) if (carries(unboxers[i], v)) return BOXED;
    for (let p = getPrototypeOf(v); p !== null; p = getPrototypeOf(p)) {
      const tag = getOwnPropertyDescriptor(p, Symbol.toStringTag)?.value;
      const maker = getOwnPropertyDescriptor(p, 'constructor')?.value;
      if (typeof tag === 'string' && typeof maker === 'function'
        && textIncludes(functionText(maker), '[native code]')) return tag;
    }
    return PLAIN;
  }

  /** Kind of object by its prototype, asked once per prototype. */
  const kindOfPrototype = new SavedWeakMap();
  /** @param {any} v an object @returns {number | string} as `classify` says */
  function kindOf(v) {
    const prototype = getPrototypeOf(v);
    if (prototype === ObjectPrototype || prototype === null) return PLAIN;
    let kind = weakGet(kindOfPrototype, prototype);
    if (kind === undefined) { kind = classify(v); weakSet(kindOfPrototype, prototype, kind); }
    return kind;
  }

  /** @type {any} */
  const page = globalThis;
  Object.defineProperty(page, Symbol.for('rollscope.parts'), {
    configurable: true,
    value: {
      builtins: {
        apply, construct: Reflect.construct, getPrototypeOf, getOwnPropertyDescriptor,
        defineProperty, uncurry, getter, read, UNREADABLE, is, objectKeys, isArray, hasOwn,
        charCodeAt, typedTag, typedBuffer, typedOffset, typedLength, viewBuffer, viewOffset, viewLength,
        bufferLength, subarray, copyBytes, scratch, scratchBytes, words, wordBytes, writerOf, readF64, newList,
        mapGet, mapSet, mapDelete, mapForEach, setForEach, weakGet, weakSet,
        dateTime, regexpSource, regexpFlags, bigintText, unboxers, carries, blobSize, blobType, textEncoder,
        encodeInto, isWellFormed, ObjectPrototype, SavedMap, SavedWeakMap, SavedUint8Array, SavedInt32Array,
        kindOf, kinds: { PLAIN, BUFFER, VIEW, MAP, SET, DATE, REGEXP, ERROR, BLOB, BOXED },
      },
    },
  });
})();
