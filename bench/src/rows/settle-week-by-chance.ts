/** A week's absence in which every cycle is rolled for, settled in slices as the service does it. */
import { timeWeek } from "../fixtures/week-of-mining.js";
import { formatSummary } from "../format.js";
import type { Finding, Row } from "../row.js";

const BUDGET_MS = 10;
const NS_PER_MS = 1e6;

const FULL = { warmupRoundCount: 3, roundCount: 25, callsPerRound: 8 };
const QUICK = { warmupRoundCount: 1, roundCount: 3, callsPerRound: 1 };

export const settleWeekByChance: Row = async ({ isQuick }) => {
  const ns = timeWeek({ isByChance: true, rounds: isQuick ? QUICK : FULL });
  const finding: Finding = {
    what: "the same with a 1–3 roll and a 2 % drop each cycle",
    measured: formatSummary(ns, { unit: "ms", per: NS_PER_MS }),
    budget: `≤ ${BUDGET_MS} ms`,
    isMet: ns.median <= BUDGET_MS * NS_PER_MS,
    how: "1,209,600 rolls, in slices of the default cost",
    figures: { ns },
  };
  return [finding];
};
