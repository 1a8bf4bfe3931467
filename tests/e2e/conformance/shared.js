// The shared worker of the conformance pages: sends everything back.
addEventListener("connect", ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(data); });
