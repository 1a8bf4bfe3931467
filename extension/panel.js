// @ts-check
/**
 * Boot of the panel page, in DevTools and as an ordinary page.
 *
 * Loads the wasm module, gives it what only a browser can do, and passes chunks, connection status, theme
 * and capture files on to it. The module comes in two parts: the panel can be used when the first is there, and what
 * comes before the second, which holds the analysis, waits in the first. Must not know what a chunk or a file holds.
 */
// @ts-ignore: built from ui/; its shape is PanelModule in types.d.ts.
import init, {
  mount, attachAnalysis, missAnalysis, handleAddress, handleChunk, handleStatus, openFile, setTheme, reportJson, captureFile, decodeFile, takeRedraws,
} from '../ui/rollscope_ui.js';

const ANALYSIS = 'rollscope_ui_analysis.wasm';
const api = /** @type {any} */ (globalThis).chrome;
const isInDevtools = Boolean(api?.devtools?.inspectedWindow);

/** @type {ReturnType<typeof import('./link.js').createLink> | null} */
let link = null;

/** @type {import('./types').Host} */
const host = {
  mode: isInDevtools ? 'devtools' : 'page',
  requestOrigin() { link?.requestOrigin(); },
  forgetOrigin() { link?.forgetOrigin(); },
  saveSettings(json) { link?.saveSettings(json); },
  reloadPage() { if (link) link.reloadPage(); else location.reload(); },
  download,
  pickFile,
  setAddress(hash) { history.replaceState(null, '', `${location.pathname}${location.search}#${hash}`); },
  version: api?.runtime?.getManifest?.().version ?? '',
};

/** @param {string} name @param {string} mime @param {Uint8Array} bytes */
function download(name, mime, bytes) {
  // The bytes may be a view of wasm memory, which can move while the browser reads: take a copy.
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type: mime }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function pickFile() {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.rollscope,.rscap,.bin,application/octet-stream';
  input.multiple = true;
  input.addEventListener('change', () => { if (input.files) open(input.files); });
  input.click();
}

/** Several files at once are the sides of one session. @param {Iterable<File>} files */
async function open(files) {
  let isFurther = false;
  for (const file of files) {
    openFile(file.name, new Uint8Array(await file.arrayBuffer()), isFurther);
    isFurther = true;
  }
}

/** @param {import('./types').Status['connection']} connection */
function tellWithoutLink(connection) {
  handleStatus(JSON.stringify({ connection, origin: '', url: '', consent: '' }));
}

function acceptDrops() {
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) open(event.dataTransfer.files);
  });
}

/** Opens the captures named in the page's address, if there are any. */
async function openFromAddress() {
  let isFurther = false;
  for (const asked of new URLSearchParams(location.search).getAll('capture')) {
    const url = new URL(asked, location.href);
    if (url.origin !== location.origin) continue;
    const response = await fetch(url);
    if (!response.ok) continue;
    openFile(url.pathname.split('/').pop() || 'capture', new Uint8Array(await response.arrayBuffer()), isFurther);
    isFurther = true;
  }
}

function followTheme() {
  const panels = isInDevtools ? api.devtools.panels : null;
  const system = matchMedia('(prefers-color-scheme: dark)');
  /** DevTools says `dark`, or some other name for light. @param {string} [name] */
  const follow = (name) => {
    const isDark = panels ? (name ?? panels.themeName) === 'dark' : system.matches;
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
    setTheme(isDark ? 'dark' : 'light');
  };
  follow();
  if (!panels) system.addEventListener('change', () => follow());
  else if (panels.onThemeChanged) panels.onThemeChanged.addListener(follow);
  else panels.setThemeChangeHandler?.(follow);
}

/**
 * Brings the second part to the first, whose memory, table and functions it uses.
 * @param {Promise<WebAssembly.Module>} second @param {WebAssembly.Exports} first
 */
async function loadAnalysis(second, first) {
  try {
    await WebAssembly.instantiate(await second, { first: /** @type {any} */ (first) });
  } catch (error) {
    missAnalysis(`The analysis (${ANALYSIS}) could not be loaded: ${/** @type {any} */ (error)?.message ?? error}`);
    return;
  }
  attachAnalysis();
  // For measurements.
  performance.mark('analysis');
}

/** Both parts are on their way at once; only the first is waited for. */
const second = WebAssembly.compileStreaming(fetch(new URL(`../ui/${ANALYSIS}`, import.meta.url)));
second.catch(() => { /* `loadAnalysis` says so. */ });
const first = await init();
mount(host);
const analysis = loadAnalysis(second, first);
handleAddress(location.hash);
addEventListener('hashchange', () => handleAddress(location.hash));
// For programs that drive the panel, such as tests and measurements.
/** @type {any} */ (globalThis).rollscopePanel = { analysis, reportJson, captureFile, decodeFile, takeRedraws, openFile, handleChunk };
followTheme();
acceptDrops();
if (isInDevtools) {
  const { createLink } = await import('./link.js');
  link = createLink({
    onChunk: handleChunk,
    onStatus: (status) => handleStatus(JSON.stringify(status)),
  });
} else {
  tellWithoutLink('file');
  await openFromAddress();
}
