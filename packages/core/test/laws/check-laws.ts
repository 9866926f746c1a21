/** Puts random histories to a property, replayably. */
import * as fc from "fast-check";
import { type HistoryPlan, historyPlan } from "../generate/history-plan.js";

/** By default; `MAINSPRING_HISTORIES` asks for another number. */
const DEFAULT_HISTORIES = 20_000;

/** Test files over which the histories are spread, so that they use all processors. */
const SHARDS = 4;

function number(name: string): number | null {
  const text = process.env[name];
  if (text === undefined || text === "") return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} must be a whole number, not ${text}.`);
  return value;
}

/** How many histories one of the files plays. */
export function historiesPerShard(): number {
  return Math.ceil((number("MAINSPRING_HISTORIES") ?? DEFAULT_HISTORIES) / SHARDS);
}

/**
 * Where a file's histories come from. A failure prints its seed and path: with `MAINSPRING_SEED` and `MAINSPRING_PATH` set
 * to them it is played again, alone.
 */
export function replay(shard: number): { seed: number; path?: string } {
  const seed = number("MAINSPRING_SEED");
  const path = process.env["MAINSPRING_PATH"];
  if (seed !== null && path !== undefined && path !== "") return { seed, path };
  return { seed: ((seed ?? Date.now()) + shard) | 0 };
}

/** Checks so many histories. The error of a failure has the seed, the path, and the smallest history that fails. */
export function checkHistories(
  property: (plan: HistoryPlan) => void,
  { numRuns, seed, path }: { numRuns: number; seed: number; path?: string },
): void {
  fc.assert(
    fc.property(historyPlan, (plan) => property(plan)),
    { numRuns, seed, ...(path === undefined ? {} : { path }), includeErrorInReport: true },
  );
}
