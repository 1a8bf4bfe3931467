// Chromium's DevTools, driven headless or on a display: the only file that knows how.
//
// The pages are driven by Playwright in a persistent context with the system's Chromium. The
// DevTools front end is opened with the protocol's `Target.openDevTools` and seen over a second
// connection, on which it is an ordinary page whose address begins with `devtools://`; inside it
// the front end's own modules show the panel. None of this is a supported interface: when a
// Chromium version breaks it, this file is the one to mend.
// @ts-check
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { layPageUnder } from "./chromium-picture.mjs";
import { answerQuestion, pressExtensionButton, VIEWS_FLAG } from "./chromium-views.mjs";
import { findBrowser, firstLine, IN_PANEL, PATIENCE, pause, temporaryProfile, until, within } from "./common.mjs";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Two peers play in one browser: the one in the background must keep its pace.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-features=CalculateNativeWinOcclusion,IntensiveWakeUpThrottling,WebRtcHideLocalIpsWithMdns",
  "--remote-debugging-port=0",
];

/**
 * @param {import("./driver").LaunchOptions} options
 * @returns {Promise<import("./driver").Browser>}
 */
export async function launch({
  extensionDir,
  display,
  headless = !display,
  downloadDir,
  width = 1280,
  height = 800,
  theme = "light",
  dock = "bottom",
  loopbackNames = [],
  initScript,
}) {
  const profile = temporaryProfile("chromium");
  writePreferences(profile.path, theme, dock, extensionDir);
  const args = [...FLAGS, `--window-size=${width},${height}`];
  if (display) args.push(VIEWS_FLAG);
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  if (extensionDir) args.push(`--load-extension=${extensionDir}`, `--disable-extensions-except=${extensionDir}`);
  // Chromium from its stable branch ignores --load-extension unless this feature is off.
  if (extensionDir) args.push("--disable-features=DisableLoadExtensionCommandLineSwitch");
  const rules = loopbackNames.map((name) => `MAP ${name} 127.0.0.1`);
  if (rules.length > 0) args.push(`--host-resolver-rules=${rules.join(",")}`);
  let context, endpoint;
  try {
    context = await chromium.launchPersistentContext(profile.path, {
      executablePath: findBrowser("chromium"),
      headless: false,
      args: [...mergeFeatures(args), ...(headless ? ["--headless=new"] : [])],
      ignoreDefaultArgs: ["--disable-extensions", "--disable-back-forward-cache"],
      viewport: headless ? { width, height } : null,
      acceptDownloads: true,
      env: { ...process.env, ...(display && { DISPLAY: display.name }) },
      colorScheme: theme,
      timeout: PATIENCE,
    });
    context.setDefaultTimeout(PATIENCE);
    if (initScript) await context.addInitScript({ content: initScript });
    endpoint = await debuggingEndpoint(profile.path);
  } catch (error) {
    await within("closing Chromium", Promise.resolve(context?.close()), 15_000).catch(() => {});
    profile.remove();
    throw new Error(`Chromium did not start: ${firstLine(error)}; ROLLSCOPE_CHROMIUM may name another one`);
  }
  const closed = new Promise((resolve) => context.once("close", () => resolve(undefined)));
  let firstTab = context.pages()[0];

  /** @type {import("playwright-core").Browser | undefined} */
  let remote;
  const connections = new Set();
  /** @type {import("playwright-core").CDPSession | undefined} */
  let profiler;
  async function connect() {
    const next = await chromium.connectOverCDP(endpoint, { timeout: PATIENCE });
    connections.add(next);
    if (downloadDir) await allowDownloads(next, downloadDir);
    return next;
  }

  return {
    name: "chromium",
    closed,
    async openPage(url) {
      const page = firstTab ?? (await context.newPage());
      firstTab = undefined;
      await page.goto(url);
      return pageHandle(page);
    },
    async openPanel(page) {
      const inspected = /** @type {any} */ (page).playwrightPage;
      const session = await context.newCDPSession(inspected);
      const { targetInfo } = await session.send("Target.getTargetInfo");
      // Targets that come and go while it looks around make a connection fail now and then.
      remote = await until("a connection over the debugging port", connect, { interval: 300 });
      const { targetId } = await openDevTools(await remote.newBrowserCDPSession(), targetInfo.targetId);
      // A connection lists only what existed when it was made: connect anew until it is there.
      const front = await until(
        "the DevTools front end over the debugging port",
        async () => {
          const next = await connect();
          let isKept = false;
          try {
            for (const candidate of next.contexts().flatMap((c) => c.pages())) {
              if (!candidate.url().startsWith("devtools://")) continue;
              const cdp = await candidate.context().newCDPSession(candidate);
              const info = await cdp.send("Target.getTargetInfo");
              isKept = info.targetInfo.targetId === targetId;
              if (isKept) return candidate;
            }
          } finally {
            if (!isKept) {
              connections.delete(next);
              await next.close();
            }
          }
          return undefined;
        },
        { interval: 300 },
      );
      return panelHandle(front, { width, height, headless, theme });
    },
    async startProfiler() {
      profiler = await (await connect()).newBrowserCDPSession();
      await profiler.send("Tracing.start", { categories: PROFILER_CATEGORIES, transferMode: "ReturnAsStream" });
    },
    async stopProfiler() {
      const session = profiler;
      if (!session) return;
      const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", () => resolve(undefined)));
      await session.send("Tracing.end");
      await complete;
      await session.detach();
      profiler = undefined;
    },
    async memory(page) {
      const session = await context.newCDPSession(/** @type {any} */ (page).playwrightPage);
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize, embedderHeapUsedSize, backingStorageSize } = /** @type {any} */ (await session.send("Runtime.getHeapUsage"));
      await session.detach();
      return usedSize + embedderHeapUsedSize + backingStorageSize;
    },
    async counters(page) {
      const session = await context.newCDPSession(/** @type {any} */ (page).playwrightPage);
      await session.send("HeapProfiler.collectGarbage");
      const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
      await session.detach();
      return { nodes, listeners: jsEventListeners };
    },
    async freeze(page, isFrozen) {
      const session = await context.newCDPSession(/** @type {any} */ (page).playwrightPage);
      await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
      await session.detach();
    },
    async badge(page) {
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
      return worker.evaluate(async (url) => {
        const { chrome } = /** @type {any} */ (globalThis);
        const [tab] = await chrome.tabs.query({ url });
        return chrome.action.getBadgeText({ tabId: tab.id });
      }, page.url());
    },
    async openPopup(page) {
      const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
      const popup = await context.newPage();
      // A popup has no tab of its own; here it has one, and would speak of that.
      if (page) await popup.addInitScript(`{
        const query = chrome.tabs.query.bind(chrome.tabs);
        chrome.tabs.query = (asked) => query(asked.active ? { url: ${JSON.stringify(page.url())} } : asked);
      }`);
      await popup.goto(new URL("/extension/popup.html", worker.url()).href);
      return { ...pageHandle(popup), click: (/** @type {string} */ selector) => popup.click(selector) };
    },
    ...(display && {
      answerConsent: (answer = "allow") => answerQuestion(profile.path, display, answer),
      answerQuestion: (answer) => answerQuestion(profile.path, display, answer),
      async openPopup() {
        await pressExtensionButton(profile.path, display);
        const popup = await until("the popup of the extension's button", async () => {
          const next = await connect();
          const found = next.contexts().flatMap((c) => c.pages()).find((page) => page.url().endsWith("/popup.html"));
          if (!found) { connections.delete(next); await next.close(); }
          return found;
        }, { interval: 300 });
        return { ...pageHandle(popup), click: (/** @type {string} */ selector) => popup.click(selector) };
      },
    }),
    async stopBackground() {
      const session = await context.browser()?.newBrowserCDPSession() ?? await (await connect()).newBrowserCDPSession();
      const { targetInfos } = await session.send("Target.getTargets");
      for (const { type, url, targetId } of targetInfos) {
        if (type === "service_worker" && url.startsWith("chrome-extension://")) await session.send("Target.closeTarget", { targetId });
      }
      await session.detach();
    },
    async close() {
      // Closing a second connection only disconnects it.
      for (const connection of connections) await connection.close().catch(() => {});
      await within("closing Chromium", context.close(), 15_000).catch(() => endProcess(profile.path));
      profile.remove();
    },
  };
}

