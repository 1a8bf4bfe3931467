// A TURN server on loopback, a process of its own: prints its port as one line, then runs until it is ended. The lives of
// its allocations would keep a spec's process waiting for minutes.
// @ts-check
import TurnServer from "node-turn";

const [username, credential] = process.argv.slice(2);
const server = new TurnServer({
  listeningIps: ["127.0.0.1"],
  relayIps: ["127.0.0.1"],
  authMech: "long-term",
  realm: "rollscope.test",
  credentials: { [username]: credential },
});
// The options know no free port (0 is taken for none); the socket does.
server.network.listeningPort = 0;
server.start();
const [socket] = server.network.sockets;
socket.once("listening", () => console.log(`listening on ${socket.address().port}`));
