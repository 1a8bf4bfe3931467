// @ts-check
/**
 * The popup of the extension's button: says whether the page of the tab is recorded, and switches it.
 *
 * Asks the relay of the page and the browser's permissions. Must not know the panel, which does the same from DevTools.
 */
import { ASKED_TITLE, askBackground, tellTab } from './ask.js';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
const url = tab?.url ? new URL(tab.url) : null;
const isPage = url?.protocol === 'http:' || url?.protocol === 'https:';
const pattern = isPage ? `${url.protocol}//${url.hostname}/*` : '';
const isLoopback = isPage && LOOPBACK.test(url.hostname);
let isAllowed = isLoopback;

async function isRecorded() {
  if (!isLoopback) isAllowed = await chrome.permissions.contains({ origins: [pattern] });
  if (!isAllowed) return false;
  const state = await chrome.tabs.sendMessage(tab.id, { type: 'rollscope:state' }).catch(() => null);
  return state !== null && !state.isOff;
}

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);

async function show() {
  const button = element('switch');
  if (!isPage) {
    element('text').textContent = 'Nothing to record here';
    element('hint').textContent = 'Rollscope records pages of http and https. Nothing leaves this computer.';
    return;
  }
  const isRecording = await isRecorded();
  element('state').classList.toggle('recording', isRecording);
  element('text').textContent = isRecording ? 'Recording' : 'Not recording';
  element('site').textContent = url.origin;
  button.textContent = isRecording ? 'Stop recording this site' : 'Record this site';
  button.classList.toggle('primary', !isRecording);
  button.hidden = false;
  button.onclick = () => (isRecording ? stop() : start());
  element('hint').textContent = isRecording
    ? 'Open DevTools and choose the Rollscope tab to see it. Nothing leaves this computer.'
    : 'The page loads anew, so that it is recorded from its first message. Nothing leaves this computer.';
}

async function stop() {
  await tellTab(tab.id, { type: 'rollscope:off', isLasting: isLoopback });
  if (!isLoopback) await chrome.permissions.remove({ origins: [pattern] });
  await show();
}

/** Browsers ask for the permission only in the click itself. */
async function start() {
  if (!isAllowed) {
    // The question can close this popup. What follows a yes is done by bg.js, which knows the tab by this mark.
    chrome.action.setTitle({ tabId: tab.id, title: ASKED_TITLE });
    if (await chrome.permissions.request({ origins: [pattern] })) window.close();
    else element('hint').textContent = 'The browser was told not to allow it, so nothing of this site is recorded. Press again to be asked once more.';
    return;
  }
  // On loopback a mark is taken away from every frame; elsewhere bg.js registers the scripts. Then only the page is loaded anew.
  if (isLoopback) await tellTab(tab.id, { type: 'rollscope:on' });
  else await askBackground('rollscope:sync');
  await chrome.tabs.reload(tab.id);
  window.close();
}

await show();
