// Firefox's DevTools, driven headless or on a display: the only file that knows how.
//
// The pages are driven by Puppeteer over WebDriver BiDi with the system's Firefox. The toolbox is
// opened from the browser's own (chrome) scope, which `--remote-allow-system-access` opens to us;
// the panel's document lives in the extension's process, where a frame script answers. None of
// this is a supported interface: when a Firefox version breaks it, this file is the one to mend.
// @ts-check
import { writeFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { answerQuestion, pressConsent } from "./firefox-question.mjs";
import { findBrowser, firstLine, IN_PANEL, PATIENCE, pause, temporaryProfile, until, within } from "./common.mjs";

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
  const profile = temporaryProfile("firefox");
  let browser, inChrome, firstTab;
  let extensionId = "";
  try {
    browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: findBrowser("firefox"),
      headless,
      env: { ...process.env, ...(display && { DISPLAY: display.name }) },
      userDataDir: profile.path,
      args: ["--remote-allow-system-access", `--width=${width}`, `--height=${height}`],
      // Without a display nobody can press the browser's own question: a permission that is asked for in a click is given.
      extraPrefsFirefox: { ...preferences(downloadDir, theme, dock), "extensions.webextOptionalPermissionPrompts": !!display, "network.dns.localDomains": loopbackNames.join(",") },
      defaultViewport: null,
      // One call may be a whole game in Python.
      protocolTimeout: 4 * PATIENCE,
      timeout: PATIENCE,
    });
    inChrome = await chromeScope(browser);
    // Host permissions are the user's to give in Firefox; the manifest's loopback ones come with
    // the installation.
    if (extensionDir) extensionId = await within("installing the extension", browser.installExtension(extensionDir));
    [firstTab] = await within("listing the first tabs", browser.pages());
  } catch (error) {
    browser?.process()?.kill("SIGKILL");
    profile.remove();
    throw new Error(`Firefox did not start: ${firstLine(error)}; ROLLSCOPE_FIREFOX may name another one`);
  }
  const closed = new Promise((resolve) => browser.once("disconnected", () => resolve(undefined)));

  return {
    name: "firefox",
    closed,
    async openPage(url) {
      const page = firstTab ?? (await browser.newPage());
      firstTab = undefined;
      page.setDefaultTimeout(PATIENCE);
      if (initScript) await page.evaluateOnNewDocument(initScript);
      await page.goto(url);
      return pageHandle(page, inChrome);
    },
    async openPanel(page) {
      // A number that stays when the tab goes to another address.
      const url = await inChrome(TAB_NUMBER, page.url());
      await within("opening the Firefox toolbox", inChrome(OPEN_TOOLBOX, url));
      await until("Rollscope in the list of DevTools panels (is the extension loaded?)", () => inChrome(SHOW_PANEL, url), {
        interval: 200,
        detail: () => inChrome(LIST_TOOLS, url).catch(firstLine),
      });
      return panelHandle(inChrome, url);
    },
    memory: async (page) => inChrome(ASK_PAGE, await inChrome(TAB_NUMBER, page.url()), "memory", []),
    async freeze(page, isFrozen) {
      await inChrome(ASK_PAGE, await inChrome(TAB_NUMBER, page.url()), isFrozen ? "suspend" : "resume", []);
    },
    async openPopup(page) {
      const tab = page ? await inChrome(TAB_NUMBER, page.url()) : await inChrome(ADD_BLANK_TAB);
      await inChrome(OPEN_POPUP, tab, extensionId);
      await until("the popup of the extension's button", () => inChrome(ASK_POPUP, tab, "run", ["() => document.readyState === 'complete'", "[]"]), { interval: 200 });
      return /** @type {any} */ ({
        evaluate: (source, ...args) => inChrome(ASK_POPUP, tab, "run", [source, JSON.stringify(args)]),
        click: (selector) => inChrome(ASK_POPUP, tab, "click", [selector]),
      });
    },
    async answerConsent(answer = "allow") {
      await until("the window that asks for consent", () => inChrome(ASK_CONSENT, "", "run", ["() => document.readyState === 'complete'", "[]"]), { interval: 200 });
      if (!display) return inChrome(ASK_CONSENT, "", "click", ["#allow"]);
      await pressConsent(inChrome, (source) => inChrome(ASK_CONSENT, "", "run", [source, "[]"]), display);
      await answerQuestion(inChrome, display, answer);
    },
    ...(display && { answerQuestion: (answer) => answerQuestion(inChrome, display, answer) }),
    badge: async (page) => inChrome(BADGE, await inChrome(TAB_NUMBER, page.url()), extensionId),
    startProfiler: () => inChrome(START_PROFILER),
    stopProfiler: () => inChrome("async () => { await Services.profiler.StopProfiler(); }"),
    stopBackground: () => inChrome(STOP_BACKGROUND, extensionId),
    async close() {
      await within("closing Firefox", browser.close(), 15_000).catch(() => browser.process()?.kill("SIGKILL"));
      profile.remove();
    },
  };
}

