// The game's worker: loads the same module as the page and runs the game in it. What it answers is
// in docs/worker-protocol.md.
// @ts-check
import init, { workerMain } from "./rollscope_demo.js";

await init();
workerMain(self.location.search);
