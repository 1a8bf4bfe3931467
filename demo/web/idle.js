// Traffic of no known kind: a worker that echoes, and a socket that chats with /echo.
// @ts-check
const counter = document.getElementById("count");
let heard = 0;

function hear() {
  heard += 1;
  if (counter) counter.textContent = String(heard);
}

const worker = new Worker("idle_worker.js");
worker.addEventListener("message", hear);

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new WebSocket(`${scheme}//${location.host}/echo`);
socket.addEventListener("message", hear);

let said = 0;
setInterval(() => {
  said += 1;
  worker.postMessage({ topic: "weather", number: said });
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ topic: "tea", cups: said }));
}, 250);
