// @ts-check
/**
 * The link: brings the chunks of the inspected tab to the panel and tells how the connection stands.
 *
 * Only in DevTools. Chunks come from the relays, straight in Chromium and through bg.js in Firefox; each is
 * handed to `onChunk` once and acknowledged when that returns. Also asks for the permission to look at a
 * site. Must not know what a chunk holds, nor how the panel looks.
 */
import { askBackground, bounded, tellTab } from './ask.js';
import { linkFrames } from './frames.js';
import { openEnd } from './open-end.js';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 300;
/**
 * So long an acknowledgement may wait for others, or until they stand for so many characters: far less than what may travel without
 * one. Each wakes the page's own thread, in Firefox for a seventh of a millisecond.
 */
const ANSWER_MS = 1_000, ANSWER_SIZE = 1024 * 1024;
/** A page without a relay is called detached after this time. */
const PATIENCE_MS = 1_000;
/** A document hands its last chunks over while the next one is shown already: so many looks, a second apart, find nothing more of it. */
const LAST_LOOKS = 5, ASKING_LOOK = 2, LOOK_MS = 1_000;
/** The window that asks is looked for twice a second, and must be there after so many looks. */
const CONSENT_LOOK_MS = 500, CONSENT_LOOKS = 20;
const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Which chunks of a page were handled: all below `next`, and those in `ahead`, by first number and how many. */
class Received {
  next = 0;
  /** Whether the document said that it goes away. */
  isEnded = false;
  /** Whether another document stands in its place. */
  isReplaced = false;
  /** How often chunks came. */
  times = 0;
  /** @type {Map<number, number>} */
  ahead = new Map();
  /** @param {number} chunk @param {number} chunks a gap has several @returns {boolean} whether any of them is new */
  add(chunk, chunks) {
    this.times++;
    if (chunk + chunks <= this.next || this.ahead.has(chunk)) return false;
    if (chunk <= this.next) this.next = chunk + chunks;
    else this.ahead.set(chunk, chunks);
    for (let more; (more = this.ahead.get(this.next)) !== undefined;) {
      this.ahead.delete(this.next);
      this.next += more;
    }
    return true;
  }
}

/**
 * @param {{onChunk: (bytes: Uint8Array) => void, onStatus: (status: import('./types').Status) => void}} handlers
 */
