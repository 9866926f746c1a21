/** What a visit says about a player's habits: which of them it keeps, or that there is a new one. */
import { dayOf, laterHistory, MINUTES_PER_DAY, strengthOf } from "./habit-math.js";
import { type Habit, HABITS_PER_PLAYER, type HabitTable } from "./habit-table.js";

/** A visit belongs to a habit within three of its mean distances: nearly all that do. */
const SPREADS_AROUND = 3;
const MIN_AROUND_MINUTES = 20;
const MAX_AROUND_MINUTES = 60;

/** Of a habit that was seen once. */
const FIRST_SPREAD_MINUTES = 12;

/** How much of the way time and spread go towards a new visit, at least: what came before fades within some visits. */
const MIN_GAIN = 0.1;

/** A habit that was kept less often, decayed, makes room for a new one. */
const WEAK_STRENGTH = 2;

/** Moves the histories of a player on to an instant: days without a visit are days on which habits were not kept. */
export function ageHabits(table: HabitTable, row: number, minute: number): void {
  const before = table.lastSeenMinute(row);
  for (let place = 0; place < HABITS_PER_PLAYER; place += 1) {
    const number = row * HABITS_PER_PLAYER + place;
    const habit = table.read(number);
    if (habit === null) continue;
    const days = dayOf(Math.floor(minute), habit.timeMinutes) - dayOf(before, habit.timeMinutes);
    if (days > 0) table.write(number, { ...habit, history: laterHistory(habit.history, days) });
  }
}

/** A visit begins: the habit that it belongs to is kept, or there is a new one. Histories are as of now. */
export function learnVisit(table: HabitTable, row: number, minute: number): void {
  const timeMinutes = Math.floor(minute) % MINUTES_PER_DAY;
  let weakest = { number: row * HABITS_PER_PLAYER, strength: Infinity };
  let nearest: { readonly number: number; readonly habit: Habit; readonly distance: number } | null = null;
  for (let place = 0; place < HABITS_PER_PLAYER; place += 1) {
    const number = row * HABITS_PER_PLAYER + place;
    const habit = table.read(number);
    const strength = habit === null ? -1 : strengthOf(habit.history);
    if (strength < weakest.strength) weakest = { number, strength };
    if (habit === null) continue;
    const distance = distanceOf(timeMinutes, habit.timeMinutes);
    const around = Math.min(
      MAX_AROUND_MINUTES,
      Math.max(MIN_AROUND_MINUTES, SPREADS_AROUND * habit.spreadMinutes),
    );
    const isNearer = nearest === null || Math.abs(distance) < Math.abs(nearest.distance);
    if (Math.abs(distance) <= around && isNearer) nearest = { number, habit, distance };
  }
  if (nearest !== null) keep(table, nearest);
  else if (weakest.strength < WEAK_STRENGTH) {
    table.write(weakest.number, { timeMinutes, spreadMinutes: FIRST_SPREAD_MINUTES, history: 1 });
  }
}

/** Time and spread move towards the visit: at first as a plain mean does, later as a decaying one. */
function keep(
  table: HabitTable,
  { number, habit, distance }: { readonly number: number; readonly habit: Habit; readonly distance: number },
): void {
  // A second visit on the same day says nothing about the first.
  if ((habit.history & 1) === 1) return;
  const gain = Math.max(MIN_GAIN, 1 / (strengthOf(habit.history) + 1));
  const moved = Math.round(habit.timeMinutes + gain * distance);
  table.write(number, {
    timeMinutes: (moved + MINUTES_PER_DAY) % MINUTES_PER_DAY,
    spreadMinutes: habit.spreadMinutes + gain * (Math.abs(distance) - habit.spreadMinutes),
    history: habit.history | 1,
  });
}

/** From the usual time to another one, the shorter way round the clock. */
function distanceOf(timeMinutes: number, usualMinutes: number): number {
  const ahead = (timeMinutes - usualMinutes + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return ahead > MINUTES_PER_DAY / 2 ? ahead - MINUTES_PER_DAY : ahead;
}
