// @ts-check
/**
 * The background page: service worker in Chromium, event page in Firefox.
 *
 * In both it registers the content scripts for the origins that the user allowed, and answers the panel's
 * questions about that. In Firefox it also passes messages between the panel and the relays of its tab,
 * because a Firefox panel reaches nothing else; in Chromium no capture data comes through here.
 * Must not look into a chunk. It may be stopped at any time: it keeps nothing that it cannot ask for again.
 */
import { ASKED_TITLE, tellTab } from './ask.js';
import { linkFrames } from './frames.js';

/** The files of the MAIN world, in order. */
const HOOK_FILES = chrome.runtime.getManifest().content_scripts.find((/** @type {any} */ script) => script.world === 'MAIN').js
  // Firefox gives whole addresses.
  .map((/** @type {string} */ file) => new URL(file, chrome.runtime.getURL('/')).pathname.slice(1));

/** Origins that manifest.json covers already. */
const LOOPBACK = /^[^:]+:\/\/(localhost|127\.0\.0\.1|\[::1\])\//;

/** Runs one after another, so that two changes of permissions cannot register the same script twice. */
let registering = Promise.resolve();

function syncScripts() {
  registering = registering.then(registerScripts).catch((error) => console.warn('rollscope', error));
  return registering;
}

async function registerScripts() {
  const { origins = [] } = await chrome.permissions.getAll();
  const matches = origins.filter((/** @type {string} */ origin) => !LOOPBACK.test(origin));
  const present = await chrome.scripting.getRegisteredContentScripts();
  const ids = present.map((/** @type {any} */ script) => script.id);
  if (matches.length === 0) {
    if (ids.length > 0) await chrome.scripting.unregisterContentScripts({ ids });
    return;
  }
  const common = { matches, runAt: 'document_start', allFrames: true, matchOriginAsFallback: true };
  const scripts = [
    { ...common, id: 'hook', js: HOOK_FILES, world: 'MAIN' },
    { ...common, id: 'relay', js: ['extension/relay.js'] },
  ];
  // In one step: a page that is loaded meanwhile, or a stop in between, must not find them gone.
  if (ids.length === scripts.length) await chrome.scripting.updateContentScripts(scripts);
  else await chrome.scripting.registerContentScripts(scripts);
}

/**
 * The sign on the extension's button. The browser takes it away when the tab goes to another document.
 * @param {number} tabId @param {boolean} isRecording
 */
function showRecording(tabId, isRecording) {
  chrome.action.setBadgeBackgroundColor({ tabId, color: '#c2352b' });
  chrome.action.setBadgeText({ tabId, text: isRecording ? 'REC' : '' });
  chrome.action.setTitle({ tabId, title: isRecording ? 'Rollscope records this page' : 'Rollscope' });
}

/** @param {string} [url] hidden by the browser where nothing is allowed */
async function isAllowed(url) {
  try {
    const { protocol, hostname } = new URL(url ?? '');
    return await chrome.permissions.contains({ origins: [`${protocol}//${hostname}/*`] });
  } catch { return false; }
}

chrome.runtime.onInstalled.addListener(syncScripts);
chrome.runtime.onStartup.addListener(syncScripts);
chrome.permissions.onAdded.addListener(async () => {
  await syncScripts();
  // Chromium's question closes the popup that asked it, so the page is loaded anew from here.
  for (const { id, url } of await chrome.tabs.query({})) {
    if ((await chrome.action.getTitle({ tabId: id })) !== ASKED_TITLE || !(await isAllowed(url))) continue;
    chrome.tabs.reload(id);
  }
});
chrome.permissions.onRemoved.addListener(async () => {
  await syncScripts();
  for (const { id } of await chrome.tabs.query({})) chrome.tabs.sendMessage(id, { type: 'rollscope:recheck' }).catch(() => {});
});

chrome.runtime.onMessage.addListener((/** @type {any} */ message, /** @type {any} */ sender, /** @type {any} */ answer) => {
  if (sender.id !== chrome.runtime.id) return false;
  if (message?.type === 'rollscope:isAllowed') {
    chrome.permissions.contains({ origins: [message.pattern] }).then(answer, () => answer(false));
    return true;
  }
  if (message?.type === 'rollscope:isAsking') {
    answer(chrome.extension.getViews({ type: 'tab' }).some((/** @type {Window} */ view) => view.location.pathname.endsWith('/consent.html')
      && new URLSearchParams(view.location.search).get('pattern') === message.pattern));
    return false;
  }
  if (message?.type === 'rollscope:sync') {
    syncScripts().then(() => answer(true));
    return true;
  }
  if (message?.type === 'rollscope:tell') {
    tellTab(message.tabId, message.message).then(answer);
    return true;
  }
  if (message?.type === 'rollscope:frame' || message?.type === 'rollscope:stopped') {
    if (sender.tab && sender.frameId === 0) showRecording(sender.tab.id, message.type === 'rollscope:frame' && !message.isOff);
    return false;
  }
  if (message?.type === 'rollscope:forget') {
    // `permissions.onRemoved` follows, which takes the scripts away.
    chrome.permissions.remove({ origins: [message.pattern] }).then(answer, () => answer(false));
    return true;
  }
  if (message?.type === 'rollscope:ask') {
    const url = chrome.runtime.getURL(`extension/consent.html?pattern=${encodeURIComponent(message.pattern)}`);
    chrome.windows.create({ url, type: 'popup', width: 460, height: 220 }).then(() => answer(true), () => answer(false));
    return true;
  }
  return false;
});

chrome.runtime.onConnect.addListener((/** @type {any} */ panel) => {
  const tabId = Number(/^rollscope-panel:(\d+)$/.exec(panel.name)?.[1] ?? NaN);
  if (!Number.isInteger(tabId)) return;
  /** The panel says `resume` once; every later port gets the same words. @type {any} */
  let resume = null;
  const link = linkFrames(
    tabId,
    (message) => panel.postMessage(message),
    (port) => { if (resume) port.postMessage(resume); },
    () => panel.postMessage({ type: 'down' }),
  );
  panel.onMessage.addListener((/** @type {any} */ message) => {
    if (message?.type === 'heartbeat') return;
    if (message?.type === 'reconnect') { link.connect(); return; }
    if (message?.type === 'resume') resume = message;
    link.postAll(message);
  });
  panel.onDisconnect.addListener(() => link.close());
});
