// @ts-check
/**
 * Boot of the panel page, in DevTools and as an ordinary page.
 *
 * Loads the wasm module, gives it what only a browser can do, and passes chunks, connection status, theme
 * and capture files on to it. The module comes in two parts: the panel can be used when the first is there, and what
 * comes before the second, which holds the analysis, waits in the first. Must not know what a chunk or a file holds, only whether a file is packed.
 */
// @ts-ignore: built from ui/; its shape is PanelModule in types.d.ts.
import init, {
  mount, attachAnalysis, missAnalysis, handleAddress, handleChunk, handleStatus, beginFiles, openFile, refuseFile, setTheme, reportJson, captureFile, decodeFile, takeRedraws,
} from '../ui/rollscope_ui.js';

const ANALYSIS = 'rollscope_ui_analysis.wasm';
const MEMORY_CAP = 'rollscope.memoryCap';
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
  memoryCap: Number(kept(MEMORY_CAP)) || 0,
  keepMemoryCap(bytes) { try { localStorage.setItem(MEMORY_CAP, String(bytes)); } catch { /* No storage: it holds as long as the panel. */ } },
  version: api?.runtime?.getManifest?.().version ?? '',
};

/** What an earlier panel kept. @param {string} key */
function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

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
  input.accept = '.rollscope,.rscap,.bin,.jsonl,.gz,application/octet-stream';
  input.multiple = true;
  input.addEventListener('change', () => { if (input.files) open(input.files); });
  input.click();
}

/** How often files were chosen; what is still to come of an earlier choice is left. */
let choices = 0;

/**
 * Opens files that were chosen together, each when it was read: the first one that can be opened takes the place of what is
 * open, the others stand beside it.
 * @param {{name: string, read: () => Promise<Response | Blob>}[]} files
 */
async function openAll(files) {
  const choice = ++choices;
  beginFiles(files.length);
  let isFurther = false;
  for (const { name, read } of files) {
    try {
      const bytes = await unpacked(await read());
      if (choice !== choices) return;
      isFurther = openFile(name, bytes, isFurther) || isFurther;
    } catch (error) {
      if (choice !== choices) return;
      refuseFile(name, `${/** @type {any} */ (error)?.message ?? error}`);
    }
  }
}

/** Most bytes that a packed file may unpack to. */
const MOST_UNPACKED = 2 ** 30;

/** The bytes of a file, unpacked if gzip packed them. @param {Response | Blob} file */
async function unpacked(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const parts = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error('the gzip file is cut off or damaged, so it cannot be unpacked: copy or save it again');
    });
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    length += value.length;
    if (length > MOST_UNPACKED) throw new Error('the gzip file holds more than 1 GB: unpack it and use the command line');
  }
}

/** @param {Iterable<File>} files */
function open(files) {
  return openAll([...files].map((file) => ({ name: file.name, read: async () => file })));
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
  const asked = new URLSearchParams(location.search).getAll('capture').map((one) => new URL(one, location.href));
  if (asked.length) await openAll(asked.map((url) => ({ name: url.pathname.split('/').pop() || 'capture', read: () => fetched(url) })));
}

/** @param {URL} url */
async function fetched(url) {
  if (url.origin !== location.origin) throw new Error(`it is of ${url.origin}, and only files of this page's own origin are opened: save it and drop it here`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answers ${response.status}: check the address`);
  return response;
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
