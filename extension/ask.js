// @ts-check
/**
 * Asking: how panel, popup and bg.js say something to the frames of a tab or to bg.js, and know that it was heard.
 *
 * A message alone can miss its receiver: the tab is between two documents, a frame is busy while its page is loaded
 * anew, or the browser stops bg.js. Must not know what is said, beyond the name of a frame's announcement.
 */
const HEARING_MS = 5_000;
const RETRY_MS = 300, TRIES = 10;
/** Title of the button in a tab whose popup asked the browser for its site: the mark by which bg.js knows it, true also after a no. */
export const ASKED_TITLE = 'Rollscope does not record this page yet';

/** Ends what is being told to a tab: the user's last word counts. @type {Map<number, (isHeard: boolean) => void>} */
const telling = new Map();

/** @template T @param {Promise<T>} promise @returns {Promise<T | undefined>} undefined after five seconds: a page may hang for ever */
export function bounded(promise) {
  return Promise.race([promise, new Promise((/** @type {(nothing: undefined) => void} */ resolve) => setTimeout(resolve, HEARING_MS, undefined))]);
}

/**
 * Tells every frame of a tab. The promise of `tabs.sendMessage` settles when all of them have handled the message; where
 * nobody is there, those that come next are told.
 * @param {number} tabId @param {import('./types').ToFrames} message
 * @returns {Promise<boolean>} whether it was heard within five seconds, and nothing else was said since
 */
export function tellTab(tabId, message) {
  // What follows of itself from a page that is off gives way to what the user says just then; a frame that comes later is told then.
  if ('isInnerOnly' in message) {
    return telling.has(tabId) ? Promise.resolve(false) : chrome.tabs.sendMessage(tabId, message).then(() => true, () => false);
  }
  telling.get(tabId)?.(false);
  return new Promise((resolve) => {
    /** @param {boolean} isHeard */
    function end(isHeard) {
      clearTimeout(timer);
      chrome.runtime.onMessage.removeListener(announced);
      if (telling.get(tabId) === end) telling.delete(tabId);
      resolve(isHeard);
    }
    function send() { chrome.tabs.sendMessage(tabId, message).then(() => end(true), () => { /* Nobody yet. */ }); }
    /** @param {any} said @param {any} sender */
    function announced(said, sender) { if (said?.type === 'rollscope:frame' && sender.tab?.id === tabId) send(); }
    const timer = setTimeout(end, HEARING_MS, false);
    telling.set(tabId, end);
    chrome.runtime.onMessage.addListener(announced);
    send();
  });
}

/**
 * Asks bg.js, again where it was stopped before it could answer: everything that is asked so can be done twice.
 * @param {string} type @param {object} [more] @returns {Promise<boolean>} whether the answer was yes
 */
export async function askBackground(type, more = {}) {
  for (let i = 0; i < TRIES; i++) {
    try { return (await chrome.runtime.sendMessage({ type, ...more })) === true; } catch { /* Stopped just then. */ }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return false;
}
