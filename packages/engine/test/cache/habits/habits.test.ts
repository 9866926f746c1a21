/** When players come back, learned from when they came. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AWAY_AFTER_MS, createHabits, type Habits, MAX_LOOKED_AT } from "../../../src/cache/habits/habits.js";
import { check } from "../../batch/replay.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONDAY_MS = Date.UTC(2026, 0, 5);
const WITHIN = { withinMs: 10 * MINUTE_MS, limit: 100, minChance: 0.3 };

/** Comes at a time of day, on those of so many days that are chosen. */
function come(
  habits: Habits,
  playerId: string,
  options: { readonly atMs: number; readonly days: number; readonly isDay?: (day: number) => boolean },
): void {
  const { atMs, days, isDay = () => true } = options;
  for (let day = 0; day < days; day += 1) {
    if (isDay(day)) habits.note(playerId, MONDAY_MS + day * DAY_MS + atMs);
  }
}

const isWorkday = (day: number): boolean => day % 7 < 5;

describe("a visit", () => {
  it("begins with the first request, and with the first after an absence", () => {
    const habits = createHabits();
    expect(habits.note("ada", MONDAY_MS)).toBe(true);
    expect(habits.note("ada", MONDAY_MS + 1_000)).toBe(false);
    expect(habits.note("ada", MONDAY_MS + 5 * MINUTE_MS)).toBe(false);
    expect(habits.note("ada", MONDAY_MS + 5 * MINUTE_MS + AWAY_AFTER_MS)).toBe(true);
  });

  it("goes on while requests come", () => {
    const habits = createHabits();
    habits.note("ada", MONDAY_MS);
    for (let minute = 9; minute < 120; minute += 9) {
      expect(habits.note("ada", MONDAY_MS + minute * MINUTE_MS)).toBe(false);
    }
  });

  it("does not begin by a clock that is set back", () => {
    const habits = createHabits();
    habits.note("ada", MONDAY_MS);
    expect(habits.note("ada", MONDAY_MS - DAY_MS)).toBe(false);
  });
});

