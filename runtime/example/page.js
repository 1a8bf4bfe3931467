// The page: connects two of itself, presses keys, draws what comes.
import init, { Session } from "rollscope-runtime";
import { io } from "socket.io-client";

const show = (id, text) => (document.getElementById(id).textContent = text);
const pressed = new Set();
addEventListener("keydown", ({ key }) => pressed.add(key));
addEventListener("keyup", ({ key }) => pressed.delete(key));

await init();
const game_id = new URLSearchParams(location.search).get("room") ?? "dots";
const timer = "node_modules/rollscope-runtime/timer.js";
window.session = new Session(io, { game_id, worker: "worker.js", timer, INPUT_DELAY: 2 }, {
  localAction: () => (pressed.has("ArrowRight") ? 1 : pressed.has("ArrowLeft") ? 2 : 0),
  onRender({ dots, coin, points }) {
    const ring = Array.from({ length: 40 }, (_, place) => "ox"[dots.indexOf(place)] ?? (place === coin ? "$" : "·"));
    show("picture", `${ring.join("")}   ${points.join(" : ")}`);
  },
  onStatus: (status, reason) => show("status", reason ?? status),
  onPeer: (player, presence) => show("status", presence === "here" ? "playing" : `the other page is ${presence}`),
});
