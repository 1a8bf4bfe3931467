// @ts-check
/**
 * The consent window of Firefox, where a DevTools panel cannot ask for a permission itself.
 *
 * Opened by bg.js with the match pattern in its address; the answer reaches bg.js as `permissions.onAdded`
 * and the panel as an answer to its next question. Must not know the inspected page.
 */
const pattern = new URLSearchParams(location.search).get('pattern') ?? '';
const label = document.getElementById('pattern');
if (label) label.textContent = pattern;
document.getElementById('allow')?.addEventListener('click', async () => {
  await chrome.permissions.request({ origins: [pattern] }).catch(() => false);
  window.close();
});
