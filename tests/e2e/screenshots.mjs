// Pictures of the panel: as an ordinary page on a capture file, and in the real DevTools, in both
// themes and the sizes that it must serve.
//
// Called by `cargo xtask screenshots` with one argument, the plan as JSON (xtask/src/screenshots.rs).
// @ts-check
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pause } from "./drivers/common.mjs";
import { startArena } from "./lib/arena.mjs";
import { pagePanel } from "./lib/page-panel.mjs";
import { driverOf, openSession, showView, stopSession, waitForPanel } from "./lib/session.mjs";

const SIZES = [[1280, 800], [1280, 320], [700, 320]];
const VIEWS = ["verdict", "timeline", "rollbacks", "report"];
const plan = JSON.parse(process.argv[2] ?? "{}");

mkdirSync(plan.out, { recursive: true });
const arena = await startArena({ program: plan.arena, root: plan.arenaRoot });
const served = join(plan.arenaRoot, "captures", "screenshots.rollscope");
mkdirSync(join(plan.arenaRoot, "captures"), { recursive: true });
copyFileSync(plan.capture, served);
const { launch } = await driverOf(plan.browser);
try {
  for (const theme of /** @type {const} */ (["light", "dark"])) {
    const browser = await launch({ extensionDir: plan.extension, theme });
    try {
      const page = await browser.openPage(`${arena.url}/panel/extension/panel.html?capture=/captures/screenshots.rollscope`);
      await page.setTheme(theme);
      await shoot(pagePanel(page), `page-${theme}`);
      const session = await openSession(browser, arena.url);
      await pause(plan.seconds * 1000);
      await session.panel.screenshot(join(plan.out, `docked-${theme}.png`), session.observed);
      await stopSession(session);
      await shoot(session.panel, `devtools-${theme}`);
    } finally {
      await browser.close();
    }
  }
} finally {
  rmSync(served, { force: true });
  await arena.stop();
}

async function shoot(panel, name) {
  await waitForPanel(panel);
  for (const view of VIEWS) {
    await showView(panel, view);
    for (const [width, height] of SIZES) {
      await panel.resizeDevTools(width, height);
      await pause(300);
      await panel.screenshot(join(plan.out, `${name}-${view}-${width}x${height}.png`));
    }
  }
}
