// The arena's server as a process, and the addresses of its pages.
// @ts-check
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { within } from "../drivers/common.mjs";

/** So long a page of a test may take to answer the server: a busy machine lets some wait for longer than a user's page would. */
const PING_TIMEOUT_MS = 60_000;

/**
 * Starts the server and waits for the line in which it says where it listens.
 * @param {{program: string, root: string, port?: number}} options
 */
export async function startArena({ program, root, port = 0 }) {
  for (const [path, what] of [[program, "the arena's server"], [root, "the arena's files"]]) {
    if (!path || !existsSync(path)) throw new Error(`${what} is missing at ${path}: run this through cargo xtask`);
  }
  const server = spawn(program, ["--port", String(port), "--root", root, "--ping-timeout-ms", String(PING_TIMEOUT_MS)], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await within(
    "starting the arena's server",
    new Promise((resolve, reject) => {
      createInterface({ input: server.stdout }).on("line", (line) => {
        const said = line.match(/^listening on (http:\/\/\S+)/);
        if (said) resolve(said[1].replace(/\/$/, ""));
      });
      server.once("error", reject);
      server.once("exit", (code) => reject(new Error(`the arena's server ended with code ${code}`)));
    }),
  ).catch((error) => { server.kill("SIGKILL"); throw error; });
  return {
    url,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await within("stopping the arena's server", ended, 5_000).catch(() => server.kill("SIGKILL"));
    },
  };
}

/**
 * The address of a peer's page.
 * @param {string} url of the server
 * @param {{room: string, bot?: number, latencyMs?: number, jitterMs?: number, loss?: number, inputDelay?: number,
 *   fault?: string, from?: number | string}} peer
 */
export function peerAddress(url, { room, bot, latencyMs = 80, jitterMs = 30, loss = 0.05, inputDelay = 2, fault, from }) {
  const query = new URLSearchParams({ room });
  if (bot !== undefined) query.set("bot", String(bot));
  query.set("latency_ms", String(latencyMs));
  query.set("jitter_ms", String(jitterMs));
  query.set("loss", String(loss));
  query.set("input_delay", String(inputDelay));
  if (fault) query.set("fault", fault);
  if (fault && from !== undefined) query.set("from", String(from));
  return `${url}/?${query}`;
}

/** A room that no other run uses. */
export const freshRoom = () => `e2e-${Math.random().toString(36).slice(2, 10)}`;
