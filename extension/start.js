// @ts-check
/**
 * Start of the hook in a page of the extension: last of the files of the MAIN world (see builtins.js). Takes the shared
 * parts off the global object before any page script runs, and installs the hook; settings come later, by the relay.
 */
(() => {
  'use strict';
  /** @type {any} */
  const page = globalThis;
  const PARTS = Symbol.for('rollscope.parts');
  const parts = page[PARTS];
  if (!parts) return;
  delete page[PARTS];
  parts.installHook();
})();
