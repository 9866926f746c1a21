/** What is known of a player as bytes that can be kept elsewhere: when they were seen last, then each habit. */
import assert from "node:assert/strict";
import { MINUTES_PER_DAY } from "./habit-math.js";
import { type Habit, HABITS_PER_PLAYER } from "./habit-table.js";

const HEAD_BYTES = 4;
/** History and half the time of day in four, and the spread in quarters of a minute. */
const HABIT_BYTES = 5;

export const BYTES_PER_PLAYER = HEAD_BYTES + HABITS_PER_PLAYER * HABIT_BYTES;

const TIME_BITS = 10;
const TIME_MASK = 2 ** TIME_BITS - 1;
const NO_HABIT = TIME_MASK;
const MINUTES_PER_STEP = 2;
const SPREAD_STEPS_PER_MINUTE = 4;

export interface KnownPlayer {
  readonly lastSeenMinute: number;
  /** {@link HABITS_PER_PLAYER}; `null`: none. */
  readonly habits: readonly (Habit | null)[];
}

export function encodePlayer({ lastSeenMinute, habits }: KnownPlayer): Uint8Array {
  assert(habits.length === HABITS_PER_PLAYER, "all habits of a player");
  const bytes = new Uint8Array(BYTES_PER_PLAYER);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, lastSeenMinute);
  for (const [place, habit] of habits.entries()) {
    const at = HEAD_BYTES + place * HABIT_BYTES;
    const word =
      habit === null ? NO_HABIT : (habit.history << TIME_BITS) | (habit.timeMinutes / MINUTES_PER_STEP);
    view.setUint32(at, word >>> 0);
    view.setUint8(at + 4, (habit?.spreadMinutes ?? 0) * SPREAD_STEPS_PER_MINUTE);
  }
  return bytes;
}

/** `null`: they are nobody's. */
export function decodePlayer(bytes: Uint8Array): KnownPlayer | null {
  if (bytes.length !== BYTES_PER_PLAYER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const habits: (Habit | null)[] = [];
  for (let at = HEAD_BYTES; at < BYTES_PER_PLAYER; at += HABIT_BYTES) {
    const word = view.getUint32(at);
    const step = word & TIME_MASK;
    const timeMinutes = step * MINUTES_PER_STEP;
    if (step !== NO_HABIT && timeMinutes >= MINUTES_PER_DAY) return null;
    const spreadMinutes = view.getUint8(at + 4) / SPREAD_STEPS_PER_MINUTE;
    habits.push(step === NO_HABIT ? null : { timeMinutes, spreadMinutes, history: word >>> TIME_BITS });
  }
  return { lastSeenMinute: view.getUint32(0), habits };
}
