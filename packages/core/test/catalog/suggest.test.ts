/** "Did you mean …?" finds what was meant, suggests nothing far-fetched, and takes no more time than a typing mistake is worth. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closest } from "../../src/index.js";

describe("the nearest known word", () => {
  const words = ["copper-ore", "zinc-ore", "gear", "fine-gear", "mining"];

  it.each([
    ["coper-ore", "copper-ore"],
    ["copper-oer", "copper-ore"],
    ["Copper-Ore", "copper-ore"],
    ["copper_ore", "copper-ore"],
    ["geer", "gear"],
    ["fine-gaer", "fine-gear"],
    ["minnig", "mining"],
  ])("to %s is %s", (word, meant) => {
    expect(closest(word, words)).toBe(meant);
  });

  it.each(["", "philosophers-stone", "go", "x".repeat(65), "x".repeat(1_000_000)])(
    "to %.20s is none",
    (word) => {
      expect(closest(word, words)).toBeNull();
    },
  );

  it("is the first of several that are as near, and the nearest of several", () => {
    expect(closest("cat", ["bat", "hat"])).toBe("bat");
    expect(closest("gears", ["bears", "gear", "gears-"])).toBe("bears");
    expect(closest("steam-drill", ["steam-drum", "steam-drills", "dream-drill"])).toBe("steam-drills");
  });

  it("agrees with a full table of edit distances, up to four edits and a third of the word", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 14 });
    fc.assert(
      fc.property(letters, fc.array(letters, { maxLength: 6 }), (word, candidates) => {
        const limit = Math.min(4, Math.max(1, Math.floor(word.length / 3)));
        const near = candidates
          .map((candidate) => ({ candidate, distance: alignment(word, candidate) }))
          .filter(({ distance }) => distance <= limit);
        const least = Math.min(...near.map(({ distance }) => distance));
        expect(closest(word, candidates)).toBe(
          near.find(({ distance }) => distance === least)?.candidate ?? null,
        );
      }),
      { numRuns: 5000 },
    );
  });
});

/** Optimal string alignment, written to be obviously right. */
function alignment(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (__, j) => i + j),
  );
  const at = (i: number, j: number): number => table[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const row = table[i] ?? [];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
        isSwap ? at(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return at(a.length, b.length);
}
