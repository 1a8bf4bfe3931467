// A small web server for pages that a spec writes itself: on this machine, on a free port.
// @ts-check
import { createServer } from "node:http";

/**
 * @typedef {{body: string, type?: string, headers?: Record<string, string>}} Resource
 */

/**
 * Serves `resources` by path; a path that is not there is a 404. The same site stands under two names, so that frames
 * of one can be of another origin than their page.
 * @param {Record<string, string | Resource>} resources a text is a page
 */
export async function startSite(resources) {
  /** Paths that were asked for, there or not. @type {Set<string>} */
  const asked = new Set();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.add(pathname);
    const found = resources[pathname];
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { body, type, headers } = typeof found === "string" ? { body: found, type: undefined, headers: {} } : found;
    response.writeHead(200, { "content-type": `${type ?? "text/html"}; charset=utf-8`, ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port,
    asked,
    url: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export const script = (/** @type {string} */ body) => ({ body, type: "text/javascript" });
