/** The cost of asking when nothing is due, which is what nearly every read is. */
import { settle } from "@mainspring/core";
import { CYCLE_MS, openMine, START_MS } from "../fixtures/mine.js";
import { formatSummary } from "../format.js";
import { nsPerCall, summarise } from "../measure.js";
import type { Finding, Row } from "../row.js";

const BUDGET_NS = 100;

/** What the measuring itself may leave on the heap: less than a bit per call. */
const NOTHING_BYTES = 0.1;

const FULL = { warmupRoundCount: 3, roundCount: 15, callsPerRound: 2_000_000 };
const QUICK = { warmupRoundCount: 1, roundCount: 3, callsPerRound: 20_000 };

export const settleIdle: Row = async ({ isQuick }) => {
  const rounds = isQuick ? QUICK : FULL;
  const { timeline, player } = openMine({ isByChance: false });
  // Instants within the cycle in flight, each a number object that exists already, so that none is made on the way.
  const instants: (number | null)[] = [null];
  for (let afterMs = 0; afterMs < CYCLE_MS; afterMs += 1) instants.push(START_MS + afterMs);
  let changedCount = 0;
  const run = (callCount: number): void => {
    for (let call = 0; call < callCount; call += 1) {
      const nowMs = instants[1 + (call % CYCLE_MS)] ?? START_MS;
      if (settle(player, timeline, nowMs) !== player) changedCount += 1;
    }
  };
  const ns = nsPerCall(run, rounds);
  const bytes = summarise(Array.from({ length: 5 }, () => bytesPerCall(run, rounds.callsPerRound)));
  if (changedCount > 0) throw new Error("Something was due.");
  const isMet = ns.median <= BUDGET_NS && bytes.median < NOTHING_BYTES;
  const finding: Finding = {
    what: "settle, nothing due",
    measured: `${formatSummary(ns, { unit: "ns" })}, ${bytes.median.toFixed(2)} bytes allocated`,
    budget: `≤ ${BUDGET_NS} ns, no allocation`,
    isMet,
    how: `per call, ${ns.roundCount} rounds of ${rounds.callsPerRound} at changing instants within a cycle; growth of the heap over as many calls`,
    figures: { ns, bytes },
  };
  return [finding];
};

/** Growth of the heap. Nothing is collected on the way: it is far less than the young generation holds, or it isn't nothing. */
function bytesPerCall(run: (callCount: number) => void, callCount: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  run(callCount);
  return (process.memoryUsage().heapUsed - before) / callCount;
}
