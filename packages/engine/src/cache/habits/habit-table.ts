/**
 * Habits as bytes: for each player up to four, and the instant they were last seen: 24 bytes. And who has one at which time
 * of day: a list of habits for each quarter of an hour.
 */
import assert from "node:assert/strict";
import { HISTORY_BITS, MINUTES_PER_DAY } from "./habit-math.js";

export const HABITS_PER_PLAYER = 4;

/** Times of day are known to two minutes: so they fit beside the history. */
const TIME_STEP_MINUTES = 2;
const TIME_MASK = 2 ** (32 - HISTORY_BITS) - 1;
const NO_TIME = TIME_MASK;

/** Distances are known to a quarter of a minute. */
const SPREAD_STEPS_PER_MINUTE = 4;
export const MAX_SPREAD_MINUTES = 60;
export const MIN_SPREAD_MINUTES = 2;

const LIST_MINUTES = 15;
export const LIST_COUNT = MINUTES_PER_DAY / LIST_MINUTES;

export interface Habit {
  /** Minutes since midnight, UTC, to {@link TIME_STEP_MINUTES}. */
  readonly timeMinutes: number;
  readonly spreadMinutes: number;
  readonly history: number;
}

export interface HabitTable {
  /** `null`: there is none. A habit's number is its player's row × {@link HABITS_PER_PLAYER} and up. */
  read(number: number): Habit | null;
  write(number: number, habit: Habit): void;
  clear(number: number): void;
  lastSeenMinute(row: number): number;
  setLastSeenMinute(row: number, minute: number): void;
  /** The numbers of all habits of a quarter of an hour, in no order. */
  list(quarter: number): readonly number[];
}

/** Of a time of day in minutes. */
export function quarterOf(timeMinutes: number): number {
  return Math.floor(timeMinutes / LIST_MINUTES);
}

export function createHabitTable(rowCount: number): HabitTable {
  const habitCount = rowCount * HABITS_PER_PLAYER;
  const seen = new Uint32Array(rowCount);
  const packed = new Uint32Array(habitCount).fill(NO_TIME);
  const spreads = new Uint8Array(habitCount);
  const lists = Array.from({ length: LIST_COUNT }, (): number[] => []);
  // Where in its list a habit is.
  const places = new Uint32Array(habitCount);

  const listAt = (quarter: number): number[] => {
    const list = lists[quarter];
    assert(list !== undefined, "a quarter of an hour is one of the day's");
    return list;
  };
  const timeOf = (number: number): number | null => {
    const step = at(packed, number) & TIME_MASK;
    return step === NO_TIME ? null : step * TIME_STEP_MINUTES;
  };
  const unlist = (number: number, timeMinutes: number): void => {
    const list = listAt(quarterOf(timeMinutes));
    const last = list.pop();
    if (last === undefined || last === number) return;
    const place = at(places, number);
    list[place] = last;
    places[last] = place;
  };
  const clear = (number: number): void => {
    const timeMinutes = timeOf(number);
    if (timeMinutes !== null) unlist(number, timeMinutes);
    packed[number] = NO_TIME;
  };
  const write = (number: number, { timeMinutes, spreadMinutes, history }: Habit): void => {
    assert(timeMinutes >= 0 && timeMinutes < MINUTES_PER_DAY, "a time of day");
    const step = Math.floor(timeMinutes / TIME_STEP_MINUTES);
    const quarter = quarterOf(step * TIME_STEP_MINUTES);
    const before = timeOf(number);
    if (before === null || quarterOf(before) !== quarter) {
      if (before !== null) unlist(number, before);
      places[number] = listAt(quarter).push(number) - 1;
    }
    packed[number] = ((history << (32 - HISTORY_BITS)) | step) >>> 0;
    const spread = Math.min(MAX_SPREAD_MINUTES, Math.max(MIN_SPREAD_MINUTES, spreadMinutes));
    spreads[number] = Math.round(spread * SPREAD_STEPS_PER_MINUTE);
  };
  return {
    read(number) {
      const timeMinutes = timeOf(number);
      if (timeMinutes === null) return null;
      return {
        timeMinutes,
        spreadMinutes: at(spreads, number) / SPREAD_STEPS_PER_MINUTE,
        history: at(packed, number) >>> (32 - HISTORY_BITS),
      };
    },
    write,
    clear,
    lastSeenMinute: (row) => at(seen, row),
    setLastSeenMinute(row, minute) {
      seen[row] = minute;
    },
    list: listAt,
  };
}

function at(array: Uint32Array | Uint8Array, index: number): number {
  const value = array[index];
  assert(value !== undefined, "a row is one of the table's");
  return value;
}
