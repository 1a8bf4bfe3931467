// Asking: what is said to a tab or to the background is heard, although nobody is there just then. Time is the test's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';

const source = readFileSync(new URL('../../extension/ask.js', import.meta.url), 'utf8');
const { tellTab, askBackground } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const TAB = 7;
const ON = { type: 'rollscope:on' }, OFF = { type: 'rollscope:off', isLasting: true };

/** A browser whose tab and background do as `tab` and `background` say. */
function browser({ tab = async () => {}, background = async () => true }) {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  const listeners = new Set(), said = [];
  globalThis.chrome = {
    tabs: { sendMessage: (id, message) => { said.push([id, message.type]); return tab(message); } },
    runtime: { sendMessage: background, onMessage: { addListener: (each) => listeners.add(each), removeListener: (each) => listeners.delete(each) } },
  };
  return { said, listeners, announce: (id) => { for (const each of [...listeners]) each({ type: 'rollscope:frame' }, { tab: { id } }); } };
}
const settled = () => new Promise((done) => setImmediate(done));

test('a tab between two documents is told by the next one, and another tab says nothing of it', async () => {
  let isThere = false;
  const { said, listeners, announce } = browser({ tab: async () => { if (!isThere) throw new Error('nobody'); } });
  const told = tellTab(TAB, OFF);
  await settled();
  announce(TAB + 1);
  assert.equal(said.length, 1);
  isThere = true;
  announce(TAB);
  assert.equal(await told, true);
  assert.deepEqual([said.length, listeners.size], [2, 0]);
});

test('a frame that hangs is waited for five seconds', async () => {
  const { listeners } = browser({ tab: () => new Promise(() => {}) });
  const told = tellTab(TAB, ON);
  mock.timers.tick(4_999);
  assert.equal(listeners.size, 1);
  mock.timers.tick(1);
  assert.deepEqual([await told, listeners.size], [false, 0]);
});

test('the last word counts, and what follows of itself gives way to it', async () => {
  let isThere = false;
  const { said, announce } = browser({ tab: async () => { if (!isThere) throw new Error('nobody'); } });
  const off = tellTab(TAB, OFF), on = tellTab(TAB, ON);
  assert.equal(await off, false);
  assert.equal(await tellTab(TAB, { ...OFF, isLasting: false, isInnerOnly: true }), false);
  await settled();
  isThere = true;
  announce(TAB);
  assert.equal(await on, true);
  assert.deepEqual(said.map(([, type]) => type), ['rollscope:off', 'rollscope:on', 'rollscope:on']);
});

test('a background that is stopped while it is asked is asked again, and a no is taken', async () => {
  const answers = [Promise.reject(new Error('stopped')), Promise.resolve(true), Promise.resolve(false)];
  for (const each of answers) each.catch(() => {});
  browser({ background: () => answers.shift() });
  const asked = askBackground('rollscope:sync');
  await settled();
  mock.timers.tick(300);
  assert.equal(await asked, true);
  assert.equal(await askBackground('rollscope:sync'), false);
  assert.equal(answers.length, 0);
});
