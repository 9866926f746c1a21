/** What goes wrong in a history, and when: drawn from its seed before it begins, so that it can be played without one of them. */
import type { Random } from "./random.js";

export const DISTURBANCE_KINDS = [
  "crash",
  "clean close",
  "freeze",
  "blockade",
  "reset",
  "server killed",
  "server restarts from a copy",
  "server paused",
  "server flushed",
  "messages lost",
  "messages doubled",
  "messages out of order",
  "slow network",
  "values away",
  "store fails",
  "store slow",
] as const;

export type DisturbanceKind = (typeof DISTURBANCE_KINDS)[number];

export interface Disturbance {
  readonly kind: DisturbanceKind;
  readonly atMs: number;
  readonly forMs: number;
  /** Which instance, where it is one of them: counted among those that live then. */
  readonly target: number;
  /** More chance for whatever it needs. */
  readonly chances: readonly number[];
}

/** At most, of a process or the server: well below the time after which it is forgotten. */
const MAX_LENGTH_MS = 5_000;
/** Of all disturbances: those that begin before there is any trust that they could betray. */
const EARLY_RATE = 0.2;

export interface DrawOptions {
  readonly kinds: readonly DisturbanceKind[];
  readonly count: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A few kinds, often again: together they do what one of each among all others seldom does. */
const MAX_KINDS = 4;

export function drawKinds(random: Random): readonly DisturbanceKind[] {
  const count = 1 + random.integer(MAX_KINDS);
  return Array.from({ length: count }, () => random.pick(DISTURBANCE_KINDS));
}

export function drawDisturbances(
  random: Random,
  { kinds, count, fromMs, untilMs }: DrawOptions,
): readonly Disturbance[] {
  const drawn: Disturbance[] = [];
  for (let index = 0; index < count; index += 1) {
    drawn.push({
      kind: random.pick(kinds),
      atMs: random.chance(EARLY_RATE) ? random.between(0, fromMs) : random.between(fromMs, untilMs),
      forMs: random.chance(0.5) ? random.between(30, 600) : random.between(600, MAX_LENGTH_MS),
      target: random.integer(1_000),
      chances: [random.fraction(), random.fraction(), random.fraction(), random.fraction()],
    });
  }
  return drawn.sort((one, other) => one.atMs - other.atMs);
}

export function describeDisturbance({ kind, forMs }: Disturbance): string {
  return `${kind}, for ${Math.round(forMs)} ms`;
}
