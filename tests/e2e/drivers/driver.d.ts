// The interface that both drivers offer and the specs use; types only, nothing runs from here.

/** A screen with a mouse and keys, which may be this machine's memory alone. */
export interface Display {
  /** As the environment names it. */
  name: string;
  /** Moves the mouse to this place of the screen and presses it. */
  press(x: number, y: number): void;
  /** Presses a key by its name in X. */
  key(name: string): void;
  stop(): void;
}

export interface LaunchOptions {
  /** Unpacked extension to load; none when absent. */
  extensionDir?: string;
  /** Where to open windows; none when absent. */
  display?: Display;
  /** Default true, with a display false. */
  headless?: boolean;
  /** Where downloads land, with the names that the page gave them. */
  downloadDir?: string;
  /** Size of the window in CSS pixels; default 1280 by 800. */
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  /** Where DevTools stand beside the page; default bottom. */
  dock?: "bottom" | "right";
  /** Host names that lead to this machine, for pages that are not on loopback by name. */
  loopbackNames?: string[];
  /** A script that runs in every page before its own. */
  initScript?: string;
}

export interface Browser {
  name: "chromium" | "firefox";
  /** Resolves when the user or `close` has closed the browser. */
  closed: Promise<void>;
  openPage(url: string): Promise<Page>;
  /** Opens DevTools on `page` and shows the Rollscope panel. */
  openPanel(page: Page): Promise<Panel>;
  /**
   * Bytes that are held for the page after a collection. Chromium: by its JavaScript, as heap, objects of the browser and
   * buffers. Firefox: by the whole process that runs it, and by no other one.
   */
  memory(page: Page): Promise<number>;
  /** Nodes and listeners that the page holds after a collection, in its document or not. Chromium only: Firefox counts none. */
  counters?(page: Page): Promise<{ nodes: number; listeners: number }>;
  /**
   * Chromium: freezes the page as a browser does with pages in the background, or thaws it. Firefox freezes no page that is
   * still shown, and tells none; there the page's timers stand still, and nothing else.
   */
  freeze(page: Page, isFrozen: boolean): Promise<void>;
  /** What stands on the extension's button while the tab of `page` is chosen; "" for nothing. */
  badge(page: Page): Promise<string>;
  /**
   * The popup of the extension's button as it is for the tab of `page`, or for one that is no page: in Firefox the popup
   * itself, in Chromium its document in a tab, and on a display the popup of the tab that is shown.
   */
  openPopup(page?: Page): Promise<Page & { click(selector: string): Promise<void> }>;
  /**
   * Answers where an origin is asked for, yes without a word. With a display, by its mouse: in the extension's own window, which
   * Firefox needs, and in the browser's question. Without one only in Firefox, with yes, and the browser does not ask.
   */
  answerConsent?(answer?: "allow" | "deny"): Promise<void>;
  /** Answers the browser's own question, with the mouse of a display. */
  answerQuestion?(answer: "allow" | "deny"): Promise<void>;
  /** Ends the service worker or the event page of the extension, as the browser does now and then. */
  stopBackground(): Promise<void>;
  /** The browser's own recording of performance, with what it records by default. */
  startProfiler(): Promise<void>;
  stopProfiler(): Promise<void>;
  close(): Promise<void>;
}

export interface Page {
  url(): string;
  /** Runs the function with this source text in the page; its result must be plain data. */
  evaluate(source: string, ...args: unknown[]): Promise<any>;
  bringToFront(): Promise<void>;
  /** From now on the page knows whether it is behind another tab, as a user's page does. */
  showVisibility(): Promise<void>;
  setViewport(width: number, height: number): Promise<void>;
  setTheme(theme: "light" | "dark"): Promise<void>;
  screenshot(path: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Turns the wheel over a point of the page; with `pinch` as two fingers on a trackpad do. */
  wheel(x: number, y: number, delta: { x?: number; y?: number }, pinch?: boolean): Promise<void>;
  /** Whether the user asks for less motion. */
  setReducedMotion(isReduced: boolean): Promise<void>;
  reload(): Promise<void>;
  goto(url: string): Promise<void>;
  /** To the page before, out of the browser's memory if it kept it. */
  back(): Promise<void>;
  close(): Promise<void>;
}

export interface Panel {
  /** Runs the function with this source text in the panel's document. */
  evaluate(source: string, ...args: unknown[]): Promise<any>;
  /** Text of the first match; null when nothing matches. */
  text(selector: string): Promise<string | null>;
  attribute(selector: string, name: string): Promise<string | null>;
  count(selector: string): Promise<number>;
  /** The named attributes of every match, in document order. */
  rows(selector: string, names: string[]): Promise<(string | null)[][]>;
  /** The beginning of the visible text, for the message of a failure. */
  body(): Promise<string>;
  /** Waits until the element is there and can be pressed, at most `timeout` ms, as long as any wait without it. */
  click(selector: string, timeout?: number): Promise<void>;
  press(key: string): Promise<void>;
  /** Loads the panel's document anew. */
  reload(): Promise<void>;
  /** Picture of the whole DevTools window with the panel in it, and of the inspected page above it. */
  screenshot(path: string, page?: Page): Promise<void>;
  setTheme(theme: "light" | "dark"): Promise<void>;
  /** Gives DevTools this size: in a window of its own (Chromium), or docked below the page (Firefox). */
  resizeDevTools(width: number, height: number): Promise<void>;
}
