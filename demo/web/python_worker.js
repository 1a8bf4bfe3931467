// The game's worker in Python: the same messages as worker.js, the same rules, by Pyodide.
// @ts-check
import init, { serveLoader } from "./rollscope_demo.js";
import { servePython } from "./runtime/python.js";

await init();
servePython({
  serveLoader,
  pyodideUrl: "./vendor/pyodide/",
  environments: { arena: { source: "./arena_env.py", className: "ArenaEnv" } },
});
