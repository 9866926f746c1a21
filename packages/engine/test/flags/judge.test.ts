/** What the guard takes for worse, and what it doesn't: few requests, small differences, and chance prove nothing. */
import { describe, expect, it } from "vitest";
import { type ArmCounts, createArm } from "../../src/flags/arms.js";
import { GUARD_THRESHOLDS, judge } from "../../src/flags/judge.js";
import { seededRandom } from "../store/seeded-random.js";

interface Fared {
  readonly requests: number;
  readonly errors?: number;
  readonly wrong?: number;
  readonly elapsedMs?: (index: number) => number;
}

function fared({ requests, errors = 0, wrong = 0, elapsedMs = () => 2 }: Fared): ArmCounts {
  const arm = createArm();
  for (let index = 0; index < requests; index += 1) {
    arm.note({ elapsedMs: elapsedMs(index), isError: index < errors }, 0, 0);
  }
  for (let index = 0; index < wrong; index += 1) arm.noteWrong(0);
  return arm.counts(0);
}

const judged = (reached: Fared, others: Fared): string | null =>
  judge({ reached: fared(reached), others: fared(others) }, GUARD_THRESHOLDS)?.reason ?? null;

describe("the guard", () => {
  it("finds more errors", () => {
    expect(judged({ requests: 200, errors: 20 }, { requests: 2_000, errors: 2 })).toBe(
      "10 % of 200 requests failed, against 0.1 % of 2000 of the other players.",
    );
  });

  it("finds that all requests are slower", () => {
    expect(judged({ requests: 60, elapsedMs: () => 30 }, { requests: 500 })).toBe(
      "The slowest 17 % of 60 requests took 30 ms or more, against up to 2.2 ms of 500 of the other players.",
    );
  });

  it("finds that one request in twenty is slower", () => {
    const reason = judged(
      { requests: 2_000, elapsedMs: (index) => (index % 20 === 0 ? 80 : 2) },
      { requests: 2_000 },
    );
    expect(reason).toMatch(/^The slowest 1 % of 2000 requests took 80 ms or more/);
  });

  it("finds answers that are wrong, however few requests there are", () => {
    expect(judged({ requests: 3, wrong: 2 }, { requests: 1 })).toBe(
      "2 answers differ from those of the plain path, against none of the other players.",
    );
  });

  it("blames no layer for what meets the other players as well", () => {
    const slow = (): number => 80;
    expect(judged({ requests: 500, errors: 50 }, { requests: 500, errors: 50 })).toBeNull();
    expect(judged({ requests: 500, elapsedMs: slow }, { requests: 500, elapsedMs: slow })).toBeNull();
    expect(judged({ requests: 500, wrong: 5 }, { requests: 500, wrong: 1 })).toBeNull();
  });

  it("takes nothing back for being better", () => {
    expect(judged({ requests: 500 }, { requests: 500, errors: 250, elapsedMs: () => 90 })).toBeNull();
  });

  it("judges by no small numbers, and no small differences", () => {
    expect(judged({ requests: 49, errors: 49 }, { requests: 500 })).toBeNull();
    expect(judged({ requests: 500, errors: 9 }, { requests: 5_000 })).toBeNull();
    expect(judged({ requests: 500, elapsedMs: () => 6 }, { requests: 500 })).toBeNull();
    expect(
      judged({ requests: 500, elapsedMs: () => 100 }, { requests: 500, elapsedMs: () => 80 }),
    ).toBeNull();
  });

  it("makes nothing of one error, though the other players are many and have none", () => {
    expect(judged({ requests: 50, errors: 1 }, { requests: 950 })).toBeNull();
    expect(judged({ requests: 50, errors: 2 }, { requests: 950, errors: 1 })).toBeNull();
  });

  it("doesn't mistake chance for a difference where errors are rare and the share is small", () => {
    const random = seededRandom("rare errors");
    const chance = (requests: number): Fared => ({
      requests,
      errors: Array.from({ length: requests }, () => random.fraction()).filter((drawn) => drawn < 0.001)
        .length,
    });
    let blamed = 0;
    for (let pair = 0; pair < 3_000; pair += 1) {
      if (judged(chance(50 + random.integer(50)), chance(1_000)) !== null) blamed += 1;
    }
    expect(blamed).toBeLessThanOrEqual(3);
  });

  it("doesn't mistake chance for a difference, in ten thousand pairs of arms that are the same", () => {
    const random = seededRandom("judge");
    const chance = (requests: number): Fared => ({
      requests,
      errors: Array.from({ length: requests }, () => random.fraction()).filter((drawn) => drawn < 0.03)
        .length,
      elapsedMs: () => 2 / Math.sqrt(1 - random.fraction()),
    });
    let blamed = 0;
    for (let pair = 0; pair < 10_000; pair += 1) {
      if (judged(chance(50 + random.integer(50)), chance(100)) !== null) blamed += 1;
    }
    expect(blamed).toBeLessThanOrEqual(5);
  });
});

describe("an arm", () => {
  it("forgets what is older than half a minute", () => {
    const arm = createArm();
    arm.note({ elapsedMs: 1, isError: true }, 0, 0);
    arm.noteWrong(500);
    expect(arm.counts(29_000)).toMatchObject({ requests: 1, errors: 1, wrong: 1 });
    expect(arm.counts(30_000)).toMatchObject({ requests: 0, errors: 0, wrong: 0 });
    arm.note({ elapsedMs: 1, isError: false }, 30_000, 0);
    expect(arm.counts(30_000)).toMatchObject({ requests: 1, errors: 0, wrong: 0 });
  });
});
