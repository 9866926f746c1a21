/** Loads under way, one for each key. A newer write cancels a load: who waits gets its value, but nobody new does, and it isn't kept. */
import type { Stamp } from "../../ports.js";
import type { Holder } from "./subjects.js";

/** So many may wait for one load; the next one begins another. */
const MAX_SHARING = 10_000;

export interface Load<V> {
  readonly startedAtMs: number;
  readonly result: Promise<V>;
  isCancelled: boolean;
  sharing: number;
}

export interface Loads<V> extends Holder {
  /** One to wait for, if there is one that began lately enough: what it finds may be as old as its beginning. */
  join(key: string): Load<V> | undefined;
  /** `work` is given its load. */
  start(key: string, work: (load: Pick<Load<V>, "isCancelled" | "startedAtMs">) => Promise<V>): Load<V>;
  readonly size: number;
}

/** @param maxAgeMs nobody joins a load that began longer ago */
export function createLoads<V>(timers: { nowMs(): number }, maxAgeMs: number): Loads<V> {
  const underWay = new Map<string, Load<V>>();
  return {
    join(key) {
      const load = underWay.get(key);
      if (load === undefined || load.sharing >= MAX_SHARING) return undefined;
      if (timers.nowMs() - load.startedAtMs > maxAgeMs) return undefined;
      load.sharing += 1;
      return load;
    },
    start(key, work) {
      const mine = { startedAtMs: timers.nowMs(), isCancelled: false, sharing: 1 };
      const load: Load<V> = Object.assign(mine, {
        result: work(mine).finally(() => {
          if (underWay.get(key) === load) underWay.delete(key);
        }),
      });
      underWay.set(key, load);
      return load;
    },
    dropOlder(key: string, _stamp: Stamp | null) {
      const load = underWay.get(key);
      if (load === undefined) return;
      load.isCancelled = true;
      underWay.delete(key);
    },
    get size() {
      return underWay.size;
    },
  };
}
