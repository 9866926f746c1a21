/**
 * The keys that are asked for most, in bounded room: Space-Saving (Metwally, Agrawal and El Abbadi, "Efficient computation of
 * frequent and top-k elements in data streams", 2005). Only a sample is counted, so that a hit costs almost nothing, and counts fade, so
 * that yesterday's hot keys go.
 */
import assert from "node:assert/strict";
import type { HotKey } from "./cache-stats.js";

/** Default: keys that are counted at once. A key with more than 1/64 of the requests is sure to be among them. */
export const HOT_KEY_CAPACITY = 64;

/** Default: one request in so many is counted. */
export const HOT_KEY_SAMPLE = 64;

export interface HotKeys {
  /** A key was asked for. */
  note(key: string): void;
  /** Halves all counts. Called by whoever has timers, each some minutes. */
  fade(): void;
  /**
   * The hottest first. Of what was sampled, faded with time, a true count lies from `count − maxError` to `count`; both are scaled up to
   * all requests, to which chance adds its own error.
   */
  hottest(limit: number): readonly HotKey[];
}

export interface HotKeysOptions {
  /** From 0 to 1. */
  readonly random: () => number;
  /** Default: {@link HOT_KEY_CAPACITY} */
  readonly capacity?: number;
  /** One request in so many is counted; 1: each. Default: {@link HOT_KEY_SAMPLE} */
  readonly oneIn?: number;
}

interface Counted {
  readonly key: string;
  readonly maxError: number;
  count: number;
  place: number;
}

export function createHotKeys(options: HotKeysOptions): HotKeys {
  const { random, capacity = HOT_KEY_CAPACITY, oneIn = HOT_KEY_SAMPLE } = options;
  assert(capacity > 0 && oneIn > 0, "bounds are positive");
  const byKey = new Map<string, Counted>();
  // By count, the highest first. With the first place of each count, one more is one exchange of places.
  let ranking: Counted[] = [];
  const firstPlaces = new Map<number, number>();
  // A key that is not counted was asked for at most so often.
  let unseenAtMost = 0;

  const increment = (counted: Counted): void => {
    const { count, place } = counted;
    const first = firstPlaces.get(count) ?? place;
    const other = ranking[first] ?? counted;
    ranking[place] = other;
    other.place = place;
    ranking[first] = counted;
    counted.place = first;
    counted.count = count + 1;
    if (ranking[first + 1]?.count === count) firstPlaces.set(count, first + 1);
    else firstPlaces.delete(count);
    if (!firstPlaces.has(count + 1)) firstPlaces.set(count + 1, first);
  };
  const enter = (key: string, { count, place }: { readonly count: number; readonly place: number }): void => {
    const counted = { key, count, maxError: count, place };
    ranking[place] = counted;
    byKey.set(key, counted);
    if (!firstPlaces.has(count)) firstPlaces.set(count, place);
    increment(counted);
  };
  const count = (key: string): void => {
    const counted = byKey.get(key);
    if (counted !== undefined) {
      increment(counted);
      return;
    }
    const last = ranking.at(-1);
    if (ranking.length < capacity || last === undefined) {
      enter(key, { count: unseenAtMost, place: ranking.length });
      return;
    }
    byKey.delete(last.key);
    enter(key, last);
  };
  // Unevenly spaced, or a client that asks in a fixed order would always be caught with the same key.
  const gap = (): number => 1 + Math.floor(random() * (2 * oneIn - 1));
  let left = gap();
  return {
    note(key) {
      left -= 1;
      if (left > 0) return;
      left = gap();
      count(key);
    },
    fade() {
      const before = ranking;
      // What was asked for once is forgotten, and then anybody may have been.
      ranking = before.filter((counted) => counted.count > 1);
      unseenAtMost = ranking.length < before.length ? 1 : Math.ceil(unseenAtMost / 2);
      byKey.clear();
      firstPlaces.clear();
      ranking = ranking.map((counted, place) => fadedOf(counted, place));
      for (const counted of ranking) {
        byKey.set(counted.key, counted);
        if (!firstPlaces.has(counted.count)) firstPlaces.set(counted.count, counted.place);
      }
    },
    hottest: (limit) =>
      ranking.slice(0, limit).map(({ key, count: sampled, maxError }) => ({
        key,
        count: sampled * oneIn,
        maxError: maxError * oneIn,
      })),
  };
}

/** Rounded so that half of the true count still lies between `count − maxError` and `count`. */
function fadedOf({ key, count, maxError }: Counted, place: number): Counted {
  const most = Math.ceil(count / 2);
  const least = Math.floor((count - maxError) / 2);
  return { key, count: most, maxError: most - least, place };
}
