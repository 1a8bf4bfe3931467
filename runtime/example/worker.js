// The game: two dots on a ring of 40 places, and a coin that moves when it is taken.
import init, { serveEnvironment } from "../rollscope_runtime.js";

const PLACES = 40;
let state;
const draw = () => (state.random = (Math.imul(state.random, 1664525) + 1013904223) >>> 0);

await init();
serveEnvironment({
  name: "dots",
  reset: (seed) => (state = { random: seed ?? state.random, dots: [0, PLACES / 2], coin: 7, points: [0, 0] }),
  seedRng: (seed) => (state.random = seed),
  step(actions) {
    const before = [...state.points];
    actions.forEach((action, player) => {
      state.dots[player] = (state.dots[player] + PLACES + [0, 1, -1][action % 3]) % PLACES;
      if (state.dots[player] !== state.coin) return;
      state.points[player] += 1;
      state.coin = draw() % PLACES;
    });
    return { rewards: state.points.map((now, player) => now - before[player]), terminateds: [false, false] };
  },
  getState: () => JSON.stringify(state),
  setState: (text) => (state = JSON.parse(text)),
  render: () => state,
});
