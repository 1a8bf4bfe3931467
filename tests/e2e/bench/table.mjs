// The table of the capture benchmark: one line a figure, with its floor, whatever rounds are done so far.
// @ts-check

/** @typedef {{id: string, figure: string, values: number[], limit: number, isAtLeast: boolean, aim: string}} Row */

/** Stands behind each state of the table on standard output; `cargo xtask bench capture` writes what stands before it. */
const END_OF_TABLE = "<!-- end of table -->";

export const median = (/** @type {number[]} */ list) => {
  const sorted = [...list].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** @param {string} browser @param {Set<string>} only figures that are wanted, all if empty */
export function createTable(browser, only) {
  /** @type {Row[]} */
  const rows = [];
  return {
    /** Whether any of these figures is wanted. @param {string[]} ids */
    wants: (...ids) => only.size === 0 || ids.some((id) => only.has(id)),
    /** A limit of 0 is for what is counted: none may be more, in any round. @param {string} id @param {string} figure @param {number} limit @param {boolean} isAtLeast */
    row(id, figure, limit, isAtLeast, aim = "") {
      const entry = { id, figure, values: /** @type {number[]} */ ([]), limit, isAtLeast, aim };
      rows.push(entry);
      return entry;
    },
    /** Prints what is there by now, in the order of the figures' numbers. */
    print() {
      console.log(
        `**${browser}**, DevTools open with the panel. Figures of several rounds: medians (smallest to largest), the arms in turn within`,
        "each round. Losses and memory are measured once.\n",
      );
      console.log("| # | figure | rounds | measured | floor | aim | holds |\n|---|---|---:|---:|---:|---|---|");
      const number = (/** @type {Row} */ { id }) => Number(id.slice(1));
      for (const row of [...rows].sort((a, b) => number(a) - number(b))) if (row.values.length > 0) console.log(line(row));
      console.log(`\n${END_OF_TABLE}`);
    },
  };
}

/** @param {Row} row */
function line({ id, figure, values, limit, isAtLeast, aim }) {
  const middle = median(values);
  const range = values.length > 1 ? ` (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})` : "";
  // One lost message in one round is one too many.
  const isExact = values.every((one) => one === 0);
  const shown = limit === 0 ? (isExact ? "0" : values.join(", ")) : `${middle.toFixed(2)}${range}`;
  // What is only shown beside a figure has no floor.
  if (limit === Infinity) return `| ${id} | ${figure} | ${values.length} | ${shown} | – | | – |`;
  const holds = limit === 0 ? isExact : isAtLeast ? middle >= limit : middle <= limit;
  const floor = limit === 0 ? "0" : `${isAtLeast ? "≥" : "≤"} ${limit}`;
  return `| ${id} | ${figure} | ${values.length} | ${shown} | ${floor} | ${aim} | ${holds ? "yes" : "**no**"} |`;
}
