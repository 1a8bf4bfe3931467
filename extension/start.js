// @ts-check
/**
 * Start of the hook in a page of the extension: last of the files of the MAIN world (see builtins.js). Takes the shared
 * parts off the global object before any page script runs, and installs the hook.
 *
 * Settings are the user's: a JSON text under `rollscope.settings` in the local storage of the page's origin, which
 * DevTools can edit (docs/standalone.md). They apply from the first message on. Text that is none is ignored.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const PARTS = Symbol.for('rollscope.parts');
  const parts = page[PARTS];
  if (!parts) return;
  delete page[PARTS];
  let settings = {};
  try {
    // The user switched recording off for this origin (relay.js).
    if (page.localStorage.getItem('rollscope.off')) return;
    const text = page.localStorage.getItem('rollscope.settings');
    if (text) settings = JSON.parse(text);
  } catch { /* No storage in this frame, or no settings. */ }
  parts.installHook(settings);
})();
