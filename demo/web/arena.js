// Boots the arena's page: loads the module, mounts the game, and offers it as `window.arena`.
// Everything else happens in wasm (`demo/src/page`).
// @ts-check
import init, { mount } from "./rollscope_demo.js";
import { io } from "./vendor/socket.io.esm.min.js";

/** @param {string} id @param {string} text */
function say(id, text) {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

try {
  await init();
  const arena = mount(io);
  Object.assign(window, { arena });
} catch (error) {
  say("status", "failed");
  say("headline", "The arena could not start");
  say("details", String(error));
  document.getElementById("status")?.setAttribute("data-state", "failed");
  document.getElementById("notice")?.removeAttribute("hidden");
}
