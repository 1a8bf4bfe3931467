// @ts-check
/**
 * The popup of the extension's button: says whether the page of the tab is recorded, and switches it.
 *
 * Asks the relay of the page and the browser's permissions. Must not know the panel, which does the same from DevTools.
 */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
const url = tab?.url ? new URL(tab.url) : null;
const isPage = url?.protocol === 'http:' || url?.protocol === 'https:';
const pattern = isPage ? `${url.protocol}//${url.hostname}/*` : '';
const isLoopback = isPage && LOOPBACK.test(url.hostname);

async function isRecorded() {
  if (!isLoopback && !(await chrome.permissions.contains({ origins: [pattern] }))) return false;
  const state = await chrome.tabs.sendMessage(tab.id, { type: 'rollscope:state' }).catch(() => null);
  return state !== null && !state.isOff;
}

async function show() {
  const state = document.getElementById('state'), text = document.getElementById('text');
  const button = /** @type {HTMLButtonElement | null} */ (document.getElementById('switch'));
  if (!state || !text || !button) return;
  if (!isPage) { text.textContent = 'There is nothing to record in this tab.'; return; }
  const isRecording = await isRecorded();
  state.classList.toggle('recording', isRecording);
  text.textContent = isRecording ? `Recording ${url.origin}` : `Not recording ${url.origin}`;
  button.textContent = isRecording ? 'Stop recording on this site' : 'Record on this site';
  button.hidden = false;
  button.onclick = () => (isRecording ? stop() : start());
}

async function stop() {
  await chrome.tabs.sendMessage(tab.id, { type: 'rollscope:off', isLasting: isLoopback }).catch(() => {});
  if (!isLoopback) await chrome.permissions.remove({ origins: [pattern] });
  await show();
}

/** The question for the permission must come first: browsers answer it only in the click itself. */
async function start() {
  if (!isLoopback && !(await chrome.permissions.request({ origins: [pattern] }))) return;
  await chrome.tabs.sendMessage(tab.id, { type: 'rollscope:on' }).catch(() => {});
  await chrome.runtime.sendMessage({ type: 'rollscope:sync' }).catch(() => {});
  await chrome.tabs.reload(tab.id);
  window.close();
}

await show();
