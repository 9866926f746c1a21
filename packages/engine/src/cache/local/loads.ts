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
  /** Whether there is one to join. */
  has(key: string): boolean;
  /** `work` is given its load. */
  start(key: string, work: (load: Pick<Load<V>, "isCancelled" | "startedAtMs">) => Promise<V>): Load<V>;
}

/** @param maxAgeMs nobody joins a load that began longer ago */
export function createLoads<V>(timers: { nowMs(): number }, maxAgeMs: number): Loads<V> {
  /** Of each key those that are under way, the latest last. Only that one is joined; a write cancels all. */
  const underWay = new Map<string, Set<Load<V>>>();
  const joinable = new Map<string, Load<V>>();
  const end = (key: string, load: Load<V>): void => {
    if (joinable.get(key) === load) joinable.delete(key);
    const loads = underWay.get(key);
    loads?.delete(load);
    if (loads?.size === 0) underWay.delete(key);
  };
  const isYoung = ({ startedAtMs }: Load<V>): boolean => timers.nowMs() - startedAtMs <= maxAgeMs;
  return {
    has(key) {
      const load = joinable.get(key);
      return load !== undefined && isYoung(load);
    },
    join(key) {
      const load = joinable.get(key);
      if (load === undefined || load.sharing >= MAX_SHARING || !isYoung(load)) return undefined;
      load.sharing += 1;
      return load;
    },
    start(key, work) {
      const mine = { startedAtMs: timers.nowMs(), isCancelled: false, sharing: 1 };
      const load: Load<V> = Object.assign(mine, { result: work(mine).finally(() => end(key, load)) });
      const loads = underWay.get(key) ?? new Set();
      underWay.set(key, loads.add(load));
      joinable.set(key, load);
      return load;
    },
    dropOlder(key: string, _stamp: Stamp | null) {
      for (const load of underWay.get(key) ?? []) load.isCancelled = true;
      joinable.delete(key);
      return null;
    },
  };
}