function preferences(downloadDir, theme, dock) {
  const dark = theme === "dark";
  return {
    // Downloads without a question, under the name that the page gave.
    "browser.download.folderList": 2,
    ...(downloadDir ? { "browser.download.dir": downloadDir } : {}),
    "browser.download.useDownloadDir": true,
    "browser.download.always_ask_before_handling_new_types": false,
    "browser.download.alwaysOpenPanel": false,
    // Two peers play in one browser: the one in the background must keep its pace.
    "dom.min_background_timeout_value": 4,
    "dom.min_background_timeout_value_without_budget_throttling": 4,
    "dom.timeout.enable_budget_timer_throttling": false,
    "dom.ipc.processPriorityManager.enabled": false,
    // Both peers are on loopback, and their names need no hiding from each other.
    "media.peerconnection.ice.loopback": true,
    "media.peerconnection.ice.obfuscate_host_addresses": false,
    "devtools.theme": theme,
    "devtools.toolbox.host": dock,
    "devtools.toolbox.sidebar.width": 680,
    "devtools.toolbox.footer.height": 480,
    "devtools.toolbox.selectedTool": "webconsole",
    "devtools.everOpened": true,
    "devtools.selfxss.count": 5,
    "ui.systemUsesDarkTheme": dark ? 1 : 0,
    "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
    "browser.aboutwelcome.enabled": false,
    "browser.shell.checkDefaultBrowser": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "extensions.background.idle.timeout": 30_000,
    // A popup stays while something else gets the focus.
    "ui.popup.disable_autohide": true,
  };
}

/** A function that runs functions, by their source text, in the browser window's own scope. */
async function chromeScope(browser) {
  const { connection } = /** @type {any} */ (browser);
  if (!connection) throw new Error("this puppeteer-core hides its BiDi connection: use the locked version");
  const context = await until("a browser window in Firefox's chrome scope", async () => {
    const { result } = await connection.send("browsingContext.getTree", { "moz:scope": "chrome" });
    return result.contexts.find((c) => c.url.endsWith("browser.xhtml"))?.context;
  });
  return async function inChrome(source, ...args) {
    // Data goes both ways as JSON text: BiDi's own notation of values is not wanted here.
    const body = `async (text) => JSON.stringify((await (${source})(...JSON.parse(text))) ?? null)`;
    const { result: answer } = await connection.send("script.callFunction", {
      functionDeclaration: body,
      awaitPromise: true,
      target: { context },
      arguments: [{ type: "string", value: JSON.stringify(args) }],
    });
    if (answer.type === "exception") throw new Error(`in Firefox: ${answer.exceptionDetails.text}`);
    return JSON.parse(answer.result.value);
  };
}

/** @returns {import("./driver").Page} */
function pageHandle(page, inChrome) {
  return /** @type {any} */ ({
    puppeteerPage: page,
    url: () => page.url(),
    evaluate: (source, ...args) => page.evaluate(`(${source})(...${JSON.stringify(args)})`),
    bringToFront: () => page.bringToFront(),
    // Nothing keeps it from the page here.
    showVisibility: async () => {},
    setViewport: (width, height) => page.setViewport({ width, height }),
    // One preference for the whole browser: BiDi has no media emulation in this version.
    setTheme: (theme) => inChrome(SET_THEME, theme),
    screenshot: (path) => page.screenshot({ path }),
    /** @param {string} key as Playwright names it, perhaps with `Shift+` in front */
    async press(key) {
      const plain = key.replace(/^Shift\+(?=.)/, "");
      if (plain === key) return page.keyboard.press(key);
      await page.keyboard.down("Shift");
      await page.keyboard.press(plain);
      await page.keyboard.up("Shift");
    },
    async wheel(x, y, delta, pinch = false) {
      if (pinch) await page.keyboard.down("Control");
      await page.mouse.move(x, y);
      await page.mouse.wheel({ deltaX: delta.x ?? 0, deltaY: delta.y ?? 0 });
      if (pinch) await page.keyboard.up("Control");
    },
    setReducedMotion: (isReduced) => inChrome("async (isReduced) => { Services.prefs.setIntPref('ui.prefersReducedMotion', isReduced ? 1 : 0); }", isReduced),
    reload: () => page.reload(),
    goto: (url) => page.goto(url),
    back: () => page.evaluate("history.back()").catch(() => {}),
    close: () => page.close(),
  });
}

