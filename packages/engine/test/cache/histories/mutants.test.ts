/**
 * The checker finds out what lacks any part of the fence: so there is no part that nothing needs, and no law that nothing breaks. Each
 * mutant is played in histories that are known to convict it. `MAINSPRING_CACHE_MUTANTS=search` looks for others, from
 * `MAINSPRING_SEED` on, and tells their seeds.
 */
import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkHistories, seedsFrom, tell } from "./check-histories.js";
import { MUTANTS } from "./mutants.js";
import { createMutant, type Mutant, type MutantPlan } from "./mutate.js";
import { playHistory } from "./play.js";
import { realCache } from "./real-cache.js";

const isSearching = process.env["MAINSPRING_CACHE_MUTANTS"] === "search";
const firstSeed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 31));
/** For each mutant. */
const MAX_HISTORIES = Number(process.env["MAINSPRING_CACHE_HISTORIES"] ?? 1_000);
/** So many seeds are worth recording: with every change of the cache some histories become others. */
const ENOUGH_SEEDS = 3;
const SEARCH_LIMIT_MS = 3_600_000;

/** The first seed that convicts the mutant; `null`: all laws were kept. */
async function convict(
  { focus }: MutantPlan,
  { underTest }: Mutant,
  seeds: readonly number[],
): Promise<number | null> {
  const { convicted } = await checkHistories({ underTest, focus, seeds });
  if (convicted === null) return null;
  const { seed } = convicted.settings;
  // And it is what is lacking that convicts it: the cache itself stands the same history.
  const itself = await playHistory({ seed, underTest: realCache, focus });
  expect(itself.violation, `the cache itself, MAINSPRING_SEED=${seed}`).toBe(null);
  return seed;
}

async function search(plan: MutantPlan, mutant: Mutant): Promise<void> {
  const found: number[] = [];
  let left = seedsFrom(firstSeed, MAX_HISTORIES);
  while (found.length < ENOUGH_SEEDS && left.length > 0) {
    const seed = await convict(plan, mutant, left);
    if (seed === null) break;
    if (found.length === 0) console.log(await tell(mutant.underTest, seed, plan.focus));
    found.push(seed);
    left = left.slice(left.indexOf(seed) + 1);
    console.log(`${plan.lacks}: seeds: [${found.join(", ")}]`);
  }
  expect(found).not.toEqual([]);
}

async function replay(plan: MutantPlan, mutant: Mutant): Promise<void> {
  const seed = await convict(plan, mutant, plan.seeds);
  expect(seed, "none of the recorded histories convicts it any more; search for others").not.toBe(null);
}

describe("the checker convicts a cache without", () => {
  for (const plan of MUTANTS) {
    it(
      plan.lacks,
      async () => {
        const mutant = await createMutant(plan);
        try {
          await (isSearching ? search(plan, mutant) : replay(plan, mutant));
        } finally {
          await mutant.remove();
        }
      },
      SEARCH_LIMIT_MS,
    );
  }
});
