/**
 * How likely somebody keeps a habit, and when. A habit is a time of day that a player comes at; its history has a bit for
 * each of the last days. Pure numbers: no player, no clock.
 */

export const MINUTES_PER_DAY = 1_440;

/** Days that a history reaches back: three weeks, and bit 0 for the day in question. */
export const REMEMBERED_DAYS = 21;

export const HISTORY_BITS = REMEMBERED_DAYS + 1;

const HISTORY_MASK = 2 ** HISTORY_BITS - 1;

/** A day counts half as much as one so much later: habits change, and players go on holidays, but not from one day to the next. */
const HALF_LIFE_DAYS = 10;

/** Weight of what happened so many days ago. */
const WEIGHTS = Float64Array.from(
  { length: HISTORY_BITS },
  (_, daysAgo) => 0.5 ** (daysAgo / HALF_LIFE_DAYS),
);

/**
 * Before anything is known: of the days after somebody came once at some time, one in eight sees them there again; most who come out
 * of the blue don't. Worth three days of evidence, so a week says more.
 */
const PRIOR_KEPT = 0.4;
const PRIOR_DAYS = 3;

/** What all days say is worth as much as one week's word on this very weekday. */
const ALL_DAYS_WEIGHT = 1;

/** The history as it looks so many days later: none of them kept. */
export function laterHistory(history: number, byDays: number): number {
  if (byDays <= 0) return history;
  return byDays >= HISTORY_BITS ? 0 : (history << byDays) & HISTORY_MASK;
}

/** The decayed count of the days on which it was kept. */
export function strengthOf(history: number): number {
  let strength = 0;
  for (let daysAgo = 0; daysAgo < HISTORY_BITS; daysAgo += 1) {
    if (isKept(history, daysAgo)) strength += weightOf(daysAgo);
  }
  return strength;
}

/**
 * The chance that the habit is kept on the day of bit 0. Two steps of the same shrinkage (the mean of a Beta posterior: Gelman
 * et al., Bayesian Data Analysis, 2.4), with decayed counts in place of plain ones: first over all days, which fill up fast;
 * then, with that as the prior, over the same weekday, of which there are three.
 *
 * The oldest day kept made the habit. It was picked for being one, so it is no evidence of how often it is kept.
 */
export function chanceOfKeeping(history: number): number {
  const before = history & ~1;
  // Nobody came for three weeks: there is no habit any more.
  if (before === 0) return 0;
  const madeDaysAgo = 31 - Math.clz32(before);
  let kept = PRIOR_KEPT;
  let days = PRIOR_DAYS;
  let keptThatWeekday = 0;
  let thoseWeekdays = 0;
  for (let daysAgo = 1; daysAgo < madeDaysAgo; daysAgo += 1) {
    const weight = weightOf(daysAgo);
    const keptWeight = isKept(history, daysAgo) ? weight : 0;
    days += weight;
    kept += keptWeight;
    if (daysAgo % 7 !== 0) continue;
    thoseWeekdays += weight;
    keptThatWeekday += keptWeight;
  }
  return (keptThatWeekday + (ALL_DAYS_WEIGHT * kept) / days) / (thoseWeekdays + ALL_DAYS_WEIGHT);
}

export interface Occasion {
  /** That the habit is kept on this day at all. */
  readonly chance: number;
  /** How far from the usual time they come, on average. */
  readonly spreadMinutes: number;
  /** The window, in minutes from the usual time. */
  readonly fromMinutes: number;
  readonly toMinutes: number;
}

/**
 * The chance to come within the window, given that they did not come before it. The distance from the usual time is taken as
 * logistic: near a normal one, with tails that allow for a day on which somebody is very late, and no need of an integral.
 */
export function chanceWithin({ chance, spreadMinutes, fromMinutes, toMinutes }: Occasion): number {
  const scale = spreadMinutes / SPREAD_PER_SCALE;
  const before = logistic(fromMinutes / scale);
  const within = logistic(toMinutes / scale) - before;
  return (chance * within) / (1 - chance * before);
}

/** Of a logistic distribution the mean distance from the middle is so many times its scale: 2 ln 2. */
const SPREAD_PER_SCALE = 2 * Math.LN2;

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The number of the day whose usual time is the nearest. */
export function dayOf(minute: number, timeMinutes: number): number {
  return Math.floor((minute - timeMinutes + MINUTES_PER_DAY / 2) / MINUTES_PER_DAY);
}

function isKept(history: number, daysAgo: number): boolean {
  return ((history >>> daysAgo) & 1) === 1;
}

function weightOf(daysAgo: number): number {
  return WEIGHTS[daysAgo] ?? 0;
}
