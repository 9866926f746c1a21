/**
 * When each player comes back. A player has up to four habits: a time of day, how far from it they come, and on which of the
 * last three weeks' days they did, so that weekdays show by themselves. No timers: whoever sees players tells, whoever wants to know asks.
 *
 * Times are UTC. Where clocks are set by an hour, habits are learned anew in some days.
 */
import assert from "node:assert/strict";
import { chanceOfKeeping, chanceWithin, dayOf, laterHistory, MINUTES_PER_DAY } from "./habit-math.js";
import {
  createHabitTable,
  type Habit,
  HABITS_PER_PLAYER,
  type HabitTable,
  LIST_COUNT,
  quarterOf,
} from "./habit-table.js";
import { ageHabits, learnVisit } from "./learn-visit.js";
import { decodePlayer, encodePlayer } from "./player-bytes.js";
import { createPlayerRows } from "./player-rows.js";

/** Default: those who came last, so many. 56 bytes each with the index, and their id. */
export const MAX_MODELLED = 100_000;

/** Who sent no request for so long is away. */
export const AWAY_AFTER_MS = 10 * 60_000;

/** One question looks at no more habits; the next goes on with others. */
export const MAX_LOOKED_AT = 20_000;

/** Whose usual time lies further from the window is not looked at: it takes a wide spread, and so little chance. */
const LOOK_AROUND_MINUTES = 15;

const MS_PER_MINUTE = 60_000;
const AWAY_AFTER_MINUTES = AWAY_AFTER_MS / MS_PER_MINUTE;

export interface DueOptions {
  readonly withinMs: number;
  readonly limit: number;
  /** Who is less likely to come within that time is left out. From 0 to 1. */
  readonly minChance: number;
  /** Others are left out. Default: everybody is wanted */
  readonly isWanted?: (playerId: string) => boolean;
}

export interface Habits {
  /** A request of a player. `true`: a visit begins. A repeat within the minute costs no more than a look. */
  note(playerId: string, atMs: number): boolean;
  /** Away now, and likely to come within that time: the likeliest first. */
  dueSoon(nowMs: number, options: DueOptions): readonly string[];
  /** The chance that a player, if away, comes within that time. 0 for one who is not known. */
  chanceOf(playerId: string, nowMs: number, withinMs: number): number;
  /** All that is known of a player, as 24 bytes to be kept elsewhere; `null`: nothing. */
  exportPlayer(playerId: string): Uint8Array | null;
  /** Takes what was exported, unless the player was seen here later. `false`: it did not, or they are no such bytes. */
  importPlayer(playerId: string, bytes: Uint8Array): boolean;
  /** Players that are known. */
  size(): number;
}

interface Due {
  readonly row: number;
  readonly chance: number;
}

export function createHabits(options: { readonly maxPlayers?: number } = {}): Habits {
  const maxPlayers = options.maxPlayers ?? MAX_MODELLED;
  assert(Number.isSafeInteger(maxPlayers) && maxPlayers > 0, "a bound is a positive number");
  const table = createHabitTable(maxPlayers);
  const rows = createPlayerRows(maxPlayers);
  const rowOf = (playerId: string): number => {
    const { row, isNew } = rows.touch(playerId);
    if (isNew) for (const number of numbersOf(row)) table.clear(number);
    return row;
  };
  const askDue = createDueQuestion(table, (row) => rows.playerIn(row));
  return {
    note(playerId, atMs) {
      const minute = Math.floor(atMs / MS_PER_MINUTE);
      const known = rows.find(playerId);
      const awayMinutes = known === null ? Infinity : minute - table.lastSeenMinute(known);
      // Also when a clock was set back.
      if (awayMinutes < 1) return false;
      const isVisit = awayMinutes >= AWAY_AFTER_MINUTES;
      if (known !== null) ageHabits(table, known, minute);
      const row = known === null || isVisit ? rowOf(playerId) : known;
      if (isVisit) learnVisit(table, row, minute);
      table.setLastSeenMinute(row, minute);
      return isVisit;
    },
    dueSoon: (nowMs, question) => askDue(nowMs, question).map(({ row }) => rows.playerIn(row)),
    chanceOf(playerId, nowMs, withinMs) {
      const row = rows.find(playerId);
      return row === null ? 0 : chanceOfPlayer(table, row, windowOf(nowMs, withinMs));
    },
    exportPlayer(playerId) {
      const row = rows.find(playerId);
      if (row === null) return null;
      return encodePlayer({
        lastSeenMinute: table.lastSeenMinute(row),
        habits: numbersOf(row).map((number) => table.read(number)),
      });
    },
    importPlayer(playerId, bytes) {
      const player = decodePlayer(bytes);
      const known = rows.find(playerId);
      if (player === null) return false;
      if (known !== null && table.lastSeenMinute(known) >= player.lastSeenMinute) return false;
      const row = rowOf(playerId);
      table.setLastSeenMinute(row, player.lastSeenMinute);
      for (const [place, number] of numbersOf(row).entries()) {
        const habit = player.habits[place] ?? null;
        if (habit === null) table.clear(number);
        else table.write(number, habit);
      }
      return true;
    },
    size: () => rows.size(),
  };
}

