/** A week's absence without chance: every stretch between two level-ups is one multiplication. */
import { LEVEL_UPS_IN_A_WEEK } from "../fixtures/mine.js";
import { timeWeek } from "../fixtures/week-of-mining.js";
import { formatSummary } from "../format.js";
import type { Finding, Row } from "../row.js";

const BUDGET_US = 50;
const NS_PER_US = 1000;

const FULL = { warmupRoundCount: 10, roundCount: 25, callsPerRound: 500 };
const QUICK = { warmupRoundCount: 1, roundCount: 3, callsPerRound: 5 };

export const settleWeek: Row = async ({ isQuick }) => {
  const ns = timeWeek({ isByChance: false, rounds: isQuick ? QUICK : FULL });
  const finding: Finding = {
    what: `settle, 7 days of 1 s cycles, no chance, ${LEVEL_UPS_IN_A_WEEK} level-ups`,
    measured: formatSummary(ns, { unit: "µs", per: NS_PER_US }),
    budget: `≤ ${BUDGET_US} µs`,
    isMet: ns.median <= BUDGET_US * NS_PER_US,
    how: "604,800 cycles of one task, in a catalog with `maxTaskMs` of 7 days",
    figures: { ns },
  };
  return [finding];
};
