/** Measuring: rounds, medians, and two sides taken in turns so that what disturbs the machine disturbs both alike. */
import { performance } from "node:perf_hooks";

/** The spread of repeated measurements. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly roundCount: number;
}

const NS_PER_MS = 1e6;

/** @throws Error when there is nothing to sum up. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error("Nothing was measured.");
  const half = sorted.length / 2;
  const lower = sorted[Math.ceil(half) - 1] ?? min;
  const upper = sorted[Math.floor(half)] ?? max;
  return { median: (lower + upper) / 2, min, max, roundCount: sorted.length };
}

/** Each round's `a` divided by its `b`: a ratio within one round, never between two. */
export function ratiosOf(a: readonly number[], b: readonly number[]): Summary {
  return summarise(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

export interface CallRounds {
  /** Rounds that are thrown away first, until the compiler has done its work. */
  readonly warmupRoundCount: number;
  readonly roundCount: number;
  readonly callsPerRound: number;
}

/** Time of one call in ns, over rounds of many. `run` makes so many calls. */
export function nsPerCall(run: (callCount: number) => void, rounds: CallRounds): Summary {
  const { warmupRoundCount, roundCount, callsPerRound } = rounds;
  const measured: number[] = [];
  for (let round = 0; round < warmupRoundCount + roundCount; round += 1) {
    const startedAtMs = performance.now();
    run(callsPerRound);
    const tookNs = (performance.now() - startedAtMs) * NS_PER_MS;
    if (round >= warmupRoundCount) measured.push(tookNs / callsPerRound);
  }
  return summarise(measured);
}

/** Measures two sides in turns; which of them is first changes from round to round. */
export async function inTurns(
  roundCount: number,
  a: (round: number) => Promise<number>,
  b: (round: number) => Promise<number>,
): Promise<{ readonly a: readonly number[]; readonly b: readonly number[] }> {
  const measured = { a: [] as number[], b: [] as number[] };
  for (let round = 0; round < roundCount; round += 1) {
    const isAFirst = round % 2 === 0;
    if (isAFirst) measured.a.push(await a(round));
    measured.b.push(await b(round));
    if (!isAFirst) measured.a.push(await a(round));
  }
  return measured;
}
