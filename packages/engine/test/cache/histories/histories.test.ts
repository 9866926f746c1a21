/**
 * Seeded histories of instances that share a store and a server, in which much goes wrong: whatever the cache answers must have been
 * right. `MAINSPRING_CACHE_HISTORIES` says how many, `MAINSPRING_SEED` where to begin.
 */
import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkHistories, seedsFrom, tell } from "./check-histories.js";
import type { CacheUnderTest } from "./instance.js";
import { naiveCache } from "./naive-cache.js";
import { noCache } from "./no-cache.js";
import { playHistory } from "./play.js";
import { realCache } from "./real-cache.js";

const count = Number(process.env["MAINSPRING_CACHE_HISTORIES"] ?? 200);
const firstSeed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 31));
const FEW = 30;
/** On a machine with better things to do. */
const MAX_HISTORY_MS = 1_000;

async function expectNoViolation(underTest: CacheUnderTest, histories: number): Promise<void> {
  const { convicted, playedCount, ...sums } = await checkHistories({
    underTest,
    seeds: seedsFrom(firstSeed, histories),
  });
  if (convicted !== null) expect.fail(await tell(underTest, convicted.settings.seed));
  const told = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  console.log(
    `${underTest.name}: ${playedCount} histories from MAINSPRING_SEED=${firstSeed}: ${told.join(", ")}`,
  );
  // A history in which nothing is asked for, or nothing ever found, would prove nothing.
  expect(sums.reads).toBeGreaterThan(100 * histories);
  expect(sums.healthyReads).toBeGreaterThan(10 * histories);
  expect(sums.switched).toBeGreaterThan(10 * histories);
  if (underTest.keeps) expect(sums.hits / sums.reads).toBeGreaterThan(0.3);
}

describe("whatever fails", () => {
  it(
    "the cache answers nothing that is older than allowed, nothing that wasn't durable, and always in time",
    async () => {
      await expectNoViolation(realCache, count);
    },
    60_000 + count * MAX_HISTORY_MS,
  );
});

describe("the checker", () => {
  it("plays the same history, to the byte, for the same seed", async () => {
    for (let seed = firstSeed; seed < firstSeed + FEW / 3; seed += 1) {
      const one = await playHistory({ seed, underTest: realCache });
      const other = await playHistory({ seed, underTest: realCache });
      expect(other.digest, `MAINSPRING_SEED=${seed}`).toBe(one.digest);
    }
  });

  it("finds nothing to say against the store itself", async () => {
    await expectNoViolation(noCache, FEW);
  });

  it("convicts a map with a time to live", async () => {
    const { convicted } = await checkHistories({ underTest: naiveCache, seeds: seedsFrom(firstSeed, FEW) });
    expect(convicted?.violation?.law, `from MAINSPRING_SEED=${firstSeed}`).toBeDefined();
    expect(await tell(naiveCache, convicted?.settings.seed ?? 0)).toMatch(/^Law [1-6]: /);
  });
});
