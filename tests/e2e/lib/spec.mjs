// What every spec needs: the browser and the programs that cargo xtask names, and a place to leave
// what helps to understand a failure.
// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startArena } from "./arena.mjs";
import { driverOf } from "./session.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const dist = process.env.ROLLSCOPE_DIST ?? join(root, "dist");

export const browserName = process.env.ROLLSCOPE_BROWSER ?? "chromium";
export const arenaRoot = join(dist, "arena");
export const extensionDir = join(dist, "rollscope");
export const hookScript = join(dist, "rollscope-hook.js");
export const arenaProgram = process.env.ROLLSCOPE_ARENA ?? join(root, "target/debug/arena");
export const commandProgram = process.env.ROLLSCOPE_COMMAND ?? join(root, "target/debug/rollscope");

/**
 * Starts the arena and a browser with the extension, runs `body`, and ends both whatever happens.
 * A failure leaves a picture of DevTools and the panel's text in out/e2e/.
 * @param {string} name of the spec, for the picture
 * @param {(setting: {browser: import("../drivers/driver").Browser, arenaUrl: string, downloadDir: string,
 *   watch: (panel: import("../drivers/driver").Panel) => void}) => Promise<void>} body
 * @param {import("../drivers/driver").LaunchOptions} [options] for the browser
 */
export async function withBrowser(name, body, options = {}) {
  const downloadDir = mkdtempSync(join(tmpdir(), "rollscope-downloads-"));
  const { launch } = await driverOf(browserName);
  const arena = await startArena({ program: arenaProgram, root: arenaRoot });
  let browser;
  let watched;
  try {
    browser = await launch({ extensionDir, downloadDir, ...options });
    await body({ browser, arenaUrl: arena.url, downloadDir, watch: (panel) => (watched = panel) });
  } catch (error) {
    if (watched) {
      mkdirSync(join(root, "out/e2e"), { recursive: true });
      const picture = join(root, "out/e2e", `${name}-${browserName}.png`);
      await watched.screenshot(picture).then(() => console.error(`picture of the failure: ${picture}`), () => {});
      console.error(await watched.body().catch(() => "the panel does not answer"));
    }
    throw error;
  } finally {
    await browser?.close();
    await arena.stop();
    rmSync(downloadDir, { recursive: true, force: true });
  }
}
