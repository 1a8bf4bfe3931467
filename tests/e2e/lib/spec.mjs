// What every spec needs: the browser and the programs that cargo xtask names, and a place to leave
// what helps to understand a failure.
// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "../drivers/common.mjs";
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
 * For `test`: longer than what `withBrowser` allows, so that it is there that a body ends which does not come to an end,
 * with a message, a picture and no browser left behind.
 */
export const LIMIT = { timeout: 1_200_000 };
const BODY_MS = 600_000;
/** How often a browser is started that does not come up; nothing of a test has begun by then. */
const STARTS = 3;

/** Starts a browser; under load one fails now and then before it can be asked anything. @param {"chromium" | "firefox" | string} name @param {import("../drivers/driver").LaunchOptions} options */
export async function launchBrowser(name, options) {
  const { launch } = await driverOf(name);
  for (let start = 1; ; start++) {
    try {
      return await launch(options);
    } catch (error) {
      if (start === STARTS) throw error;
      console.error(`start ${start} of ${STARTS}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

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
  const arena = await startArena({ program: arenaProgram, root: arenaRoot });
  let browser;
  let watched;
  try {
    browser = await launchBrowser(browserName, { extensionDir, downloadDir, ...options });
    await within(`what "${name}" does`, body({ browser, arenaUrl: arena.url, downloadDir, watch: (panel) => (watched = panel) }), BODY_MS);
  } catch (error) {
    if (watched && browser) {
      mkdirSync(join(root, "out/e2e"), { recursive: true });
      const picture = join(root, "out/e2e", `${name}-${browserName}.png`);
      await within("a picture of the failure", watched.screenshot(picture), 20_000).then(() => console.error(`picture of the failure: ${picture}`), () => {});
      console.error(await within("the text of the failure", watched.body(), 20_000).catch(() => "the panel does not answer"));
    }
    throw error;
  } finally {
    await browser?.close();
    await arena.stop();
    rmSync(downloadDir, { recursive: true, force: true });
  }
}
