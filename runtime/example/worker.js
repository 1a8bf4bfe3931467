// The game: two dots on a ring of 40 places, and a coin that moves when it is taken.
import init, { serveEnvironment } from "/node_modules/rollscope-runtime/rollscope_runtime.js";

let state;

await init();
serveEnvironment({
  name: "dots",
  reset: (seed) => (state = { random: seed ?? state.random, dots: [0, 20], coin: 7, points: [0, 0] }),
  seedRng: (seed) => (state.random = seed),
  step(actions) {
    const rewards = actions.map((action, player) => {
      state.dots[player] = (state.dots[player] + [0, 1, 39][action % 3]) % 40;
      if (state.dots[player] !== state.coin) return 0;
      state.random = (Math.imul(state.random, 1664525) + 1013904223) >>> 0;
      state.coin = state.random % 40;
      state.points[player] += 1;
      return 1;
    });
    return { rewards, terminateds: [false, false] };
  },
  getState: () => JSON.stringify(state),
  setState: (text) => (state = JSON.parse(text)),
  render: () => state,
});