/** What the Performance panel of DevTools records. */
const PROFILER_CATEGORIES = [
  "-*", "devtools.timeline", "v8.execute", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame",
  "disabled-by-default-devtools.timeline.stack", "disabled-by-default-v8.cpu_profiler", "blink.console", "blink.user_timing",
  "loading", "latencyInfo", "toplevel", "cppgc", "v8",
].join(",");

/** Docked and themed from the start: the front end reads these before it draws. */
function writePreferences(profilePath, theme, dock, extensionDir) {
  mkdirSync(join(profilePath, "Default"), { recursive: true });
  const preferences = {
    "ui-theme": JSON.stringify(theme === "dark" ? "dark" : "default"),
    "current-dock-state": JSON.stringify(dock),
    currentDockState: JSON.stringify(dock),
    "panel-selected-tab": JSON.stringify("console"),
    "help.show-release-note": "false",
    "inspector-view.split-view-state": JSON.stringify({ horizontal: { size: 480 }, vertical: { size: 680 } }),
  };
  writeFileSync(
    join(profilePath, "Default", "Preferences"),
    JSON.stringify({
      devtools: { preferences, synced_preferences_sync_disabled: preferences },
      // The extension's button stands in the bar, and not behind that of all extensions.
      extensions: { pinned_extensions: extensionDir ? [extensionIdOf(extensionDir)] : [] },
    }),
  );
}

