// A small second reader of docs/capture-format.md, written from the document, for the tests of the hook.
// Strict: it throws on anything that the document does not allow. It must not share code with the encoder.

const ELEMENTS = [
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array,
];
const KINDS = [
  null, 'pageStarted', 'opened', 'state', 'sent', 'received', 'pageState', 'dropped', 'blob', 'pageEnded',
  'candidate', 'selectedPair', 'stats', 'pace', 'buffered', 'level', 'counted', 'shaper',
];

export class NotCaptured {
  constructor(reason, type) { this.reason = reason; this.type = type; }
}
export class BlobStub {
  constructor(number, size, type) { this.number = number; this.size = size; this.type = type; }
}

/**
 * @param {Uint8Array} bytes one chunk
 * @param {Map<number, string>} [texts] of the chunks of this page before it; those of this one are added
 */
export function decodeChunk(bytes, texts = new Map()) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const u32 = (at) => view.getUint32(at, true);
  if (bytes[0] !== 0x52 || bytes[1] !== 0x53 || bytes[2] !== 0x43) throw new Error('magic');
  if (bytes[3] !== 3) throw new Error('version');
  const page = Array.from(bytes.subarray(4, 12), (b) => b.toString(16).padStart(2, '0')).join('');
  const [chunk, firstSequence, count, dropped, tableOffset] = [12, 16, 20, 24, 28].map(u32);
  if (tableOffset === 0) return decodeGap({ page, chunk, firstSequence, count, dropped }, view, bytes);

  let at = tableOffset;
  const take = (length) => {
    if (at + length > bytes.length) throw new Error('cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const takeU8 = () => take(1)[0];
  const takeU16 = () => { take(2); return view.getUint16(at - 2, true); };
  const takeU32 = () => { take(4); return u32(at - 4); };
  const takeF64 = () => { take(8); return view.getFloat64(at - 8, true); };
  const loneText = (part) => {
    let text = '';
    for (let i = 0; i < part.length; i += 2) text += String.fromCharCode(part[i] | part[i + 1] << 8);
    return text;
  };

  const table = [];
  let number = takeU32();
  for (let n = takeU32(); n > 0; n--) {
    const word = takeU32();
    if (word >>> 30 === 1) {
      if (!texts.has(word & 0x3fffffff)) throw new Error('text of an earlier chunk');
      table.push(texts.get(word & 0x3fffffff));
      continue;
    }
    const part = take(word & 0x3fffffff);
    table.push(word >>> 31 ? loneText(part) : utf8.decode(part));
    texts.set(number++, table.at(-1));
  }
  const keys = [];
  for (let n = takeU32(); n > 0; n--) keys.push(utf8.decode(take(takeU16())));
  const shapes = [];
  for (let n = takeU32(); n > 0; n--) shapes.push(Array.from({ length: takeU16() }, () => keys[takeU16()]));
  if (shapes.flat().includes(undefined)) throw new Error('key of a shape');
  if (at !== bytes.length) throw new Error('bytes after the tables');

  let seen = [];
  const key = () => {
    const index = takeU16();
    if (index === 0xffff) return utf8.decode(take(takeU16()));
    if (index >= keys.length) throw new Error('key index');
    return keys[index];
  };
  const own = (object, name, value) => {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  };
  const text = () => {
    const value = takeValue();
    if (typeof value !== 'string') throw new Error('a string value was expected');
    return value;
  };
  const container = (value) => { seen.push(value); return value; };
  function takeValue() {
    const tag = takeU8();
    if (tag >= 0x80) return tag - 0x80;
    switch (tag) {
      case 0x00: return undefined;
      case 0x01: return null;
      case 0x02: return false;
      case 0x03: return true;
      case 0x04: return takeU32() | 0;
      case 0x05: return takeF64();
      case 0x06: return utf8.decode(take(takeU32()));
      case 0x07: return loneText(take(takeU32()));
      case 0x08: {
        const index = takeU32();
        if (index >= table.length) throw new Error('string index');
        return table[index];
      }
      case 0x09: {
        const array = container([]);
        const length = takeU32();
        for (let i = 0; i < length; i++) {
          if (bytes[at] === 0x1f) at++; else array[i] = takeValue();
        }
        array.length = length;
        return array;
      }
      case 0x0a: {
        const object = container({});
        for (let n = takeU32(); n > 0; n--) { const name = key(); own(object, name, takeValue()); }
        return object;
      }
      case 0x0b: {
        const object = container({}), shape = shapes[takeU16()];
        for (const name of shape) own(object, name, takeValue());
        return object;
      }
      case 0x0c: return take(takeU32()).slice().buffer;
      case 0x0d: { const kind = takeU8(); return new ELEMENTS[kind](take(takeU32()).slice().buffer); }
      case 0x0e: {
        const map = container(new Map());
        for (let n = takeU32(); n > 0; n--) { const name = takeValue(); map.set(name, takeValue()); }
        return map;
      }
      case 0x0f: {
        const set = container(new Set());
        for (let n = takeU32(); n > 0; n--) set.add(takeValue());
        return set;
      }
      case 0x10: return BigInt(utf8.decode(take(takeU32())));
      case 0x11: return new Date(takeF64());
      case 0x12: { const source = text(); return new RegExp(source, text()); }
      case 0x13: { const name = text(); return Object.assign(new Error(text()), { name }); }
      case 0x14: { const number = takeU32(), size = takeF64(); return new BlobStub(number, size, text()); }
      case 0x15: {
        const index = takeU32();
        if (index >= seen.length) throw new Error('back reference');
        return seen[index];
      }
      case 0x16: { const reason = takeU8(); return new NotCaptured(reason, text()); }
      case 0x17: case 0x18: case 0x19: {
        const array = container([]);
        for (let n = takeU32(); n > 0; n--) array.push(tag === 0x17 ? takeF64() : tag === 0x18 ? takeU32() : takeU32() | 0);
        return array;
      }
      default: throw new Error(`tag ${tag}`);
    }
  }

  at = 32;
  const events = [];
  for (let i = 0; i < count; i++) {
    const kind = KINDS[takeU8()];
    const time = takeF64(), channel = takeU32(), length = takeU32(), end = at + length;
    const event = { sequence: firstSequence + i, kind, time, channel };
    seen = [];
    if (kind === 'opened') event.channelKind = takeU8();
    if (kind === 'sent' || kind === 'received') event.flags = takeU8();
    if (kind === 'blob') event.blob = takeU32();
    event.value = takeValue();
    if (at !== end) throw new Error(`body of ${kind}`);
    events.push(event);
  }
  if (at !== tableOffset) throw new Error('bytes after the events');
  return { page, chunk, firstSequence, dropped, events };
}

/** A gap in the place of chunks. */
function decodeGap(header, view, bytes) {
  const u32 = (at) => view.getUint32(at, true);
  if (header.count !== 0) throw new Error('a gap holds no events');
  const channels = {};
  let at = 60;
  for (let n = u32(56); n > 0; n--, at += 8) channels[u32(at)] = u32(at + 4);
  const reason = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at + 2, at + 2 + view.getUint16(at, true)));
  if (at + 2 + view.getUint16(at, true) !== bytes.length) throw new Error('bytes after the gap');
  return {
    ...header,
    events: [],
    gap: { chunks: u32(32), events: u32(36), from: view.getFloat64(40, true), until: view.getFloat64(48, true), channels, reason },
  };
}
