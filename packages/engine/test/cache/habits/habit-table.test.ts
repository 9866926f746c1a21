/** Habits as bytes, and the lists of who has one at which time of day. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HISTORY_BITS } from "../../../src/cache/habits/habit-math.js";
import {
  createHabitTable,
  type Habit,
  HABITS_PER_PLAYER,
  LIST_COUNT,
  MAX_SPREAD_MINUTES,
  MIN_SPREAD_MINUTES,
  quarterOf,
} from "../../../src/cache/habits/habit-table.js";
import { check } from "../../batch/replay.js";

const ROWS = 3;

const habits: fc.Arbitrary<Habit> = fc.record({
  // Few quarters, so that lists are long; whole steps, so that they come back as they were.
  timeMinutes: fc.constantFrom(0, 2, 14, 16, 28, 30, 1436, 1438),
  spreadMinutes: fc
    .integer({ min: MIN_SPREAD_MINUTES * 4, max: MAX_SPREAD_MINUTES * 4 })
    .map((steps) => steps / 4),
  history: fc.integer({ min: 0, max: 2 ** HISTORY_BITS - 1 }),
});

const steps = fc.array(
  fc.tuple(fc.nat(ROWS * HABITS_PER_PLAYER - 1), fc.option(habits, { nil: null, freq: 3 })),
  { maxLength: 100, size: "max" },
);

describe("a table of habits", () => {
  it("gives back what was written last, and lists each habit under its quarter of an hour and no other", async () => {
    await check(steps, async (written) => {
      const table = createHabitTable(ROWS);
      const model = new Map<number, Habit>();
      for (const [number, habit] of written) {
        if (habit === null) {
          table.clear(number);
          model.delete(number);
        } else {
          table.write(number, habit);
          model.set(number, habit);
        }
      }
      for (let number = 0; number < ROWS * HABITS_PER_PLAYER; number += 1) {
        expect(table.read(number)).toEqual(model.get(number) ?? null);
      }
      for (let quarter = 0; quarter < LIST_COUNT; quarter += 1) {
        const listed = [...table.list(quarter)].sort((one, other) => one - other);
        const expected = [...model]
          .filter(([, { timeMinutes }]) => quarterOf(timeMinutes) === quarter)
          .map(([number]) => number)
          .sort((one, other) => one - other);
        expect(listed).toEqual(expected);
      }
    });
  });
});
