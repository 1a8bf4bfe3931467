// The page: connects two of itself, presses keys, draws what comes.
import init, { Session } from "../rollscope_runtime.js";
import { io } from "/vendor/socket.io.esm.min.js";

const show = (id, text) => (document.getElementById(id).textContent = text);
const pressed = new Set();
addEventListener("keydown", (event) => pressed.add(event.key));
addEventListener("keyup", (event) => pressed.delete(event.key));

await init();
const options = {
  game_id: new URLSearchParams(location.search).get("room") ?? "dots",
  worker: "worker.js", timer: "../timer.js", INPUT_DELAY: 2, snapshotInterval: 5,
};
window.session = new Session(io, options, {
  localAction: () => (pressed.has("ArrowRight") ? 1 : pressed.has("ArrowLeft") ? 2 : 0),
  onRender({ dots, coin, points }) {
    const ring = Array.from({ length: 40 }, (_, place) => (place === coin ? "$" : "·"));
    dots.forEach((place, player) => (ring[place] = "ox"[player]));
    show("picture", `${ring.join("")}   ${points.join(" : ")}`);
  },
  onStatus: (status, reason) => show("status", reason ?? status),
});