describe("who is due soon", () => {
  it("is who came at that time on the days before, shortly before they come again", () => {
    const habits = createHabits();
    come(habits, "evening", { atMs: 18 * HOUR_MS, days: 5 });
    come(habits, "morning", { atMs: 7 * HOUR_MS, days: 5 });
    const today = MONDAY_MS + 5 * DAY_MS;
    expect(habits.dueSoon(today + 18 * HOUR_MS - 5 * MINUTE_MS, WITHIN)).toEqual(["evening"]);
    expect(habits.dueSoon(today + 7 * HOUR_MS - 5 * MINUTE_MS, WITHIN)).toEqual(["morning"]);
    expect(habits.dueSoon(today + 12 * HOUR_MS, WITHIN)).toEqual([]);
  });

  it("is also who comes around midnight", () => {
    const habits = createHabits();
    for (let day = 0; day < 8; day += 1) {
      habits.note("ada", MONDAY_MS + day * DAY_MS + (day % 2 === 0 ? -3 : 3) * MINUTE_MS);
    }
    expect(habits.dueSoon(MONDAY_MS + 8 * DAY_MS - 5 * MINUTE_MS, WITHIN)).toEqual(["ada"]);
  });

  it("is nobody who came already today, or is here", () => {
    const habits = createHabits();
    come(habits, "early", { atMs: 18 * HOUR_MS, days: 5 });
    come(habits, "here", { atMs: 18 * HOUR_MS, days: 5 });
    const now = MONDAY_MS + 5 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    habits.note("early", now - 12 * MINUTE_MS);
    for (let minutes = 120; minutes > 0; minutes -= 5) habits.note("here", now - minutes * MINUTE_MS);
    expect(habits.dueSoon(now, WITHIN)).toEqual([]);
  });

  it("is not, on a weekend, who comes on workdays alone", () => {
    const habits = createHabits();
    come(habits, "worker", { atMs: 8 * HOUR_MS, days: 21, isDay: isWorkday });
    const chanceOn = (day: number): number =>
      habits.chanceOf(
        "worker",
        MONDAY_MS + (21 + day) * DAY_MS + 8 * HOUR_MS - 5 * MINUTE_MS,
        WITHIN.withinMs,
      );
    const [monday, saturday] = [chanceOn(0), chanceOn(5)];
    expect(monday).toBeGreaterThan(0.6);
    expect(saturday).toBeLessThan(monday / 2);
  });

  it("is, on their day, who comes once a week", () => {
    const habits = createHabits();
    come(habits, "weekly", { atMs: 20 * HOUR_MS, days: 22, isDay: (day) => day % 7 === 0 });
    const chanceOn = (day: number): number =>
      habits.chanceOf("weekly", MONDAY_MS + day * DAY_MS + 20 * HOUR_MS - 5 * MINUTE_MS, WITHIN.withinMs);
    expect(chanceOn(28)).toBeGreaterThan(4 * chanceOn(29));
  });

  it("comes with the likeliest first, and no more than asked for", () => {
    const habits = createHabits();
    come(habits, "seldom", { atMs: 18 * HOUR_MS, days: 14, isDay: (day) => day % 3 !== 2 });
    come(habits, "always", { atMs: 18 * HOUR_MS, days: 14 });
    const now = MONDAY_MS + 14 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    expect(habits.dueSoon(now, { ...WITHIN, minChance: 0.1 })).toEqual(["always", "seldom"]);
    expect(habits.dueSoon(now, { ...WITHIN, minChance: 0.1, limit: 1 })).toEqual(["always"]);
  });

  it("is nobody who has not come for weeks", () => {
    const habits = createHabits();
    come(habits, "ada", { atMs: 18 * HOUR_MS, days: 14 });
    const now = MONDAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    const chances = [0, 7, 14, 21, 28, 42].map((days) =>
      habits.chanceOf("ada", now + (14 + days) * DAY_MS, WITHIN.withinMs),
    );
    expect(chances[0]).toBeGreaterThan(0.6);
    expect(chances[1]).toBeLessThan(0.5);
    expect(chances[2]).toBeLessThan(0.25);
    expect(chances).toEqual([...chances].sort((one, other) => other - one));
  });

  it("follows who comes at another time from now on", () => {
    const habits = createHabits();
    come(habits, "ada", { atMs: 18 * HOUR_MS, days: 14 });
    for (let day = 14; day < 21; day += 1) habits.note("ada", MONDAY_MS + day * DAY_MS + 21 * HOUR_MS);
    const today = MONDAY_MS + 21 * DAY_MS - 5 * MINUTE_MS;
    const chanceAt = (hour: number): number =>
      habits.chanceOf("ada", today + hour * HOUR_MS, WITHIN.withinMs);
    expect(chanceAt(21)).toBeGreaterThan(1.5 * chanceAt(18));
  });

  it("knows who is punctual from who is not", () => {
    const habits = createHabits();
    for (let day = 0; day < 14; day += 1) {
      const at = MONDAY_MS + day * DAY_MS + 18 * HOUR_MS;
      habits.note("punctual", at + ((day % 3) - 1) * MINUTE_MS);
      habits.note("late", at + ((day % 3) - 1) * 25 * MINUTE_MS);
    }
    const now = MONDAY_MS + 14 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    expect(habits.chanceOf("punctual", now, WITHIN.withinMs)).toBeGreaterThan(0.7);
    expect(habits.chanceOf("late", now, WITHIN.withinMs)).toBeLessThan(0.5);
  });

  it("learns nothing of a time from a second visit on the same day", () => {
    const habits = createHabits();
    for (let day = 0; day < 14; day += 1) {
      habits.note("once", MONDAY_MS + day * DAY_MS + 18 * HOUR_MS);
      habits.note("twice", MONDAY_MS + day * DAY_MS + 18 * HOUR_MS);
      habits.note("twice", MONDAY_MS + day * DAY_MS + 18 * HOUR_MS + 15 * MINUTE_MS);
    }
    const now = MONDAY_MS + 14 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    expect(habits.chanceOf("twice", now, WITHIN.withinMs)).toBe(
      habits.chanceOf("once", now, WITHIN.withinMs),
    );
  });

  it("keeps several habits of a player, whatever happens in between", () => {
    const habits = createHabits();
    for (let day = 0; day < 14; day += 1) {
      for (const hour of [7, 12, 18]) habits.note("ada", MONDAY_MS + day * DAY_MS + hour * HOUR_MS);
      // Never the same time again.
      habits.note("ada", MONDAY_MS + day * DAY_MS + 20 * HOUR_MS + ((day * 97) % 180) * MINUTE_MS);
    }
    for (const hour of [7, 12, 18]) {
      const now = MONDAY_MS + 14 * DAY_MS + hour * HOUR_MS - 5 * MINUTE_MS;
      expect(habits.dueSoon(now, WITHIN)).toEqual(["ada"]);
    }
  });
});

