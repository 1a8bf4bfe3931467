// The panel opened as an ordinary page, with the same handle as the panel in DevTools.
// @ts-check
import { IN_PANEL, until } from "../drivers/common.mjs";

/** @param {import("../drivers/driver").Page} page @returns {import("../drivers/driver").Panel} */
export function pagePanel(page) {
  return {
    evaluate: page.evaluate,
    text: (selector) => page.evaluate(IN_PANEL.text, selector),
    attribute: (selector, name) => page.evaluate(IN_PANEL.attribute, selector, name),
    count: (selector) => page.evaluate(IN_PANEL.count, selector),
    rows: (selector, names) => page.evaluate(IN_PANEL.rows, selector, names),
    body: () => page.evaluate(IN_PANEL.body),
    click: async (selector, timeout) => {
      await until(`an element ${selector} that can be pressed`, () => page.evaluate(IN_PANEL.click, selector), { timeout, detail: () => page.evaluate(IN_PANEL.body) });
    },
    press: page.press,
    screenshot: (path) => page.screenshot(path),
    setTheme: page.setTheme,
    resizeDevTools: page.setViewport,
  };
}
