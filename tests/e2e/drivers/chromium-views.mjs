// Chromium's own windows: the question for a permission, found by the protocol that the browser offers to those who work on it
// (`--enable-ui-devtools`), and pressed with the mouse of a display. The only file that knows that protocol.
// @ts-check
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NodeWebSocketTransport } from "puppeteer-core/internal/node/NodeWebSocketTransport.js";
import { until, within } from "./common.mjs";

/** Makes Chromium offer the protocol, on a free port that it writes into its profile. */
export const VIEWS_FLAG = "--enable-ui-devtools=0";
const QUESTION = "ExtensionInstallDialogView";
/** The button of an extension in the browser's bar. */
const EXTENSION_BUTTON = "ToolbarActionView";

/** Presses the extension's button, as a user does, which opens its popup. @param {string} profilePath @param {import("./driver").Display} display */
export async function pressExtensionButton(profilePath, display) {
  /** @type {{x: number, y: number} | undefined} */
  let last;
  // A second press would close the popup: what stands in the bar must have come to rest before the one.
  const place = await until("the extension's button", async () => {
    const before = last;
    last = await placeOf(profilePath, "BrowserWidget", EXTENSION_BUTTON);
    return last && last.x === before?.x && last.y === before?.y ? last : undefined;
  }, { interval: 200 });
  display.press(place.x, place.y);
}

/** The question takes no press for half a second after it came up, nor for as long after any other press. */
const PRESS_INTERVAL_MS = 1_500;

/**
 * Presses a button of the question for a permission, when it is asked, until the question is gone.
 * @param {string} profilePath @param {import("./driver").Display} display @param {"allow" | "deny"} answer
 */
export async function answerQuestion(profilePath, display, answer) {
  const name = answer === "allow" ? "Allow" : "Deny";
  await until("Chromium's question for the permission", () => placeOf(profilePath, QUESTION, "MdTextButton", name), { interval: 200 });
  await until("Chromium's question to be answered", async () => {
    const place = await placeOf(profilePath, QUESTION, "MdTextButton", name);
    if (place) display.press(place.x, place.y);
    return !place;
  }, { interval: PRESS_INTERVAL_MS });
}

/**
 * The middle of something in one of the browser's windows, on the screen; undefined while it is not there.
 * @param {string} profilePath @param {string} widget the window or what stands in it @param {string} type of the thing
 * @param {string} [text] what stands on it
 */
async function placeOf(profilePath, widget, type, text) {
  const port = Number(readFileSync(join(profilePath, "UIDevToolsActivePort"), "utf8"));
  const transport = await NodeWebSocketTransport.create(`ws://127.0.0.1:${port}/0`);
  try {
    let last = 0;
    /** @type {Map<number, (result: any) => void>} */
    const waiting = new Map();
    transport.onmessage = (/** @type {string} */ text) => { const { id, result } = JSON.parse(text); waiting.get(id)?.(result); };
    const ask = (/** @type {string} */ method, params = {}) => within(`Chromium's answer to ${method}`, new Promise((resolve) => {
      waiting.set(++last, resolve);
      transport.send(JSON.stringify({ id: last, method, params }));
    }), 20_000);
    /** What is known of a node: its place in the one around it, its size, its text. @param {any} node */
    const facts = async ({ nodeId }) => {
      const styles = await ask("CSS.getMatchedStylesForNode", { nodeId });
      const all = (styles?.matchedCSSRules ?? []).flatMap((/** @type {any} */ { rule }) => rule.style.cssProperties);
      return Object.fromEntries(all.map((/** @type {any} */ { name, value }) => [name.toLowerCase(), value]));
    };
    const { root } = await ask("DOM.getDocument");
    const window = find(root, (node) => node.nodeName === "Widget" && named(node, widget));
    for (const path of window ? pathsTo(window, type) : []) {
      const found = await facts(path[path.length - 1]);
      if (text !== undefined && found.text !== text) continue;
      let x = Number(found.width) / 2, y = Number(found.height) / 2;
      for (const node of path) {
        const place = await facts(node);
        x += Number(place.x ?? 0);
        y += Number(place.y ?? 0);
      }
      return { x, y };
    }
    return undefined;
  } finally {
    transport.close();
  }
}

const named = (/** @type {any} */ node, /** @type {string} */ name) => (node.attributes ?? []).includes(name);

/** @param {any} node @param {(node: any) => boolean} fits @returns {any} */
function find(node, fits) {
  if (fits(node)) return node;
  for (const child of node.children ?? []) {
    const found = find(child, fits);
    if (found) return found;
  }
  return undefined;
}

/** From `node` to everything of this class below it. @param {any} node @param {string} name @returns {any[][]} */
function pathsTo(node, name) {
  if (named(node, name)) return [[node]];
  return (node.children ?? []).flatMap((/** @type {any} */ child) => pathsTo(child, name).map((path) => [node, ...path]));
}
