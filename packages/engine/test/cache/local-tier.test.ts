/** What the first tier makes of a value that it has already. */
import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/budget.js";
import type { LocalEntry } from "../../src/cache/local/local-entry.js";
import { createLocalTier } from "../../src/cache/local/local-tier.js";

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