/** The name that Chromium gives to an unpacked extension, from its place. @param {string} folder */
function extensionIdOf(folder) {
  const digest = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  return [...digest].map((digit) => String.fromCharCode(97 + parseInt(digit, 16))).join("");
}

/** Chromium takes only the last --disable-features. */
function mergeFeatures(args) {
  const prefix = "--disable-features=";
  const features = args.filter((a) => a.startsWith(prefix)).map((a) => a.slice(prefix.length));
  return [...args.filter((a) => !a.startsWith(prefix)), prefix + features.join(",")];
}

/** Ends a Chromium that does not close: its lock in the profile names the machine and the process. */
function endProcess(profilePath) {
  try {
    const pid = Number(readlinkSync(join(profilePath, "SingletonLock")).match(/-(\d+)$/)?.[1]);
    if (pid > 0) process.kill(pid, "SIGKILL");
  } catch { /* It has ended meanwhile. */ }
}

async function debuggingEndpoint(profilePath) {
  const file = join(profilePath, "DevToolsActivePort");
  const [port] = await until("Chromium's debugging port", () =>
    // The file is there a moment before its words are.
    existsSync(file) && /^\d+\n/.test(readFileSync(file, "utf8")) ? readFileSync(file, "utf8").split("\n") : undefined,
  );
  return `http://127.0.0.1:${port}`;
}

async function allowDownloads(browser, downloadDir) {
  mkdirSync(downloadDir, { recursive: true });
  const session = await browser.newBrowserCDPSession();
  await session.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: downloadDir,
    eventsEnabled: false,
  });
}

async function openDevTools(session, targetId) {
  try {
    return await session.send("Target.openDevTools", { targetId });
  } catch (error) {
    throw new Error(`this Chromium has no Target.openDevTools (142 or later has it): ${firstLine(error)}`);
  }
}

/** @returns {import("./driver").Page} */
function pageHandle(page) {
  return /** @type {any} */ ({
    playwrightPage: page,
    url: () => page.url(),
    evaluate: (source, ...args) => page.evaluate(`(${source})(...${JSON.stringify(args)})`),
    bringToFront: () => page.bringToFront(),
    // Playwright tells every page that it has the focus, and such a page is never hidden. The session that said so alone can
    // take it back, and is reached only through its object.
    async showVisibility() {
      const session = page._connection.toImpl(page)?.delegate?._mainFrameSession?._client;
      if (!session) throw new Error("this Playwright keeps its sessions elsewhere: pages behind others would count as visible");
      await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
    },
    setViewport: (width, height) => page.setViewportSize({ width, height }),
    setTheme: (theme) => page.emulateMedia({ colorScheme: theme }),
    screenshot: (path) => page.screenshot({ path }),
    press: (key) => page.keyboard.press(key),
    async wheel(x, y, delta, pinch = false) {
      if (pinch) await page.keyboard.down("Control");
      await page.mouse.move(x, y);
      await page.mouse.wheel(delta.x ?? 0, delta.y ?? 0);
      if (pinch) await page.keyboard.up("Control");
    },
    setReducedMotion: (isReduced) => page.emulateMedia({ reducedMotion: isReduced ? "reduce" : "no-preference" }),
    reload: () => page.reload(),
    goto: (url) => page.goto(url),
    back: () => page.evaluate("history.back()").catch(() => {}),
    close: () => page.close(),
  });
}