export function createLink({ onChunk, onStatus }) {
  const { inspectedWindow, network } = chrome.devtools;
  const tabId = inspectedWindow.tabId;
  const panel = crypto.randomUUID();
  /** @type {Map<string, Received>} */
  const pages = new Map();
  /** What was handled and not acknowledged yet, by page. @type {Map<string, {chunks: number[], size: number, answer: (answer: import('./types').ToRelay) => void}>} */
  const unanswered = new Map();
  /** @type {import('./types').Status} */
  let status = { connection: 'connecting', origin: '', url: '', consent: '' };
  let patience = 0;
  /** Whether the present document is known to be off, and with it frames of other origins that have no mark of it. */
  let isPageOff = false;
  /** Number of the last question for a permission: an older one no longer waits. */
  let lastAsked = 0;
  /** Page id of the tab's document; empty where it is not recorded. */
  let top = '';

  /** @param {Partial<import('./types').Status>} change */
  function tell(change) {
    const next = { ...status, ...change };
    // What the browser was told of one site says nothing of another, nor of one that is recorded.
    if (next.origin !== status.origin || next.connection === 'recording') next.consent = '';
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    onStatus(status);
  }

  /**
   * Several chunks of a page get one answer, so that the page is not woken for each. What is handled and not acknowledged
   * yet when the way breaks comes again, and is known.
   * @param {any} message @param {(answer: import('./types').ToRelay) => void} answer
   */
  function acknowledge({ page, chunk, data }, answer) {
    let owed = unanswered.get(page);
    if (!owed) {
      unanswered.set(page, (owed = { chunks: [], size: 0, answer }));
      setTimeout(() => tellReceived(page), ANSWER_MS);
    }
    owed.answer = answer;
    owed.chunks.push(chunk);
    owed.size += data.length;
    if (owed.size > ANSWER_SIZE) tellReceived(page);
  }
  /** @param {string} page */
  function tellReceived(page) {
    const owed = unanswered.get(page);
    if (!owed) return;
    unanswered.delete(page);
    owed.answer({ type: 'ack', page, chunks: owed.chunks });
  }

  /** @param {any} message @param {(answer: import('./types').ToRelay) => void} answer */
  function receive(message, answer) {
    if (message?.type === 'chunk') {
      let received = pages.get(message.page);
      if (!received) pages.set(message.page, (received = new Received()));
      if (received.add(message.chunk, message.chunks)) onChunk(bytesFromBase64(message.data));
      acknowledge(message, answer);
    } else if (message?.type === 'hello') {
      const known = pages.get(message.page);
      if (known) known.isEnded = known.isReplaced = false;
      const isTop = message.frame === 'top';
      if (isTop) {
        if (message.page !== top) closePages(top = message.page);
        isPageOff = message.isOff;
      }
      if (isPageOff && (isTop || !message.isOff)) tellFrames({ type: 'rollscope:off', isLasting: false, isInnerOnly: true });
      // A frame inside can be of another origin, which is switched for itself: whether the page is recorded says its top.
      if (!isTop && (message.isOff || status.connection === 'notAllowed')) return;
      clearTimeout(patience);
      tell({ connection: message.isOff ? 'notAllowed' : 'recording', ...(isTop ? place(message.url) : {}) });
    } else if (message?.type === 'ended') {
      const received = pages.get(message.page);
      if (received) received.isEnded = true;
      // Frames of the next document may speak before it does.
      if (message.frame === 'top') isPageOff = false;
    } else if (message?.type === 'down') down();
  }

  /**
   * A new document is in the tab. Those before it are gone: one that did not hand over its last events, because its
   * process ended or the way was interrupted just then, gets a gap in their place. A frame of the new one may have been
   * heard before it: whoever is there is asked to say so.
   * @param {string} present page id of the new document
   */
  function closePages(present) {
    for (const [page, received] of pages) {
      if (page === present || received.isEnded || received.isReplaced) continue;
      received.isReplaced = true;
      closeWhenQuiet(page, received, 0);
    }
  }
  /** Time counts in looks: a panel that is held up finds what came meanwhile before it looks again. @param {string} page @param {Received} received @param {number} looks */
  function closeWhenQuiet(page, received, looks) {
    const { times } = received;
    setTimeout(() => {
      if (received.isEnded || !received.isReplaced) return;
      const quiet = received.times === times ? looks + 1 : 0;
      if (quiet === ASKING_LOOK) way.reconnect();
      if (quiet < LAST_LOOKS) { closeWhenQuiet(page, received, quiet); return; }
      received.isEnded = true;
      onChunk(openEnd(page, received.next));
    }, LOOK_MS);
  }

  /** @param {string} url */
  function place(url) {
    let origin = '';
    try { origin = new URL(url).origin; } catch { /* No address, no origin. */ }
    return { url, origin };
  }

  function down() {
    if (status.connection === 'recording') tell({ connection: 'connecting' });
    clearTimeout(patience);
    patience = setTimeout(explain, PATIENCE_MS);
  }

  /** An announcement can be missed while bg.js starts: asks all frames once more before giving up. */
  function lookAgain() {
    way.reconnect();
    patience = setTimeout(explain, PATIENCE_MS);
  }

  /** No relay answers: says whether the site is not allowed yet, or the page was loaded before we came. */
  async function explain() {
    const url = await inspectedUrl();
    const at = place(url);
    const pattern = patternOf(url);
    const isAllowed = LOOPBACK.test(at.origin) || (pattern !== '' && await askBackground('rollscope:isAllowed', { pattern }));
    if (status.connection === 'recording') return;
    tell({ ...at, connection: isAllowed ? 'detached' : 'notAllowed' });
  }

  /** @returns {Promise<string>} */
  function inspectedUrl() {
    return new Promise((resolve) => {
      const given = (/** @type {any} */ result) => resolve(Array.isArray(result) ? String(result[0] ?? '') : String(result ?? ''));
      try {
        const promise = inspectedWindow.eval('location.href', given);
        if (promise?.then) promise.then(given, () => resolve(''));
      } catch { resolve(''); }
    });
  }

  /** @type {{reconnect(): void}} */
  const way = chrome.tabs?.connect ? direct() : throughBackground();

  /** Chromium: the panel itself may connect to the tab. */
  function direct() {
    const link = linkFrames(
      tabId,
      (message, port) => receive(message, (answer) => { try { port.postMessage(answer); } catch { /* The page is gone. */ } }),
      (port) => port.postMessage({ type: 'resume', panel }),
      down,
    );
    return { reconnect: () => link.connect() };
  }

  /** Firefox: bg.js passes everything on. It is stopped now and then; the port then comes back. */
  function throughBackground() {
    /** @type {any} */
    let port = null;
    /** @param {any} message */
    function post(message) { try { port?.postMessage(message); } catch { /* `onDisconnect` follows. */ } }
    function connect() {
      const opened = chrome.runtime.connect({ name: `rollscope-panel:${tabId}` });
      port = opened;
      opened.onMessage.addListener((/** @type {any} */ message) => receive(message, post));
      opened.onDisconnect.addListener(() => { if (port === opened) { port = null; setTimeout(connect, RETRY_MS); } });
      post({ type: 'resume', panel });
    }
    connect();
    setInterval(() => post({ type: 'heartbeat' }), HEARTBEAT_MS);
    return { reconnect: () => post({ type: 'reconnect' }) };
  }

  network.onNavigated.addListener((/** @type {string} */ url) => {
    // The relay of the new page announces itself, often before we hear of the navigation.
    if ((status.connection === 'recording' || isPageOff) && status.url === url) return;
    if (place(url).origin !== status.origin) isPageOff = false;
    tell({ ...place(url), connection: 'connecting' });
    clearTimeout(patience);
    patience = setTimeout(lookAgain, PATIENCE_MS);
  });
  onStatus(status);
  down();

  return {
    /** Asks for the origin of the inspected page; to be called in a click. */
    requestOrigin() {
      const pattern = patternOf(status.url);
      if (!pattern) return;
      if (LOOPBACK.test(status.origin)) {
        isPageOff = false;
        // Inner frames have storage of their own; the page's own is cleared whether it has a relay or not.
        Promise.all([tellFrames({ type: 'rollscope:on' }), inPage(`localStorage.removeItem('rollscope.off')`)]).then(() => inspectedWindow.reload({}));
        return;
      }
      tell({ consent: 'asked' });
      if (chrome.permissions?.request) {
        chrome.permissions.request({ origins: [pattern] })
          .then((/** @type {boolean} */ given) => answered(pattern, given), () => answered(pattern, false));
      } else {
        // Once: asked again it would open a second window.
        chrome.runtime.sendMessage({ type: 'rollscope:ask', pattern }).catch(() => {}).then(() => waitForConsent(pattern));
      }
    },
    reloadPage() { inspectedWindow.reload({}); },
    /** Takes the hook out of the page at once, and out of the origin until the user asks for it again. */
    forgetOrigin() {
      const pattern = patternOf(status.url), isLasting = LOOPBACK.test(status.origin);
      isPageOff = true;
      tellFrames({ type: 'rollscope:off', isLasting });
      tell({ connection: 'notAllowed' });
      if (isLasting || !pattern) return;
      if (chrome.permissions?.remove) chrome.permissions.remove({ origins: [pattern] }).catch(() => {});
      else askBackground('rollscope:forget', { pattern });
    },
    /** Settings stand in the page's own storage, where the hook reads them at the start. @param {string} json */
    saveSettings(json) {
      const script = json ? `localStorage.setItem('rollscope.settings', ${JSON.stringify(json)})` : `localStorage.removeItem('rollscope.settings')`;
      inPage(script).then(() => inspectedWindow.reload({}));
    },
  };

  /** @param {import('./types').ToFrames} message @returns {Promise<boolean>} settles when all frames of the tab have heard it */
  function tellFrames(message) {
    return chrome.tabs?.sendMessage ? tellTab(tabId, message) : askBackground('rollscope:tell', { tabId, message });
  }

  /** Runs `script` in the page that the panel speaks of, and in no other that came meanwhile. @param {string} script an expression */
  function inPage(script) {
    const guarded = `(${JSON.stringify(status.origin)} || location.origin) === location.origin && (${script})`;
    return bounded(new Promise((resolve) => {
      const promise = inspectedWindow.eval(guarded, resolve);
      if (promise?.then) promise.then(resolve, resolve);
    }));
  }

  /** @param {string} pattern @param {boolean} isGiven */
  async function answered(pattern, isGiven) {
    if (!isGiven) { if (patternOf(status.url) === pattern) tell({ consent: 'refused' }); return; }
    await askBackground('rollscope:sync');
    inspectedWindow.reload({});
  }

  /** A window asks for us; when it is gone without a yes, that was a no. @param {string} pattern */
  async function waitForConsent(pattern) {
    const asked = ++lastAsked;
    let isSeen = false;
    for (let i = 0; asked === lastAsked && patternOf(status.url) === pattern; i++) {
      const isOpen = await askBackground('rollscope:isAsking', { pattern });
      if (await askBackground('rollscope:isAllowed', { pattern })) { await answered(pattern, true); return; }
      if (!isOpen && (isSeen || i >= CONSENT_LOOKS)) { await answered(pattern, false); return; }
      isSeen ||= isOpen;
      await new Promise((resolve) => setTimeout(resolve, CONSENT_LOOK_MS));
    }
  }
}

/** Match pattern of a page's site. Without the port: Firefox allows none there. @param {string} url */
function patternOf(url) {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? `${protocol}//${hostname}/*` : '';
  } catch { return ''; }
}

/** @param {string} data */
function bytesFromBase64(data) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  if (native) return native.call(Uint8Array, data);
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
