// What a page in TypeScript writes on the installed package; specs/npm.test.mjs gives it to tsc --strict. Every
// line under an @ts-expect-error must be refused.
import init, {
  GameWorker, hashState, serveEnvironment, serveLoader, Session, syncTest, syncTestWorker,
  type Capabilities, type Environment, type OperationResult, type Presence, type SessionOptions, type SessionPage, type SessionStats,
  type SessionStatus, type StepResult, type WorkerFailure, type WorkerOperation,
} from "rollscope-runtime";
import { servePython } from "rollscope-runtime/python";

interface State { random: number; sum: number }
let state: State = { random: 1, sum: 0 };

const environment: Environment = {
  name: "sum",
  reset(seed?: number) { state = { random: seed ?? state.random, sum: 0 }; },
  seedRng(seed: number) { state.random = seed; },
  step(actions: number[]) {
    state.sum += actions.reduce((all, one) => all + one, 0);
    return { rewards: actions.map(() => 0), terminateds: actions.map(() => false) };
  },
  getState: () => JSON.stringify(state),
  setState(text: string) { state = JSON.parse(text) as State; },
  render: () => state,
};

const options: SessionOptions = {
  url: "https://rooms.example", game_id: "dots", game_seed: 7, num_players: 2, role: "player", worker: "worker.js", timer: "timer.js",
  INPUT_DELAY: 2, snapshotInterval: 5, action_population_method: "previous_submitted_action", p2p_mode: true,
  p2p_ice_servers: ["stun:stun.example:3478"],
  p2p_turn_servers: [{ urls: "turn:turn.example:3478", username: "me", credential: "secret" }],
  force_relay: true, resync: "delta", form: "msgpack", hash_rate: "predictive", send_order: "priority", transport: "unreliable",
};

const page: SessionPage = {
  localAction: (frame: number) => frame % 3,
  onRender: (picture: State) => void picture.sum,
  onPeer: (player: number, presence: Presence) => void [player, presence === "silent"],
  onStatus: (status: SessionStatus, reason?: string) => void `${status} ${reason ?? ""}`,
  onJoined: (game_id: string, player: number, num_players: number) => void [game_id, player, num_players],
};

export async function play(io: () => unknown): Promise<string> {
  await init();
  const session = new Session(io, options, page);
  const stats: SessionStats = session.stats();
  const way: string | undefined = stats.routes[0]?.route;
  const presence: Presence = stats.routes[0]?.presence ?? "here";
  const confirmed: number = stats.confirmed ?? 0;
  session.restartIce();
  await session.stop();
  session.leave();
  return `${way} ${presence} ${confirmed} ${session.engineLog()} ${hashState("{}")}`;
}

export async function byHand(worker: GameWorker): Promise<OperationResult[] | number | undefined> {
  await worker.installPackages(["rink"]);
  await worker.initEnv("arena", { players: 2 });
  const { capabilities }: { capabilities: Capabilities } = await worker.validateCapabilities();
  await worker.reset(3);
  await worker.seedRng(5);
  const { stateJson } = await worker.getState();
  const step: StepResult = await worker.step([1, 2], 0);
  await worker.setState(stateJson, 0);
  const { hash } = await worker.computeHash(stateJson);
  const { renderState }: { renderState: unknown } = await worker.render();
  void [capabilities.problems, step.rewards[0], hash.length, renderState];
  const operations: WorkerOperation[] = [
    { op: "setState", params: { stateJson, frame: 4 } }, { op: "step", params: { actions: { 0: 1, 1: 2 } } }, { op: "render", params: {} },
  ];
  try {
    return await worker.batch(operations);
  } catch (error) {
    const { failedIndex, partialResults } = error as WorkerFailure;
    return partialResults ?? failedIndex;
  } finally {
    worker.end();
  }
}

export const differs: number | undefined = syncTest(environment, 2, 7, 600, 7);
export const differsThere: Promise<number | undefined> = syncTestWorker("worker.js", "{}", 2, 7, 600, 7);
serveEnvironment(environment);
servePython({ serveLoader, pyodideUrl: "/pyodide/", environments: { arena: { source: "./arena_env.py", className: "ArenaEnv" } } });

// @ts-expect-error: a delay is a number
export const delay: SessionOptions = { INPUT_DELAY: "two" };
// @ts-expect-error: options that nobody knows are refused, as by the runtime
export const unknown: SessionOptions = { input_delay: 2 };
// @ts-expect-error: no operation runs code
export const code: WorkerOperation = { op: "runPython", params: { code: "1" } };
// @ts-expect-error: preparations are no part of a batch
export const prepared: WorkerOperation = { op: "initEnv", params: {} };
// @ts-expect-error: a state is text
export const bytes: string = hashState(new Uint8Array(4));
// @ts-expect-error: an environment without a state cannot be rolled back
serveEnvironment({ name: "none", reset() {}, seedRng() {}, step: () => ({ rewards: [], terminateds: [] }), render: () => null });
