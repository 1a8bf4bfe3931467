// A door to a server that comes and goes: one address on this machine, on a free port, that leads to it or to nobody.
// @ts-check
import { connect, createServer } from "node:net";

/** Listens at once, and leads to nobody at first: who comes then is turned away. */
export async function startDoor() {
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  /** @type {number | null} */
  let port = null;
  const server = createServer((client) => {
    if (port === null) { client.destroy(); return; }
    const inside = connect(port, "127.0.0.1");
    for (const [one, other] of [[client, inside], [inside, client]]) {
      open.add(one);
      one.on("error", () => other.destroy()).on("close", () => { open.delete(one); other.end(); });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const turnOut = () => { for (const one of open) one.destroy(); };
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** @param {string | null} url of the server behind it, from now on; whoever is inside is turned out */
    leadTo(url) {
      port = url === null ? null : Number(new URL(url).port);
      turnOut();
    },
    stop() {
      server.close();
      turnOut();
    },
  };
}
