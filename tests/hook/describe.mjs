// One JSON text for a value, whoever holds it: the page, the decoder of these tests, or the Rust decoder.
// Numbers are the 16 hexadecimal digits of the double, so that -0, NaN and the last bit count.

import { BlobStub, NotCaptured } from './decode.mjs';

const ELEMENT_NAMES = [
  'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
  'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
];

export function hexOfNumber(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
const hexOfBytes = (bytes) => Buffer.from(bytes).toString('hex');

/** @param {unknown} root a value of a message; NotCaptured and BlobStub stand for what is not copied */
export function describe(root) {
  const seen = [];
  return of(root);
  function of(value) {
    switch (typeof value) {
      case 'undefined': return { undefined: true };
      case 'boolean': return value;
      case 'number': return { number: hexOfNumber(value) };
      case 'string': return { string: Buffer.from(value, 'utf8').toString('utf8') };
      case 'bigint': return { bigint: String(value) };
      case 'object': return value === null ? null : ofObject(value);
      default: throw new Error(`no description of ${typeof value}`);
    }
  }
  function ofObject(value) {
    if (value instanceof NotCaptured) return { notCaptured: [value.reason, value.type] };
    if (value instanceof BlobStub) return { blob: [value.number, hexOfNumber(value.size), value.type] };
    if (value instanceof ArrayBuffer) return { buffer: hexOfBytes(new Uint8Array(value)) };
    if (ArrayBuffer.isView(value)) {
      const kind = ELEMENT_NAMES.indexOf(value.constructor.name === 'Buffer' ? 'Uint8Array' : value.constructor.name);
      return { typed: [kind, hexOfBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))] };
    }
    if (value instanceof Date) return { date: hexOfNumber(value.getTime()) };
    if (value instanceof RegExp) return { regexp: [value.source, value.flags] };
    if (value instanceof Error) return { error: [value.name, value.message] };
    const known = seen.indexOf(value);
    if (known >= 0) return { back: known };
    seen.push(value);
    if (Array.isArray(value)) {
      return { array: Array.from(value, (member, i) => (i in value ? of(member) : { hole: true })) };
    }
    if (value instanceof Map) return { map: Array.from(value, ([name, member]) => [of(name), of(member)]) };
    if (value instanceof Set) return { set: Array.from(value, of) };
    return { object: Object.keys(value).map((name) => [Buffer.from(name, 'utf8').toString('utf8'), of(value[name])]) };
  }
}
