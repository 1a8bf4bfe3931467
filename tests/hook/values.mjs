// The values of the fixture: every tag of the format at least once. Each entry is the value that a page
// gives, and where the copy differs from it, what the copy is.

import { BlobStub, NotCaptured } from './decode.mjs';

const cycle = { name: 'cycle', list: [] };
cycle.self = cycle;
cycle.list.push(cycle, cycle.list);

const shared = [0.5, 1.5, 1000];
const manyShared = Array.from({ length: 40 }, (_, i) => ({ i }));

const nested = (depth) => { let v = 'end'; for (let i = 0; i < depth; i++) v = [v]; return v; };
const nestedCopy = (depth, inner) => { let v = inner; for (let i = 0; i < depth; i++) v = [v]; return v; };

class Player { constructor() { this.x = 1; } get y() { return 2; } }
class Velocities extends Map {}

const throwing = { before: 1, get bad() { throw new Error('no'); }, after: [2] };
const long = 'state text, long enough to go into the table. '.repeat(40);

export const VALUES = [
  ['nothing', [undefined, null]],
  ['booleans', [true, false]],
  ['integers of one byte', [0, 1, 126, 127]],
  ['other integers', ['', 128, -1, 2147483647, -2147483648]],
  ['numbers', ['', 2147483648, -2147483649, 0.1, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE]],
  ['one number', -0],
  ['arrays of numbers', [[1, 2, 300], [0.25, -0, NaN], [1, 2, 3]]],
  ['numbers and one text', [1000, 2000, 'x']],
  ['strings', ['', 'ascii', 'naïve', '日本語', '👾', 'nul\0inside']],
  ['string of 100 characters', 'ü'.repeat(100)],
  ['lone surrogate', 'a\ud800b'],
  ['strings by reference', [long, long + '!', long]],
  ['lone surrogate by reference', long + '\udc00'],
  ['holes', Object.assign(new Array(5), { 1: 'one', 3: undefined })],
  ['object', { frame: 7, inputs: { a: 1, b: [] }, '': 0, '日本': 1 }],
  ['same keys again', [{ frame: 8, inputs: null }, { inputs: null, frame: 9 }]],
  ['key with lone surrogate', { ['k\ud800']: 1 }],
  ['long key', { ['k'.repeat(1500)]: 1 }],
  ['wide object', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`member ${i}`, i]))],
  ['no members', [{}, {}, { a: {} }]],
  ['key named __proto__', JSON.parse('{"__proto__": 5}')],
  ['object without prototype', Object.assign(Object.create(null), { a: 1 })],
  ['instance of a class', new Player(), { x: 1 }],
  ['buffer', Uint8Array.from([1, 2, 3]).buffer],
  ['typed arrays', [
    Int8Array.of(-1), Uint8Array.of(255), Uint8ClampedArray.of(7), Int16Array.of(-2), Uint16Array.of(65535),
    Int32Array.of(-3), Uint32Array.of(4294967295), Float32Array.of(0.5), Float64Array.of(0.1),
    BigInt64Array.of(-4n), BigUint64Array.of(5n), new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2),
    new Uint16Array(Uint16Array.of(1, 2, 3).buffer, 2, 1),
  ]],
  ['map', new Map([['k', 1], [{ a: 1 }, new Map([[1, 2]])]])],
  ['subclass of map', new Velocities([['p', 3]]), new Map([['p', 3]])],
  ['set', new Set([1, 'two', { three: 3 }])],
  ['big integers', [0n, -1n, 123456789012345678901234567890n]],
  ['date', [new Date(86400000), new Date(NaN)]],
  ['regular expression', /a[b]\/c/giu],
  ['errors', [new TypeError('wrong'), new Error('')]],
  ['boxed', [Object(1.5), Object('text'), Object(true), Object(7n)], [1.5, 'text', true, 7n]],
  ['blob', { picture: new Blob(['abc'], { type: 'text/plain' }) }, { picture: new BlobStub(0, 3, 'text/plain') }],
  ['cycle', cycle],
  ['shared numbers', { first: shared, second: shared }],
  ['many shared', [...manyShared, ...manyShared]],
  ['getter that throws', throwing, { before: 1, bad: new NotCaptured(1, 'getter'), after: [2] }],
  ['function', { f() {} }, { f: new NotCaptured(0, 'function') }],
  ['symbol', [Symbol('s')], [new NotCaptured(0, 'symbol')]],
  ['platform object', { e: new WeakMap() }, { e: new NotCaptured(0, 'WeakMap') }],
  ['proxy that throws', [new Proxy({ a: 1 }, { ownKeys() { throw new Error('no'); } })], [new NotCaptured(1, 'object')]],
  ['nested 64 deep', nested(64)],
  ['nested 66 deep', nested(66), nestedCopy(64, new NotCaptured(2, 'Array'))],
  ['array of the limit and more', new Array(17_000_000), new NotCaptured(3, 'Array')],
  ['long arrays of numbers', [
    Array.from({ length: 1300 }, (_, i) => i % 128), Array.from({ length: 1300 }, (_, i) => (i < 1100 ? i % 128 : i)),
    Array.from({ length: 600 }, (_, i) => i + 0.5), [...Array.from({ length: 600 }, (_, i) => i), 'text', { id: 1 }],
    [7, -0], Object.assign([1, 2], { length: 4 }), [undefined, 1.5, 2.5],
  ]],
  ['whole numbers of four bytes', [
    [0, 4294967295], [-2147483648, 2147483647], [1, 128], [-1, 0], [-1, 4294967295], [1, 4294967296], [-2147483649, 1], [200, -0], [200, 0.5],
    Array.from({ length: 140 }, (_, i) => (i * 2654435761) >>> 0), Array.from({ length: 140 }, (_, i) => i - 70),
  ]],
  ['after the large one', { frame: 10, fresh: true }],
];
