// Python environments behind the Worker protocol, by Pyodide. A worker's script names the
// environments and packages that exist; a page names one of them and can bring no code along.
// @ts-check

/**
 * @typedef {object} PythonWorker
 * @property {(loader: any) => void} serveLoader of the runtime's module
 * @property {string} pyodideUrl folder of the npm package `pyodide`, served from where the page is
 * @property {Record<string, {source: string, className: string, packages?: string[]}>} environments
 *   by name: address of the module, name of its class
 * @property {Record<string, string>} [packages] by name: address of a pure-Python wheel
 */

/** Turns an environment's object into what the runtime calls; texts cross the border, no proxies. */
const ADAPTER = `
import json

class _Adapter:
    def __init__(self, env):
        self._env = env

    def reset(self, seed=None):
        self._env.reset(None if seed is None else int(seed))

    def seed_rng(self, seed):
        self._env.seed_rng(int(seed))

    def step(self, actions):
        rewards, terminateds = self._env.step(json.loads(actions))
        return json.dumps({"rewards": list(rewards), "terminateds": list(terminateds)})

    def get_state(self):
        return self._env.get_state()

    def set_state(self, text):
        self._env.set_state(text)

    def render(self):
        return json.dumps(self._env.render())

_Adapter
`;

/**
 * Serves Python environments in this worker.
 * @param {PythonWorker} options
 */
export function servePython({ serveLoader, pyodideUrl, environments, packages = {} }) {
  /** @type {Promise<any> | undefined} */
  let loading;
  const python = () => (loading ??= loadPython(pyodideUrl));
  serveLoader({
    async installPackages(/** @type {string[]} */ names) {
      await install(await python(), names, packages);
    },
    async initEnv(/** @type {string | undefined} */ name, /** @type {unknown} */ config) {
      const known = Object.keys(environments);
      const chosen = name ?? (known.length === 1 ? known[0] : undefined);
      if (chosen === undefined || !Object.hasOwn(environments, chosen)) {
        throw new Error(`this worker knows no environment ${JSON.stringify(name)}, only ${known.join(", ")}`);
      }
      const py = await python();
      await install(py, environments[chosen].packages ?? [], packages);
      return environment(py, chosen, environments[chosen], config);
    },
  });
}

/** @param {string} url */
async function loadPython(url) {
  const base = new URL(url, self.location.href).href;
  const { loadPyodide } = await import(`${base}pyodide.mjs`);
  return loadPyodide({ indexURL: base });
}

/** @param {any} py @param {string[]} names @param {Record<string, string>} packages */
async function install(py, names, packages) {
  for (const name of names) {
    if (!Object.hasOwn(packages, name)) {
      const known = Object.keys(packages).join(", ") || "none: environments use the standard library";
      throw new Error(`this worker knows no package ${JSON.stringify(name)}; known are ${known}`);
    }
    py.unpackArchive(await fetched(packages[name], "arrayBuffer"), "wheel");
  }
}

/** @param {string} url @param {"text" | "arrayBuffer"} kind @returns {Promise<any>} */
async function fetched(url, kind) {
  const answer = await fetch(new URL(url, self.location.href));
  if (!answer.ok) throw new Error(`${url} is not there (${answer.status})`);
  return answer[kind]();
}

/**
 * @param {any} py @param {string} name @param {{source: string, className: string}} known
 * @param {unknown} config
 */
async function environment(py, name, { source, className }, config) {
  const module = `rollscope_env_${name.replace(/\W/g, "_")}`;
  py.FS.writeFile(`${module}.py`, await fetched(source, "text"));
  py.runPython("import importlib; importlib.invalidate_caches()");
  const made = py.pyimport(module)[className].callKwargs(config ?? {});
  const adapter = py.runPython(ADAPTER)(made);
  return adapted(name, adapter);
}

/** @param {string} name @param {any} adapter */
export const adapted = (name, adapter) => ({
  name,
  reset: (/** @type {number | undefined} */ seed) => void adapter.reset(seed),
  seedRng: (/** @type {number} */ seed) => void adapter.seed_rng(seed),
  step: (/** @type {number[]} */ actions) => JSON.parse(adapter.step(JSON.stringify(actions))),
  getState: () => adapter.get_state(),
  setState: (/** @type {string} */ text) => void adapter.set_state(text),
  render: () => JSON.parse(adapter.render()),
});