/** @returns {import("./driver").Panel} */
function panelHandle(inChrome, url) {
  const inPanel = (source, ...args) => inChrome(ASK_PANEL, url, "run", [source, JSON.stringify(args)]);
  return {
    evaluate: inPanel,
    text: (selector) => inPanel(IN_PANEL.text, selector),
    attribute: (selector, name) => inPanel(IN_PANEL.attribute, selector, name),
    count: (selector) => inPanel(IN_PANEL.count, selector),
    rows: (selector, names) => inPanel(IN_PANEL.rows, selector, names),
    body: () => inPanel(IN_PANEL.body),
    async click(selector, timeout = PATIENCE) {
      await until(`an element ${selector} that can be pressed in the panel`, async () => {
        if (!(await inPanel(IN_PANEL.count, selector))) return false;
        await inChrome(ASK_PANEL, url, "gesture", []);
        return inPanel(IN_PANEL.click, selector);
      }, { timeout, detail: () => inPanel(IN_PANEL.body) });
    },
    press: (key) => inChrome(ASK_PANEL, url, "press", [key]),
    async reload() {
      await inPanel("() => { window.isOld = true; location.reload(); }").catch(() => {});
      await until("the panel's new document", () => inPanel("() => !window.isOld && document.readyState === 'complete' && !!document.body.firstElementChild"));
    },
    async screenshot(path) {
      await pause(150);
      const dataUrl = await inChrome(SCREENSHOT, url);
      writeFileSync(path, Buffer.from(dataUrl.split(",")[1], "base64"));
    },
    setTheme: (theme) => inChrome(SET_THEME, theme),
    resizeDevTools: (width, height) => inChrome(RESIZE, url, width, height),
  };
}

// What follows is source text for the chrome scope. Each begins by finding the toolbox of a tab.
const FIND = `
  const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
  const { gDevTools } = require("devtools/client/framework/devtools");
  const tab = [...Services.wm.getEnumerator("navigator:browser")]
    .flatMap((w) => [...w.gBrowser.tabs])
    .find((t) => t.linkedBrowser.browserId === url || t.linkedBrowser.currentURI.spec === url);
  if (!tab) throw new Error("no tab shows " + url);
  const toolbox = gDevTools.getToolboxForTab(tab);
  const tools = toolbox ? toolbox.getToolDefinitions?.() ?? [...(toolbox._toolRegistrations ?? [])] : [];
  const additional = toolbox ? toolbox.getAdditionalTools() : [];
  const tool = additional.find((t) => t.id.startsWith("webext-devtools-panel"))?.id;
`;
const TAB_NUMBER = `async (url) => { ${FIND} return tab.linkedBrowser.browserId; }`;
// The settings of the Firefox profiler's preset for web developers.
const START_PROFILER = `async () => {
  await Services.profiler.StartProfiler(
    128 * 1024 * 1024, 1, ["screenshots", "js", "cpu", "memory"].filter((f) => f !== "screenshots"),
    ["GeckoMain", "Compositor", "Renderer", "DOM Worker"]);
}`;
const STOP_BACKGROUND = `async (id) => {
  const { extension } = WebExtensionPolicy.getByID(id);
  await extension.terminateBackground({ ignoreDevToolsAttached: true });
}`;
const BADGE = `async (url, id) => { ${FIND}
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { extension } = WebExtensionPolicy.getByID(id);
  return ExtensionParent.apiManager.global.browserActionFor(extension).action.getContextData(tab).badgeText ?? "";
}`;
const OPEN_TOOLBOX = `async (url) => { ${FIND}
  tab.ownerDocument.defaultView.gBrowser.selectedTab = tab;
  await gDevTools.showToolboxForTab(tab);
  return true;
}`;
const LIST_TOOLS = `async (url) => { ${FIND} return additional.map((t) => t.id); }`;
const SHOW_PANEL = `async (url) => { ${FIND}
  if (!tool) return false;
  await toolbox.selectTool(tool);
  const frame = toolbox.doc.getElementById("toolbox-panel-iframe-" + tool);
  const browser = frame?.contentDocument?.querySelector("browser");
  return !!browser && browser.currentURI.spec.startsWith("moz-extension://");
}`;

