// @ts-check
/**
 * Frames: one port to the relay of every frame of a tab.
 *
 * Used by panel.js in Chromium and by bg.js in Firefox, the only contexts that may call `tabs.connect`
 * there. Messages of the relays go to `onMessage` with the port that an answer must take. Must not know
 * what the messages hold, beyond the name of a frame's announcement.
 */

/**
 * @param {number} tabId
 * @param {(message: any, port: any) => void} onMessage
 * @param {(port: any) => void} onPort a port was opened; the frame behind it waits to be spoken to
 * @param {() => void} onDown the last port went away
 */
export function linkFrames(tabId, onMessage, onPort, onDown) {
  const ports = new Set();
  let isClosed = false;

  /** @param {number} [frameId] all frames of the tab if absent */
  function connect(frameId) {
    if (isClosed) return;
    let port;
    try {
      port = chrome.tabs.connect(tabId, frameId === undefined ? { name: 'rollscope' } : { name: 'rollscope', frameId });
    } catch { onDown(); return; }
    ports.add(port);
    port.onMessage.addListener((/** @type {any} */ message) => onMessage(message, port));
    port.onDisconnect.addListener(() => {
      // Reading the error marks it as seen: a tab without a relay is an ordinary case.
      void chrome.runtime.lastError;
      ports.delete(port);
      if (!isClosed && ports.size === 0) onDown();
    });
    onPort(port);
  }

  /** @param {any} message @param {any} sender */
  function announced(message, sender) {
    if (message?.type === 'rollscope:frame' && sender.tab?.id === tabId) connect(sender.frameId);
  }
  chrome.runtime.onMessage.addListener(announced);
  connect();

  return {
    connect,
    /** @param {any} message */
    postAll(message) { for (const port of ports) try { port.postMessage(message); } catch { ports.delete(port); } },
    close() {
      isClosed = true;
      chrome.runtime.onMessage.removeListener(announced);
      for (const port of ports) try { port.disconnect(); } catch { /* It was gone already. */ }
      ports.clear();
    },
  };
}
