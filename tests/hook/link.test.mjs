// The link of the panel: when a document is taken for gone without a word, and whose word says that a page is recorded.
// Time is the test's own.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Node takes the extension's files for modules only in a folder that says so.
const folder = mkdtempSync(join(tmpdir(), 'rollscope-link-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
cpSync(fileURLToPath(new URL('../../extension', import.meta.url)), folder, { recursive: true });
const { createLink } = await import(pathToFileURL(join(folder, 'link.js')).href);

const OLD = '0102030405060708', NEW = '1112131415161718';
const ADDRESS = 'http://localhost/';

const event = () => {
  const listeners = [];
  return { addListener: (listener) => listeners.push(listener), removeListener() {}, fire: (...args) => { for (const each of listeners) each(...args); } };
};

/** A link in a browser that does nothing by itself. */
function opened() {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const chunks = [], told = [], said = [], posted = [];
  const port = { onMessage: event(), onDisconnect: event(), postMessage: (message) => posted.push(message), disconnect() {} };
  globalThis.chrome = {
    devtools: { inspectedWindow: { tabId: 1, eval: (_, done) => done?.(ADDRESS) }, network: { onNavigated: event() } },
    tabs: { connect: () => { port.onConnect?.(); return port; }, sendMessage: async (_, message) => { said.push(message); } },
    runtime: { onMessage: event(), sendMessage: async () => true },
  };
  createLink({ onChunk: (bytes) => chunks.push(bytes), onStatus: ({ connection }) => told.push(connection) });
  const from = (message) => port.onMessage.fire(message);
  return {
    chunks, told, said, port, posted,
    hello: (page, frame = 'top', isOff = false) => from({ type: 'hello', page, url: ADDRESS, frame, isOff }),
    chunk: (page, number, chunks = 1, text = `chunk ${number}`) => from({ type: 'chunk', page, chunk: number, chunks, data: btoa(text) }),
    ended: (page, frame = 'top') => from({ type: 'ended', page, frame }),
  };
}

/** Second by second: a timer that is set in one counts from there. @param {number} seconds */
function pass(seconds) {
  for (; seconds > 0; seconds--) mock.timers.tick(1_000);
}

/** Chunks that only a writer of open ends makes. */
const openEnds = (chunks) => chunks.filter((bytes) => String.fromCharCode(...bytes.subarray(0, 3)) === 'RSC').length;

test('a document that went away without a word gets an open end after five quiet seconds, once', () => {
  const { hello, chunk, chunks } = opened();
  hello(OLD);
  chunk(OLD, 0);
  hello(NEW);
  pass(4);
  assert.equal(openEnds(chunks), 0);
  hello(NEW);
  pass(1);
  assert.equal(openEnds(chunks), 1);
  hello(NEW);
  pass(60);
  assert.equal(openEnds(chunks), 1);
});

test('a document whose last events take long gets none', () => {
  const { hello, chunk, ended, chunks } = opened();
  hello(OLD);
  chunk(OLD, 0);
  hello(NEW);
  for (let number = 1; number < 10; number++) {
    pass(4);
    chunk(OLD, number);
  }
  pass(4);
  ended(OLD);
  pass(60);
  assert.deepEqual([openEnds(chunks), chunks.length], [0, 10]);
});

test('a document that comes back was never gone', () => {
  const { hello, chunk, chunks } = opened();
  hello(OLD);
  chunk(OLD, 0);
  hello(NEW);
  pass(3);
  hello(OLD);
  pass(60);
  assert.equal(openEnds(chunks), 0);
});

test('a frame that was heard before its page is not taken for gone, nor one that is heard again before it', () => {
  const { hello, chunk, chunks, port } = opened();
  const INSIDE = '2122232425262728';
  hello(OLD);
  chunk(OLD, 0);
  hello(INSIDE, 'inner');
  chunk(INSIDE, 0);
  hello(NEW);
  let asked = 0;
  port.onConnect = () => {
    asked++;
    hello(INSIDE, 'inner');
    hello(NEW);
  };
  pass(60);
  assert.deepEqual([openEnds(chunks), asked], [1, 1], 'of the document before alone');
  // The way was interrupted.
  port.onConnect();
  pass(60);
  assert.equal(openEnds(chunks), 1);
});

test('whether a page is recorded says its top, whatever a frame of another origin is, and whichever is heard first', () => {
  const { hello, told } = opened();
  hello(OLD);
  hello('', 'inner', true);
  assert.equal(told.at(-1), 'recording');
  hello('', 'top', true);
  hello(OLD, 'inner');
  assert.equal(told.at(-1), 'notAllowed');
  hello('', 'inner', true);
  hello(NEW);
  assert.equal(told.at(-1), 'recording');
});

test('frames of other origins go off with their page, and not with the one before it', () => {
  const { hello, ended, said } = opened();
  hello('', 'top', true);
  hello(OLD, 'inner');
  const off = { type: 'rollscope:off', isLasting: false, isInnerOnly: true };
  assert.deepEqual(said, [off, off]);
  ended('');
  // A frame of the next document is heard before it.
  hello(NEW, 'inner');
  hello(NEW);
  hello(NEW, 'inner');
  assert.equal(said.length, 2);
});

test('what was handled is acknowledged, several chunks in one answer, and much of it at once', () => {
  const { hello, chunk, posted } = opened();
  const acks = () => posted.filter(({ type }) => type === 'ack').map(({ page, chunks }) => [page, chunks]);
  hello(OLD);
  for (let number = 0; number < 3; number++) chunk(OLD, number);
  chunk(NEW, 0);
  assert.deepEqual(acks(), []);
  pass(1);
  assert.deepEqual(acks(), [[OLD, [0, 1, 2]], [NEW, [0]]]);
  chunk(OLD, 3, 1, 'x'.repeat(1024 * 1024));
  assert.deepEqual(acks().slice(2), [[OLD, [3]]]);
});

test('a chunk that comes again is handed on once, and acknowledged again', () => {
  const { hello, chunk, chunks, posted } = opened();
  hello(OLD);
  // 2 to 4 are one gap; what was known stays known while something before it is missing.
  for (const [number, count] of [[0, 1], [2, 3], [0, 1], [2, 3], [5, 1], [1, 1], [5, 1], [1, 1], [2, 3]]) chunk(OLD, number, count);
  pass(1);
  assert.deepEqual(chunks.map((bytes) => String.fromCharCode(...bytes)), ['chunk 0', 'chunk 2', 'chunk 5', 'chunk 1']);
  assert.deepEqual(posted.filter(({ type }) => type === 'ack').flatMap(({ chunks: numbers }) => numbers), [0, 2, 0, 2, 5, 1, 5, 1, 2]);
});
