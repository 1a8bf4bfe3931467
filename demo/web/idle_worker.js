// Sends everything back; for idle.html.
// @ts-check
addEventListener("message", (event) => postMessage(event.data));
