// @ts-check
/**
 * The DevTools page: adds the panel, and nothing else.
 *
 * Firefox reads the paths relative to this page unless they begin with a slash; Chromium always starts at
 * the root of the extension and takes the slash too. Must not know what the panel does.
 */
chrome.devtools.panels.create('Rollscope', '/extension/icons/rollscope-32.png', '/extension/panel.html', () => {});
