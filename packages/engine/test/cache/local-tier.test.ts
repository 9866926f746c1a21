/** What the first tier makes of a value that it has already. */
import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/budget.js";
import type { LocalEntry } from "../../src/cache/local/local-entry.js";
import { createCache } from "../../src/cache/index.js";
import { createLocalTier } from "../../src/cache/local/local-tier.js";
import { createSubjects } from "../../src/cache/local/subjects.js";

const TRUSTED_SINCE_MS = 10_000;
const MAX_AGE_MS = 2_000;
const NOW_MS = 20_000;

function entry(from: Pick<LocalEntry<string>, "knownAtMs" | "trustedFromMs">): LocalEntry<string> {
  const stamp = { incarnation: 1, version: 1 };
  return {
    stamp,
    value: "ada",
    sizeBytes: 3,
    expiresAtMs: 60_000,
    refreshAtMs: 50_000,
    notedAtMs: 0,
    ...from,
  };
}

/** A tier under a bound, and what is known of its keys. */
function open(limits: { maxEntries: number; maxBytes: number }) {
  const budget = createMemoryBudget(limits);
  const timers = { nowMs: () => NOW_MS };
  const subjects = createSubjects({ group: "thing", timers, onForgotten: () => undefined });
  const tier = createLocalTier<string>({
    onEvicted: (key, stamp) => subjects.remember(key, stamp),
    namespace: "things",
    nowMs: timers.nowMs,
    budget,
    vouching: { trustedSinceMs: () => TRUSTED_SINCE_MS, maxAgeMs: MAX_AGE_MS },
    random: () => 0.5,
  });
  subjects.join(tier);
  const admit = (key: string, version: number, given: Partial<LocalEntry<string>> = {}) => {
    const made = entry({ knownAtMs: NOW_MS, trustedFromMs: NOW_MS });
    return subjects.admit(tier, key, { ...made, stamp: { incarnation: 1, version }, ...given });
  };
  return { budget, tier, admit };
}

describe("what the first tier gives up for others", () => {
  const giveUp = {
    "as what was used longest ago": ({ budget }: ReturnType<typeof open>) => budget.limitTo(0),
    "as the least valuable": ({ budget }: ReturnType<typeof open>) =>
      budget.tenants()[0]?.leastValuable()?.drop(),
    "since there is no room for it": ({ admit, tier }: ReturnType<typeof open>) => {
      admit("ada", 5, { sizeBytes: 10_000 });
      expect(tier.look("ada")).toBeUndefined();
    },
  };
  for (const [how, go] of Object.entries(giveUp)) {
    it(`${how} counts as evicted, and nothing older is taken in afterwards`, () => {
      const test = open({ maxEntries: 10, maxBytes: 5_000 });
      test.admit("ada", 5);
      go(test);
      test.budget.limitTo(1);
      expect(test.tier.stats()).toMatchObject({ evictions: 1, entries: 0, bytes: 0 });
      expect(test.admit("ada", 4)).toBe(false);
      expect(test.tier.look("ada")).toBeUndefined();
      expect(test.admit("ada", 5)).toBe(true);
      expect(test.tier.look("ada")?.stamp.version).toBe(5);
    });
  }

  it("begins with what could not be shown any more", () => {
    const { budget, tier, admit } = open({ maxEntries: 10, maxBytes: 5_000 });
    admit("fresh", 1);
    admit("past its time", 1, { expiresAtMs: NOW_MS });
    admit("not vouched for", 1, { knownAtMs: NOW_MS - MAX_AGE_MS - 1, trustedFromMs: TRUSTED_SINCE_MS - 1 });
    admit("vouched for", 1, { knownAtMs: NOW_MS - MAX_AGE_MS - 1, trustedFromMs: TRUSTED_SINCE_MS });
    budget.tenants()[0]?.dropExpired();
    const left = ["fresh", "past its time", "not vouched for", "vouched for"].map(
      (key) => tier.look(key) !== undefined,
    );
    expect(left).toEqual([true, false, false, true]);
    expect(tier.counters.evictions).toBe(2);
  });
});

describe("a cache that was closed", () => {
  it("leaves the bound to others", async () => {
    const budget = createMemoryBudget({ maxEntries: 10 });
    const cache = createCache({ budget, isSoleWriter: true });
    const guilds = cache.namespace<number>("guilds");
    await guilds.get("g1", async () => 1);
    expect(budget.tenants().map((tenant) => tenant.entries())).toContain(1);
    await cache.close();
    expect(budget.tenants()).toEqual([]);
    expect(await guilds.get("g1", async () => 2)).toBe(2);
    expect(cache.stats().namespaces["guilds.local"]?.entries).toBe(0);
  });
});

describe("the first tier", () => {
  it("shows a value again when the second tier vouches for it, though that knew it to be current at an earlier instant", () => {
    const tier = createLocalTier<string>({
      onEvicted: () => undefined,
      namespace: "things",
      nowMs: () => 0,
      budget: createMemoryBudget({ maxEntries: 10, maxBytes: 10_000 }),
      vouching: { trustedSinceMs: () => TRUSTED_SINCE_MS, maxAgeMs: MAX_AGE_MS },
      random: () => 0.5,
    });
    tier.put("ada", entry({ knownAtMs: 9_000, trustedFromMs: 9_000 }));
    expect(tier.find("ada", NOW_MS)).toBe(undefined);
    tier.put("ada", entry({ knownAtMs: 8_000, trustedFromMs: 15_000 }));
    expect(tier.find("ada", NOW_MS)).toMatchObject({ knownAtMs: 9_000, trustedFromMs: 15_000 });
  });
});
