/**
 * The cache over a real Redis, in real time: instances that share it and a store, one of them a process of its own, while processes are
 * killed and frozen, Redis is killed, paused and flushed, and the network breaks off, stalls, loses and doubles. `MAINSPRING_CACHE_MINUTES`
 * says for how long, `MAINSPRING_SEED` where to begin. Time is real, so a seed gives the same troubles, and not the same history.
 */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RemoteValue } from "../../../src/cache/remote.js";
import { type PlayedRound, playRound } from "./round.js";
import { memoryStores, type SharedStores, startDynamoDbStores } from "./shared-store.js";
import { unfenced } from "./unfenced-remote.js";

const MINUTE_MS = 60_000;
const minutes = Number(process.env["MAINSPRING_CACHE_MINUTES"] ?? 0);
const firstSeed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 31));
/** In a long run; and in the only one of a short run. */
const LONG_ROUND_MS = 60_000;
const SHORT_ROUND_MS = 10_000;

let stores: SharedStores;
beforeAll(async () => {
  stores = process.env["MAINSPRING_TEST_STORE"] === "memory" ? memoryStores : await startDynamoDbStores();
});
afterAll(async () => stores.stop());

function tellOf({ seed, counts, troubles, ...round }: PlayedRound): string {
  const { reads, gets, hits, healthyReads, commits, conflicts, unknown, orphaned, changes, errors } = counts;
  const asked = reads + gets;
  const met = Object.entries(troubles).map(([kind, count]) => `${kind} ${count}`);
  return [
    `MAINSPRING_SEED=${seed}: ${asked} reads (${((100 * hits) / asked).toFixed(1)} % at hand, ${healthyReads} while all was well)`,
    `${commits} commits (${conflicts} conflicts, ${unknown} unknown, ${orphaned} under way when their process died), ${changes} changes, ${errors} failed requests`,
    `outdated by ${counts.mostOutdatedMs.toFixed(0)} ms at most, by ${counts.healthyMostOutdatedMs.toFixed(0)} while all was well`,
    `in touch ${(100 * round.inTouchShare).toFixed(0)} %, ${round.isTrustBack ? "trusted" : "perhaps not trusted"} in the end; this machine was late by ${round.meanLatenessMs.toFixed(1)} ms, at worst ${round.worstLatenessMs.toFixed(0)} ms`,
    met.join(", "),
  ].join("; ");
}

describe("over a real Redis, whatever fails", () => {
  it(
    "the cache answers nothing that is older than allowed, always in time, and is trusted again",
    async () => {
      const untilMs = performance.now() + minutes * MINUTE_MS;
      let seed = firstSeed;
      do {
        const troubledMs = minutes > 0 ? LONG_ROUND_MS : SHORT_ROUND_MS;
        const round = await playRound({ seed, troubledMs, stores });
        console.log(`Over ${stores.kind}, ${tellOf(round)}`);
        if (round.violation !== null) expect.fail(round.told);
        // A round in which nothing is asked for, or nothing goes wrong, would prove nothing.
        expect(round.counts.reads).toBeGreaterThan(100);
        expect(Object.keys(round.troubles)).not.toEqual([]);
        seed += 1;
      } while (performance.now() < untilMs);
    },
    2 * MINUTE_MS + 2 * minutes * MINUTE_MS,
  );
});

describe("the checker of a real Redis", () => {
  it("convicts a second tier without a fence", async () => {
    const values = new Map<string, RemoteValue>();
    const round = await playRound({
      seed: firstSeed,
      troubledMs: SHORT_ROUND_MS,
      stores,
      hasChild: false,
      given: { thinkMs: 10, writeRate: 0.1, ttlSeconds: 300, maxEntries: 1_000 },
      disarm: (remote) => unfenced(remote, values),
    });
    expect(round.told).toMatch(/^Law [1-5]: /);
  });
});
