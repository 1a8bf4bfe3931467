// Firefox's own question for a permission, and the extension's window that leads to it, pressed with the mouse of a display.
// @ts-check
import { until } from "./common.mjs";

/** The middle of the button, on the screen; null while the question is not open. */
const PLACE_OF_ANSWER = `async (answer) => {
  for (const window of Services.wm.getEnumerator("navigator:browser")) {
    const { panel } = window.PopupNotifications ?? {};
    if (panel?.state !== "open") continue;
    const question = panel.querySelector("popupnotification");
    const button = answer === "allow" ? question?.button : question?.secondaryButton;
    if (!button) continue;
    const { left, top, width, height } = button.getBoundingClientRect();
    return { x: window.mozInnerScreenX + left + width / 2, y: window.mozInnerScreenY + top + height / 2 };
  }
  return null;
}`;
const PLACE_OF_ALLOW = `() => {
  const { left, top, width, height } = document.getElementById("allow").getBoundingClientRect();
  return { x: mozInnerScreenX + left + width / 2, y: mozInnerScreenY + top + height / 2 };
}`;

/**
 * Presses *Allow this site* in the extension's window until the browser asks.
 * @param {(source: string, ...args: any[]) => Promise<any>} inChrome @param {(source: string) => Promise<any>} inWindow
 * @param {import("./driver").Display} display
 */
export async function pressConsent(inChrome, inWindow, display) {
  await until("Firefox's question for the permission", async () => {
    if (await inChrome(PLACE_OF_ANSWER, "allow")) return true;
    const { x, y } = await inWindow(PLACE_OF_ALLOW);
    display.press(x, y);
    return false;
  }, { interval: 500 });
}

/**
 * Presses an answer of the browser's question, when it is asked, until the question is gone: for half a second it takes no press, and a
 * press in that time must not prolong it.
 * @param {(source: string, ...args: any[]) => Promise<any>} inChrome @param {import("./driver").Display} display
 * @param {"allow" | "deny"} answer
 */
export async function answerQuestion(inChrome, display, answer) {
  const question = () => inChrome(PLACE_OF_ANSWER, answer);
  await until("Firefox's question for the permission", question, { interval: 200 });
  await until("Firefox's question to be answered", async () => {
    const place = await question();
    if (place) display.press(place.x, place.y);
    return !place;
  }, { interval: 1_500 });
}