/** @returns {Promise<import("./driver").Panel>} */
async function panelHandle(front, size) {
  // Headless, the front end has no window that one could see: give it the window's size.
  if (size.headless) await front.setViewportSize({ width: size.width, height: size.height });
  await until("Rollscope in the list of DevTools panels (is the extension loaded?)", () => front.evaluate(SHOW_PANEL), {
    interval: 200,
    detail: () => front.evaluate(LIST_VIEWS).catch(firstLine),
  });
  const findFrame = () => front.frames().find((frame) => frame.url().startsWith("chrome-extension://") && !/devtools\.html/.test(frame.url()));
  await until("the panel's document in DevTools", async () => {
    const frame = findFrame();
    return frame && (await frame.evaluate("document.readyState === 'complete' && !!document.body"));
  });
  await front.emulateMedia({ colorScheme: size.theme });
  const run = (source, ...args) => {
    const frame = findFrame();
    if (!frame) throw new Error("the panel's frame is gone from DevTools");
    return frame.evaluate(`(${source})(...${JSON.stringify(args)})`);
  };
  return {
    evaluate: run,
    text: (selector) => run(IN_PANEL.text, selector),
    attribute: (selector, name) => run(IN_PANEL.attribute, selector, name),
    count: (selector) => run(IN_PANEL.count, selector),
    rows: (selector, names) => run(IN_PANEL.rows, selector, names),
    body: () => run(IN_PANEL.body),
    click: async (selector, timeout = PATIENCE) => {
      const frame = await until("the panel's frame in DevTools", findFrame);
      await frame.locator(selector).first().click({ timeout });
    },
    press: (key) => front.keyboard.press(key),
    async reload() {
      await run("() => { window.isOld = true; location.reload(); }").catch(() => {});
      await until("the panel's new document", () => run("() => !window.isOld && document.readyState === 'complete' && !!document.body.firstElementChild"));
    },
    async screenshot(path, page) {
      await pause(150);
      const removePage = page && (await layPageUnder(front, page));
      await front.screenshot({ path });
      await removePage?.();
    },
    async setTheme(theme) {
      await front.emulateMedia({ colorScheme: theme });
      await front.evaluate(`(${SET_THEME})(${JSON.stringify(theme === "dark" ? "dark" : "default")})`);
    },
    async resizeDevTools(width, height) {
      await front.evaluate(UNDOCK);
      await front.setViewportSize({ width, height });
    },
  };
}

const UNDOCK = `(async () => {
  const UI = await import("devtools://devtools/bundled/ui/legacy/legacy.js");
  UI.DockController.DockController.instance().setDockSide("undocked");
})()`;
const VIEWS = `
  const UI = await import("devtools://devtools/bundled/ui/legacy/legacy.js");
  const manager = UI.ViewManager.ViewManager.instance();
  const ids = [...manager.views.keys()];
`;
const LIST_VIEWS = `(async () => { ${VIEWS} return ids.filter((id) => id.includes("extension")); })()`;
const SHOW_PANEL = `(async () => { ${VIEWS}
  const id = ids.find((id) => id.startsWith("chrome-extension://"));
  if (!id) return false;
  await manager.showView(id);
  return true;
})()`;
const SET_THEME = `async (theme) => {
  const Common = await import("devtools://devtools/bundled/core/common/common.js");
  Common.Settings.Settings.instance().moduleSetting("ui-theme").set(theme);
}`;
