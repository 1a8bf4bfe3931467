// Files that the arena serves to the panel as an ordinary page, for as long as a spec runs.
// @ts-check
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arenaRoot } from "./spec.mjs";

/**
 * Puts a file where the arena serves it, for as long as `body` runs, which gets its address.
 * @param {string} name @param {string | Buffer} bytes @param {(address: string) => Promise<void>} body
 */
export async function withServedFile(name, bytes, body) {
  const folder = join(arenaRoot, "captures");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${process.pid}-${name}`);
  writeFileSync(path, bytes);
  try {
    await body(`/captures/${process.pid}-${name}`);
  } finally {
    rmSync(path, { force: true });
  }
}
