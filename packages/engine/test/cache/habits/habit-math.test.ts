/** The laws of the arithmetic of habits. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chanceOfKeeping,
  chanceWithin,
  HISTORY_BITS,
  laterHistory,
  REMEMBERED_DAYS,
} from "../../../src/cache/habits/habit-math.js";
import { check } from "../../batch/replay.js";

const histories = fc.integer({ min: 0, max: 2 ** HISTORY_BITS - 1 });

/** The history of a habit that was kept so many days ago, for each of the last three weeks. */
function historyOf(isKept: (daysAgo: number) => boolean): number {
  let history = 0;
  for (let daysAgo = 1; daysAgo <= REMEMBERED_DAYS; daysAgo += 1) {
    if (isKept(daysAgo)) history |= 2 ** daysAgo;
  }
  return history;
}

describe("a history", () => {
  it("moved on by some days and some more is the same as moved on by all of them", async () => {
    const days = fc.integer({ min: 0, max: 30 });
    await check(fc.tuple(histories, days, days), async ([history, some, more]) => {
      expect(laterHistory(laterHistory(history, some), more)).toBe(laterHistory(history, some + more));
    });
  });

  it("is empty after three weeks and a day", () => {
    expect(laterHistory(1, REMEMBERED_DAYS)).not.toBe(0);
    expect(laterHistory(2 ** HISTORY_BITS - 1, HISTORY_BITS)).toBe(0);
  });
});

describe("the chance to keep a habit", () => {
  it("lies between 0 and 1, and grows with each day that it was kept on after the first", async () => {
    await check(fc.tuple(histories, fc.integer({ min: 1, max: REMEMBERED_DAYS })), async ([history, day]) => {
      const chance = chanceOfKeeping(history);
      expect(chance > 0).toBe(history > 1);
      expect(chance).toBeLessThan(1);
      const more = history | (2 ** day);
      // A first day further back would be another habit.
      if (31 - Math.clz32(more) === 31 - Math.clz32(history)) {
        expect(chanceOfKeeping(more)).toBeGreaterThanOrEqual(chance);
      }
    });
  });

  it("is small after one day, and grows with each of the next", () => {
    expect(chanceOfKeeping(0)).toBe(0);
    expect(chanceOfKeeping(0b10)).toBeLessThan(0.15);
    expect(chanceOfKeeping(0b110)).toBeGreaterThan(0.3);
    expect(chanceOfKeeping(0b1110)).toBeGreaterThan(0.4);
    expect(chanceOfKeeping(0b1000)).toBeLessThan(0.1);
  });

  it("tells weekdays apart", () => {
    const everyDay = chanceOfKeeping(historyOf(() => true));
    const onlyThatDay = chanceOfKeeping(historyOf((daysAgo) => daysAgo % 7 === 0));
    const allButThatDay = chanceOfKeeping(historyOf((daysAgo) => daysAgo % 7 !== 0));
    expect(everyDay).toBeGreaterThan(0.9);
    expect(onlyThatDay).toBeGreaterThan(0.5);
    expect(allButThatDay).toBeLessThan(0.5);
  });

  it("believes what was lately more than what was before", () => {
    const lately = chanceOfKeeping(historyOf((daysAgo) => daysAgo <= 10 || daysAgo === REMEMBERED_DAYS));
    const before = chanceOfKeeping(historyOf((daysAgo) => daysAgo > 10));
    expect(lately).toBeGreaterThan(before);
  });
});

describe("the chance to come within a window", () => {
  const minutes = fc.integer({ min: -700, max: 700 });
  const occasions = fc.record({
    chance: fc.double({ min: 0, max: 0.99, noNaN: true }),
    spreadMinutes: fc.integer({ min: 2, max: 60 }),
    fromMinutes: minutes,
  });

  it("lies between 0 and the chance to come at all, and grows with the window", async () => {
    await check(fc.tuple(occasions, fc.nat(300), fc.nat(300)), async ([occasion, length, more]) => {
      const at = occasion.fromMinutes;
      const shorter = chanceWithin({ ...occasion, toMinutes: at + length });
      const longer = chanceWithin({ ...occasion, toMinutes: at + length + more });
      expect(shorter).toBeGreaterThanOrEqual(0);
      expect(longer).toBeGreaterThanOrEqual(shorter);
      expect(longer).toBeLessThanOrEqual(occasion.chance + 1e-12);
    });
  });

  it("of two windows, one after the other, is that of both together", async () => {
    await check(fc.tuple(occasions, fc.nat(300), fc.nat(300)), async ([occasion, one, other]) => {
      const at = occasion.fromMinutes;
      const first = chanceWithin({ ...occasion, toMinutes: at + one });
      const second = chanceWithin({ ...occasion, fromMinutes: at + one, toMinutes: at + one + other });
      const both = chanceWithin({ ...occasion, toMinutes: at + one + other });
      expect(first + (1 - first) * second).toBeCloseTo(both, 9);
    });
  });
});
