// Processor time of the thread that runs a page, and memory of its process, from Linux.
// @ts-check
import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds that the main thread of a process ran; 0 if it is gone. @param {number} pid */
export function threadNanos(pid) {
  try { return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]); } catch { return 0; }
}

/** Memory that only this process has, and has at hand. @param {number} pid */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`the kernel does not say how much memory process ${pid} has`);
  return 1024 * Number(kib);
}

/** All processes that this one started, and those that they started. */
function descendants() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch { /* It ended meanwhile. */ }
  }
  const found = [];
  for (let open = [process.pid]; open.length > 0;) {
    const next = children.get(/** @type {number} */ (open.pop())) ?? [];
    found.push(...next);
    open.push(...next);
  }
  return found;
}

/**
 * The process that runs a page: the one whose main thread works most while the page is kept busy.
 * @param {import("../drivers/driver").Page} page @returns {Promise<number>}
 */
export async function processOf(page) {
  const before = new Map(descendants().map((pid) => [pid, threadNanos(pid)]));
  await page.evaluate("() => { const end = performance.now() + 700; while (performance.now() < end); }");
  let found = 0, most = -1;
  for (const [pid, nanos] of before) {
    const spent = threadNanos(pid) - nanos;
    if (spent > most) { most = spent; found = pid; }
  }
  return found;
}

/** Milliseconds that the page's main thread ran during `work`. @param {number} pid @param {() => Promise<unknown>} work */
export async function cpuMillis(pid, work) {
  const before = threadNanos(pid);
  await work();
  return (threadNanos(pid) - before) / 1e6;
}