describe("what is known of a player", () => {
  it("is 24 bytes, and says the same elsewhere", () => {
    const habits = createHabits();
    come(habits, "ada", { atMs: 18 * HOUR_MS, days: 13, isDay: isWorkday });
    come(habits, "bob", { atMs: 7 * HOUR_MS, days: 13 });
    const bytes = habits.exportPlayer("ada");
    expect(bytes).toHaveLength(24);
    const others = createHabits();
    expect(others.importPlayer("ada", bytes ?? new Uint8Array())).toBe(true);
    for (let hour = 0; hour < 48; hour += 1) {
      const now = MONDAY_MS + 14 * DAY_MS + hour * HOUR_MS - 5 * MINUTE_MS;
      expect(others.chanceOf("ada", now, HOUR_MS)).toBe(habits.chanceOf("ada", now, HOUR_MS));
    }
    expect(others.dueSoon(MONDAY_MS + 14 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS, WITHIN)).toEqual(["ada"]);
    expect(others.exportPlayer("ada")).toEqual(bytes);
    expect(others.exportPlayer("bob")).toBeNull();
  });

  it("gives way to what is newer, never to what is older", () => {
    const [older, newer] = [createHabits(), createHabits()];
    older.note("ada", MONDAY_MS);
    newer.note("ada", MONDAY_MS + DAY_MS);
    const [before, after] = [older.exportPlayer("ada"), newer.exportPlayer("ada")];
    expect(newer.importPlayer("ada", before ?? new Uint8Array())).toBe(false);
    expect(newer.exportPlayer("ada")).toEqual(after);
    expect(older.importPlayer("ada", after ?? new Uint8Array())).toBe(true);
    expect(older.exportPlayer("ada")).toEqual(after);
  });

  it("is not taken from bytes that can't be", async () => {
    const habits = createHabits();
    await check(fc.uint8Array({ minLength: 0, maxLength: 30 }), async (bytes) => {
      if (habits.importPlayer("ada", bytes)) expect(bytes).toHaveLength(24);
      habits.dueSoon(MONDAY_MS, { ...WITHIN, minChance: 0 });
    });
    expect(habits.importPlayer("bob", new Uint8Array(24).fill(0xfe))).toBe(false);
    expect(habits.size()).toBeLessThanOrEqual(1);
  });
});

describe("bounds", () => {
  it("forget who came least recently, and all that was known of them", () => {
    const habits = createHabits({ maxPlayers: 2 });
    come(habits, "first", { atMs: 18 * HOUR_MS, days: 5 });
    come(habits, "second", { atMs: 18 * HOUR_MS, days: 6 });
    habits.note("third", MONDAY_MS + 6 * DAY_MS);
    expect(habits.size()).toBe(2);
    const now = MONDAY_MS + 6 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    expect(habits.dueSoon(now, WITHIN)).toEqual(["second"]);
    expect(habits.chanceOf("first", now, WITHIN.withinMs)).toBe(0);
  });

  it("keep who came again, though they came first", () => {
    const habits = createHabits({ maxPlayers: 2 });
    habits.note("first", MONDAY_MS);
    habits.note("second", MONDAY_MS + HOUR_MS);
    habits.note("first", MONDAY_MS + 2 * HOUR_MS);
    habits.note("third", MONDAY_MS + 3 * HOUR_MS);
    expect(habits.exportPlayer("first")).not.toBeNull();
    expect(habits.exportPlayer("second")).toBeNull();
  });

  it("look at so many habits in a question, and at the others in the next", () => {
    const playerCount = MAX_LOOKED_AT + 100;
    const habits = createHabits();
    for (let day = 0; day < 5; day += 1) {
      for (let player = 0; player < playerCount; player += 1) {
        habits.note(`player-${player}`, MONDAY_MS + day * DAY_MS + 18 * HOUR_MS);
      }
    }
    const now = MONDAY_MS + 5 * DAY_MS + 18 * HOUR_MS - 5 * MINUTE_MS;
    const ask = (): readonly string[] => habits.dueSoon(now, { ...WITHIN, limit: Infinity });
    const first = ask();
    expect(first).toHaveLength(MAX_LOOKED_AT);
    expect(new Set([...first, ...ask()]).size).toBe(playerCount);
  });

  it("hold for whatever players do: the index finds all whose chance is above what was asked for, and nobody else", async () => {
    const visits = fc.array(
      fc.record({
        player: fc.nat(7),
        day: fc.nat(24),
        minute: fc.oneof(fc.nat(1439), fc.constantFrom(0, 3, 720, 723, 1437, 1439)),
      }),
      { maxLength: 200, size: "max" },
    );
    await check(fc.tuple(visits, fc.nat(1439)), async ([unsorted, minute]) => {
      const habits = createHabits({ maxPlayers: 5 });
      const instants = unsorted
        .map((visit) => ({ ...visit, atMs: MONDAY_MS + visit.day * DAY_MS + visit.minute * MINUTE_MS }))
        .sort((one, other) => one.atMs - other.atMs);
      for (const { player, atMs } of instants) habits.note(`player-${player}`, atMs);
      const now = MONDAY_MS + 25 * DAY_MS + minute * MINUTE_MS;
      const due = habits.dueSoon(now, { ...WITHIN, minChance: 0.25 });
      const likely = Array.from({ length: 8 }, (_, player) => `player-${player}`).filter(
        (playerId) => habits.chanceOf(playerId, now, WITHIN.withinMs) >= 0.25,
      );
      expect([...due].sort()).toEqual(likely);
      expect(habits.size()).toBeLessThanOrEqual(5);
    });
  });
});
