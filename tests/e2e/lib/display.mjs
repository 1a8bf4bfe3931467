// A display of this machine's memory, for what a browser draws in windows of its own and no driver reaches: its questions.
// Its mouse and keys are pressed as a hand does it, whatever is below them.
// @ts-check
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { until } from "../drivers/common.mjs";

const PROGRAMS = ["/usr/bin/Xvfb", "/usr/bin/xdotool"];

/** Why no display can be had here; undefined where one can. */
export const noDisplay = () =>
  PROGRAMS.every((program) => existsSync(program)) ? undefined : `needs ${PROGRAMS.join(" and ")}: cargo xtask setup installs them where it may`;

/** Starts a display. Its number is a free one that the server chooses. @returns {Promise<import("../drivers/driver").Display>} */
export async function startDisplay() {
  const server = spawn(PROGRAMS[0], ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  let told = "", isGone = false;
  server.once("exit", () => { isGone = true; });
  server.stdio[3]?.on("data", (/** @type {Buffer} */ data) => { told += data; });
  try {
    await until("the display's number", () => { if (isGone) throw new Error("Xvfb ended"); return told.endsWith("\n"); });
  } catch (error) {
    server.kill();
    throw error;
  }
  const name = `:${told.trim()}`;
  const hand = (/** @type {(string | number)[]} */ ...args) =>
    execFileSync(PROGRAMS[1], args.map(String), { env: { ...process.env, DISPLAY: name }, encoding: "utf8", timeout: 30_000 }).trim();
  return {
    name,
    press: (x, y) => { hand("mousemove", Math.round(x), Math.round(y), "click", 1); },
    key: (name) => { hand("key", name); },
    stop: () => { server.kill(); },
  };
}
