// Nothing leaves the machine: no file of the extension has a way to the network, and the policy of its pages allows none.
// What runs in a page stands under the page's policy and not under ours, so here it is the text that must not have one.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const FOLDER = new URL('../../extension/', import.meta.url);
const read = (name) => readFileSync(new URL(name, FOLDER), 'utf8');
const WAYS = [
  /\b(fetch|XMLHttpRequest|sendBeacon|EventSource|WebTransport|importScripts|serviceWorker)\b/g,
  // Made by us; the page's own go through the original that it called.
  /\bnew\s+[\w.]*(WebSocket|RTCPeerConnection|Image|Audio|Worker|SharedWorker)\b/g,
  /\bimport\((?!['"]\.)/g,
  /\.(src|srcset|action)\s*=/g,
  /\b(connectNative|sendNativeMessage)\b/g,
  /['"`](https?|wss?):\/\/[\w.]/g,
];
/** Code without comments. @param {string} text */
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
const waysIn = (text) => WAYS.flatMap((way) => [...code(text).matchAll(way)].map(([found]) => found.trim()));

test('only the panel asks for anything: its own second part, and as an ordinary page captures of its own origin', () => {
  const found = readdirSync(FOLDER).filter((name) => name.endsWith('.js')).map((name) => [name, waysIn(read(name))]);
  assert.deepEqual(found.filter(([, ways]) => ways.length > 0), [['panel.js', ['fetch', 'fetch']]]);
  assert.match(read('panel.js'), /if \(url\.origin !== location\.origin\) throw new Error\([^\n]*\);\s+const response = await fetch\(url\)/);
  assert.match(read('panel.js'), /fetch\(new URL\(`\.\.\/ui\/\$\{ANALYSIS\}`, import\.meta\.url\)\)/);
  assert.match(read('panel.js'), /const ANALYSIS = 'rollscope_ui_analysis\.wasm';/);
  for (const bad of ['navigator.sendBeacon("/x")', 'new Image().src = a', 'await import(name)', 'new WebSocket(u)', 'x("https://a.example")']) {
    assert.ok(waysIn(bad).length > 0, bad);
  }
});

test('pages of the extension load nothing from elsewhere, and may ask nobody', () => {
  for (const name of readdirSync(FOLDER).filter((each) => each.endsWith('.html'))) {
    for (const [, address] of read(name).matchAll(/(?:src|href)="([^"]*)"/g)) assert.doesNotMatch(address, /^(\w+:|\/\/)/, `${name}: ${address}`);
  }
  const { content_security_policy: { extension_pages: policy }, permissions } = JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'));
  assert.match(policy, /connect-src 'self'/);
  assert.match(policy, /form-action 'none'/);
  assert.deepEqual(permissions, ['scripting', 'activeTab']);
});