// Runs in the panel's own process, beside its document and not subject to its content policy.
const FRAME_SCRIPT = `
  addMessageListener("rollscope:ask", async ({ data: { id, kind, args } }) => {
    let answer;
    try {
      let value = true;
      if (kind === "run") {
        const sandbox = new Cu.Sandbox(content, { sandboxPrototype: content, wantXrays: false });
        const text = await Cu.evalInSandbox(
          "(async () => JSON.stringify((await (" + args[0] + ")(..." + args[1] + ")) ?? null))()", sandbox);
        value = JSON.parse(text);
      } else if (kind === "memory") {
        const manager = Cc["@mozilla.org/memory-reporter-manager;1"].getService(Ci.nsIMemoryReporterManager);
        await new Promise((done) => manager.minimizeMemoryUsage(done));
        value = manager.residentUnique;
      } else if (kind === "suspend") {
        content.windowUtils.suspendTimeouts();
      } else if (kind === "resume") {
        content.windowUtils.resumeTimeouts();
      } else if (kind === "click") {
        // As by a user's hand: some questions are allowed only then.
        const hand = content.windowUtils.setHandlingUserInput(true);
        try { content.document.querySelector(args[0]).click(); } finally { hand.destruct(); }
      } else if (kind === "gesture") {
        content.document.notifyUserGestureActivation();
      } else if (kind === "press") {
        const tip = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
        tip.beginInputTransactionForTests(content);
        const key = new content.KeyboardEvent("", { key: args[0] });
        tip.keydown(key);
        tip.keyup(key);
      }
      answer = { id, value };
    } catch (error) {
      answer = { id, error: String(error) };
    }
    sendAsyncMessage("rollscope:answer", answer);
  });
`;
/** Asks a document by the frame script. @param {string} find source that leaves its \`browser\`, or nothing @param {string} what */
const asking = (find, what) => `async (url, kind, args) => { ${find}
  if (!browser) throw new Error("${what} is not there");
  const manager = browser.messageManager;
  if (!manager.rollscopeReady) {
    manager.loadFrameScript("data:application/javascript;charset=utf-8," + ${JSON.stringify(encodeURIComponent(FRAME_SCRIPT))}, false);
    manager.rollscopeReady = true;
  }
  const id = Math.random();
  const answer = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("${what} did not answer in 100 s")), 100_000);
    manager.addMessageListener("rollscope:answer", function listener({ data }) {
      if (data.id !== id) return;
      manager.removeMessageListener("rollscope:answer", listener);
      clearTimeout(timer);
      resolve(data);
    });
    manager.sendAsyncMessage("rollscope:ask", { id, kind, args });
  });
  if (answer.error) throw new Error(answer.error);
  return answer.value;
}`;
const ASK_PANEL = asking(`${FIND}
  const frame = tool && toolbox.doc.getElementById("toolbox-panel-iframe-" + tool);
  const browser = frame?.contentDocument?.querySelector("browser");`, "the panel's document in DevTools");
const ASK_PAGE = asking(`${FIND} const browser = tab.linkedBrowser;`, "the page");
const ASK_POPUP = asking(`${FIND}
  const browser = [...tab.ownerDocument.querySelectorAll(".webextension-popup-browser")]
    .find((b) => b.currentURI?.spec.endsWith("/popup.html") && !b.classList.contains("webextension-preload-browser"));`, "the popup");
const ASK_CONSENT = asking(`
  const browser = [...Services.wm.getEnumerator("navigator:browser")].map((w) => w.gBrowser?.selectedBrowser)
    .find((b) => b?.currentURI.spec.includes("/consent.html"));`, "the window that asks for consent");
const ADD_BLANK_TAB = `async () => Services.wm.getMostRecentWindow("navigator:browser").gBrowser.addTrustedTab("about:blank").linkedBrowser.browserId`;
const OPEN_POPUP = `async (url, id) => { ${FIND}
  const window = tab.ownerDocument.defaultView;
  window.gBrowser.selectedTab = tab;
  window.focus();
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { extension } = WebExtensionPolicy.getByID(id);
  await ExtensionParent.apiManager.global.browserActionFor(extension).openPopup(window);
  return true;
}`;
const SCREENSHOT = `async (url) => { ${FIND}
  const target = tab.ownerDocument.defaultView;
  const bitmap = await target.browsingContext.currentWindowGlobal.drawSnapshot(null, 1, "white");
  const canvas = target.document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.toDataURL("image/png");
}`;
const SET_THEME = `async (theme) => {
  Services.prefs.setStringPref("devtools.theme", theme);
  Services.prefs.setIntPref("ui.systemUsesDarkTheme", theme === "dark" ? 1 : 0);
  Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", theme === "dark" ? 0 : 1);
}`;
// DevTools stays docked (a move to a window of its own cuts the frame script off): the window gets
// the width, the toolbox the height, and the page what is left above it.
const RESIZE = `async (url, width, height) => { ${FIND}
  const window = tab.ownerDocument.defaultView;
  const frame = window.gBrowser.getPanel(window.gBrowser.selectedBrowser).querySelector(".devtools-toolbox-bottom-iframe");
  if (!frame) throw new Error("the docked toolbox was not found");
  window.resizeTo(width, height + 300);
  frame.style.height = height + "px";
  await new Promise((resolve) => setTimeout(resolve, 300));
  return [window.innerWidth, frame.getBoundingClientRect().height];
}`;
