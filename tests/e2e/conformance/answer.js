// The worker of the conformance pages: sends everything back, and does what single words ask for.
const isModule = this === undefined;
addEventListener("message", ({ data, ports }) => {
  if (data === "throw") throw new RangeError("on request");
  if (data === "port") ports[0].postMessage("through the port");
  else if (data === "name") postMessage(`${self.name} ${isModule ? "module" : "classic"}`);
  else postMessage(data);
});
