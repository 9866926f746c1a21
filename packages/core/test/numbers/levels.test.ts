/** Levels: the xp that each asks for, against the formula in exact fractions. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileCatalog, levelOf, type Skill, xpForNextLevel } from "../../src/index.js";

function skillWith(levels: unknown): Skill {
  const activities = { rest: { kind: "rest", durationMs: 1_000 } };
  const skill = compileCatalog({
    name: "levels",
    kinds: ["rest"],
    skills: { s: { levels } },
    activities,
  }).skills.get("s");
  if (skill === undefined) throw new Error("The skill was compiled away.");
  return skill;
}

/** `xpFor(n + 1) = xpFor(n) + floor(xpBase × xpGrowth^(n−1))`, each power from scratch as a fraction. */
function xpFor(level: number, xpBase: number, growthPpm: number): bigint {
  let xp = 0n;
  for (let n = 1; n < level; n += 1) {
    const power = BigInt(n - 1);
    xp += (BigInt(xpBase) * BigInt(growthPpm) ** power) / 1_000_000n ** power;
  }
  return xp;
}

describe("levels", () => {
  test("ask for what the formula says, exactly", () => {
    const growth = fc.integer({ min: 1_000_000, max: 1_400_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        growth,
        fc.integer({ min: 1, max: 60 }),
        (xpBase, ppm, max) => {
          const { xpForLevel } = skillWith({ xpBase, xpGrowth: Number(`${ppm}e-6`), max });
          expect(xpForLevel).toHaveLength(max);
          for (let level = 1; level <= max; level += 1) {
            expect(BigInt(xpForLevel[level - 1] ?? -1)).toBe(xpFor(level, xpBase, ppm));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are reached at their xp and not one before", () => {
    const skill = skillWith({ xpBase: 100, xpGrowth: 1.15, max: 99 });
    for (const [index, xp] of skill.xpForLevel.entries()) {
      expect(levelOf(skill, xp)).toBe(index + 1);
      if (xp > 0) expect(levelOf(skill, xp - 1)).toBe(index);
      expect(xpForNextLevel(skill, xp)).toBe(skill.xpForLevel[index + 1] ?? Infinity);
    }
    expect(levelOf(skill, Number.MAX_SAFE_INTEGER)).toBe(99);
  });

  test("that ask for the same xp are reached together", () => {
    const skill = skillWith({ table: [0, 0, 5, 5, 5, 9] });
    expect([0, 4, 5, 8, 9].map((xp) => levelOf(skill, xp))).toEqual([2, 2, 5, 5, 6]);
  });
});