/** Goes on, from one question to the next, where there are too many to look at. */
function createDueQuestion(
  table: HabitTable,
  playerIn: (row: number) => string,
): (nowMs: number, options: DueOptions) => readonly Due[] {
  let lookedAt = 0;
  return (nowMs, { withinMs, limit, minChance, isWanted = () => true }) => {
    const window = windowOf(nowMs, withinMs);
    const numbers = habitsAround(table, window);
    const count = Math.min(numbers.length, MAX_LOOKED_AT);
    const due = new Map<number, Due>();
    for (let index = 0; index < count; index += 1) {
      const number = numbers[(lookedAt + index) % numbers.length] ?? 0;
      const row = Math.floor(number / HABITS_PER_PLAYER);
      const awayMinutes = Math.floor(window.nowMinute) - table.lastSeenMinute(row);
      if (due.has(row) || awayMinutes < AWAY_AFTER_MINUTES) continue;
      // All habits of a player together are no likelier than the sum of them: somebody who is likely has one that is worth a closer look.
      const habit = table.read(number);
      if (habit === null) continue;
      const ownChance = chanceOfHabit(habit, window, table.lastSeenMinute(row));
      if (ownChance < minChance / HABITS_PER_PLAYER) continue;
      const chance = chanceOfPlayer(table, row, window);
      if (chance >= minChance && isWanted(playerIn(row))) due.set(row, { row, chance });
    }
    lookedAt = numbers.length > count ? (lookedAt + count) % numbers.length : 0;
    return [...due.values()]
      .sort((one, other) => other.chance - one.chance || one.row - other.row)
      .slice(0, limit);
  };
}

interface Window {
  readonly nowMinute: number;
  readonly withinMinutes: number;
}

function windowOf(nowMs: number, withinMs: number): Window {
  return { nowMinute: nowMs / MS_PER_MINUTE, withinMinutes: withinMs / MS_PER_MINUTE };
}

/** By one habit or another. */
function chanceOfPlayer(table: HabitTable, row: number, window: Window): number {
  let staysAway = 1;
  for (let place = 0; place < HABITS_PER_PLAYER; place += 1) {
    const habit = table.read(row * HABITS_PER_PLAYER + place);
    if (habit !== null) staysAway *= 1 - chanceOfHabit(habit, window, table.lastSeenMinute(row));
  }
  return 1 - staysAway;
}

/** Of a player's habits. */
function numbersOf(row: number): readonly number[] {
  return Array.from({ length: HABITS_PER_PLAYER }, (_, place) => row * HABITS_PER_PLAYER + place);
}

/** Of all habits whose usual time is near the window: the numbers. */
function habitsAround(table: HabitTable, { nowMinute, withinMinutes }: Window): readonly number[] {
  const first = quarterOf(nowMinute - LOOK_AROUND_MINUTES);
  const last = quarterOf(nowMinute + withinMinutes + LOOK_AROUND_MINUTES);
  const quarters = Math.min(LIST_COUNT, last - first + 1);
  return Array.from({ length: quarters }, (_, index) => table.list((first + index) % LIST_COUNT)).flat();
}

function chanceOfHabit(
  { timeMinutes, spreadMinutes, history }: Habit,
  { nowMinute, withinMinutes }: Window,
  lastSeenMinute: number,
): number {
  const day = dayOf(nowMinute + withinMinutes / 2, timeMinutes);
  const present = laterHistory(history, day - dayOf(lastSeenMinute, timeMinutes));
  // Kept already on that day.
  if ((present & 1) === 1) return 0;
  const fromMinutes = nowMinute - day * MINUTES_PER_DAY - timeMinutes;
  return chanceWithin({
    chance: chanceOfKeeping(present),
    spreadMinutes,
    fromMinutes,
    toMinutes: fromMinutes + withinMinutes,
  });
}
