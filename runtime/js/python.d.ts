// Types of python.js.
import type { Loader } from "rollscope-runtime";

/** A Python environment that a worker knows: a page can name it, and can bring no code along. */
export interface PythonEnvironment {
  /** Address of its module. */
  source: string;
  /**
   * Name of its class. An object of it has `reset(seed)`, `seed_rng(seed)`, `step(actions)` which returns rewards and
   * terminateds by player, `get_state()` and `set_state(text)` with JSON texts, and `render()`.
   */
  className: string;
  /** Names of packages that it needs, from `packages`. */
  packages?: string[];
}

export interface PythonWorker {
  /** `serveLoader` of the runtime's module. */
  serveLoader: (loader: Loader) => void;
  /** Folder of the npm package `pyodide`, served from where the page is. */
  pyodideUrl: string;
  /** By name. */
  environments: Record<string, PythonEnvironment>;
  /** By name: addresses of pure-Python wheels. */
  packages?: Record<string, string>;
}

/** Serves Python environments in this worker, by Pyodide. */
export function servePython(options: PythonWorker): void;
