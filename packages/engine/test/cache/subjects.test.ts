import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/budget.js";
import type { LocalEntry } from "../../src/cache/local/local-entry.js";
import { createLocalTier } from "../../src/cache/local/local-tier.js";
import { createSubjects } from "../../src/cache/local/subjects.js";
import { createManualClock } from "../../src/testing/manual-clock.js";

const entry = (version: number): LocalEntry<string> => ({
  stamp: { incarnation: 1, version },
  value: `version ${version}`,
  sizeBytes: 9,
  knownAtMs: 0,
  trustedFromMs: 0,
  expiresAtMs: 60_000,
  refreshAtMs: 50_000,
  notedAtMs: 0,
});

function open() {
  const subjects = createSubjects({
    group: "player",
    timers: createManualClock(),
    onForgotten: () => undefined,
  });
  const tier = createLocalTier<string>({
    namespace: "things",
    nowMs: () => 0,
    budget: createMemoryBudget({ maxEntries: 1, maxBytes: 10_000 }),
    vouching: { trustedSinceMs: () => 0, maxAgeMs: 2_000 },
    random: () => 0.5,
    onEvicted: (key, stamp) => subjects.remember(key, stamp),
  });
  subjects.join(tier);
  return { subjects, tier };
}

describe("nothing older than what was here is taken in", () => {
  it("after it was taken away because something may have changed", () => {
    const { subjects, tier } = open();
    subjects.admit(tier, "ada", entry(37));
    subjects.doubt("ada");
    expect(subjects.admit(tier, "ada", entry(35))).toBe(false);
    expect(subjects.admit(tier, "ada", entry(37))).toBe(true);
  });

  it("after it was given up for others", () => {
    const { subjects, tier } = open();
    subjects.admit(tier, "ada", entry(37));
    subjects.admit(tier, "bob", entry(1));
    expect(tier.look("ada")).toBe(undefined);
    expect(subjects.admit(tier, "ada", entry(35))).toBe(false);
  });

  it("unless the store itself says that there is nothing newer", () => {
    const { subjects, tier } = open();
    subjects.admit(tier, "ada", entry(37));
    subjects.lower("ada", { incarnation: 1, version: 35 });
    expect(subjects.admit(tier, "ada", entry(35))).toBe(true);
  });
});
