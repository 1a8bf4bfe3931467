// What both drivers share: where the browsers are, how a wait ends, how downloads are noticed.
// Knows nothing of a browser's private driving interface (that is chromium.mjs, firefox.mjs).
// @ts-check
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's places for each browser, and the variable that overrides them. */
const BROWSERS = {
  chromium: {
    variable: "ROLLSCOPE_CHROMIUM",
    debianPackage: "chromium",
    places: ["/usr/bin/chromium", "/usr/bin/chromium-browser"],
  },
  firefox: {
    variable: "ROLLSCOPE_FIREFOX",
    debianPackage: "firefox-esr",
    places: ["/usr/bin/firefox-esr", "/usr/lib/firefox-esr/firefox-esr", "/usr/bin/firefox"],
  },
};

/**
 * Path of the executable of `name` ("chromium" or "firefox").
 * @param {"chromium" | "firefox"} name
 * @returns {string}
 */
export function findBrowser(name) {
  const { variable, debianPackage, places } = BROWSERS[name];
  const chosen = process.env[variable];
  for (const place of chosen ? [chosen] : places) {
    if (!existsSync(place)) continue;
    accessSync(place, constants.X_OK);
    return place;
  }
  throw new Error(
    chosen
      ? `${variable} names ${chosen}, which does not exist: point it at the browser's executable`
      : `${name} was not found: install it (apt-get install ${debianPackage}) or set ${variable}`,
  );
}

/** A new directory for a browser profile; `remove()` deletes it. */
export function temporaryProfile(/** @type {string} */ name) {
  const path = mkdtempSync(join(tmpdir(), `rollscope-${name}-`));
  return {
    path,
    remove() {
      // A browser may still be writing its last file: a leftover in /tmp is no failure of a test.
      try {
        rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      } catch {}
    },
  };
}

export const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long a wait lasts at most, in ms: what takes 5 s on an idle machine may take a minute on a busy one. */
export const PATIENCE = 120_000;

/**
 * Polls `probe` until it returns something truthy, and returns that. A probe that does not answer ends the wait, too.
 * @template T
 * @param {string} what what is awaited, for the message of the failure
 * @param {() => Promise<T> | T} probe
 * @param {{timeout?: number, interval?: number, detail?: () => Promise<unknown> | unknown}} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, probe, { timeout = PATIENCE, interval = 50, detail } = {}) {
  const end = Date.now() + timeout;
  let lastError;
  for (;;) {
    try {
      const value = await within("the last look", Promise.resolve(probe()), Math.max(end - Date.now(), 5_000));
      if (value) return /** @type {NonNullable<T>} */ (value);
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > end) break;
    await pause(interval);
  }
  const look = async () => JSON.stringify(await within("a look at what is there", Promise.resolve(detail?.()), 15_000));
  const seen = detail ? `; seen instead: ${await look().catch((error) => `nothing, ${firstLine(error)}`)}` : "";
  const cause = lastError ? `; last error: ${firstLine(lastError)}` : "";
  throw new Error(`waited ${timeout / 1000} s in vain for ${what}${seen}${cause}`);
}

export const firstLine = (/** @type {unknown} */ error) =>
  String(error instanceof Error ? error.message : error).split("\n")[0];

/** Rejects with a message that names `what` when `promise` takes longer than `timeout` ms. */
export async function within(/** @type {string} */ what, /** @type {Promise<any>} */ promise, timeout = PATIENCE) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeout / 1000} s`)), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs `action` and returns the path of the file that it makes appear in `directory`: complete,
 * that is, no part file beside it and the same non-zero size twice.
 * @param {string} directory
 * @param {() => Promise<unknown>} action
 * @param {{timeout?: number}} [options]
 */
export async function downloadedBy(directory, action, { timeout = PATIENCE } = {}) {
  const listed = () => readdirSync(directory);
  const before = new Set(listed());
  await action();
  let lastSize = -1;
  return until(
    `a download in ${directory}`,
    () => {
      const fresh = listed().filter((name) => !before.has(name) && !name.startsWith("."));
      if (fresh.length === 0 || fresh.some((name) => /\.(part|crdownload)$/.test(name))) return undefined;
      const path = join(directory, fresh[0]);
      const { size } = statSync(path);
      const settled = size > 0 && size === lastSize;
      lastSize = size;
      return settled ? path : undefined;
    },
    { timeout, interval: 100, detail: listed },
  );
}

/** Source of functions that run inside the panel's document; both drivers use the same ones. */
export const IN_PANEL = {
  text: "(s) => document.querySelector(s)?.textContent ?? null",
  attribute: "(s, name) => document.querySelector(s)?.getAttribute(name) ?? null",
  count: "(s) => document.querySelectorAll(s).length",
  rows: "(s, names) => [...document.querySelectorAll(s)].map((row) => names.map((n) => row.getAttribute(n)))",
  // Presses what a user could press in this moment; false where nothing is there, or it is disabled or not shown.
  click:
    "(s) => { const e = document.querySelector(s); if (!e || e.disabled || e.getClientRects().length === 0) return false; e.click(); return true; }",
  body: "() => document.body?.innerText?.slice(0, 600) ?? ''",
};
