// A picture of Chromium's DevTools with the inspected page above them, as a window shows both.
// @ts-check
import { pause } from "./common.mjs";

/**
 * Headless Chromium draws the inspected page and the docked front end apart, and leaves the page's
 * place empty: put a picture of the page there, cut to that place, as a window shows it.
 */
export async function layPageUnder(front, page) {
  const box = await front.evaluate(PAGE_PLACE);
  if (!box) return;
  const inspected = page.playwrightPage;
  const before = inspected.viewportSize();
  await inspected.setViewportSize({ width: box.width, height: box.height });
  await pause(1200); // DevTools writes the new size over the page for a second.
  const picture = (await inspected.screenshot()).toString("base64");
  if (before) await inspected.setViewportSize(before);
  await front.evaluate(`(${LAY_PICTURE})(${JSON.stringify({ box, picture })})`);
  return () => front.evaluate(`document.getElementById("rollscope-page-picture")?.remove()`);
}

const PAGE_PLACE = `(async () => {
  const UI = await import("devtools://devtools/bundled/ui/legacy/legacy.js");
  const { top } = UI.InspectorView.InspectorView.instance().element.getBoundingClientRect();
  return top > 60 ? { left: 0, top: 0, width: innerWidth, height: Math.floor(top) } : null;
})()`;
const LAY_PICTURE = `async ({ box, picture }) => {
  // A canvas and not an image: the front end's content policy lets no address of ours in.
  const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = document.createElement("canvas");
  canvas.id = "rollscope-page-picture";
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  Object.assign(canvas.style, {
    position: "fixed", zIndex: "1000", pointerEvents: "none",
    left: box.left + "px", top: box.top + "px", width: box.width + "px", height: box.height + "px",
  });
  document.body.append(canvas);
}`;
