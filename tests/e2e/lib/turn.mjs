// A real TURN server for one spec, with one user.
// @ts-check
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "../drivers/common.mjs";

const PROGRAM = fileURLToPath(new URL("turn-server.mjs", import.meta.url));
const [USER, PASSWORD] = ["player", "for-this-run-only"];

/**
 * Starts the server on a free port. `address` is what the arena's parameter `turn` takes; with a wrong password in it
 * nobody is served.
 */
export async function startTurn() {
  const server = spawn(process.execPath, [PROGRAM, USER, PASSWORD], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await within(
    "starting the TURN server",
    new Promise((resolve, reject) => {
      createInterface({ input: server.stdout }).on("line", (line) => {
        const said = line.match(/^listening on (\d+)$/);
        if (said) resolve(said[1]);
      });
      server.once("error", reject);
      server.once("exit", (code) => reject(new Error(`the TURN server ended with code ${code}`)));
    }),
  ).catch((error) => { server.kill("SIGKILL"); throw error; });
  const address = (/** @type {string} */ password) => `${USER}:${password}@127.0.0.1:${port}?transport=udp`;
  return {
    address: address(PASSWORD),
    wrongAddress: address(`${PASSWORD}-not`),
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await within("stopping the TURN server", ended, 5_000).catch(() => server.kill("SIGKILL"));
    },
  };
}
