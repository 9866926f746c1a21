/** Loads of a game's own values: the second tier, then what the caller loads with; with limits, and a last good value past them. */
import type { Timers } from "../../ports.js";
import type { LocalEntry } from "../local/local-entry.js";
import type { Load, Loads } from "../local/loads.js";
import type { Subjects } from "../local/subjects.js";
import type { Purpose } from "../remote-tier.js";
import { newerOf, NO_STAMP } from "../stamp.js";
import type { TierPair } from "../tier-pair.js";
import { within } from "../trust/within.js";

export interface OwnLoadsParts<V> {
  readonly tiers: TierPair<V>;
  readonly subjects: Subjects;
  readonly loads: Loads<V | null>;
  readonly timers: Timers;
  readonly graceMs: number;
  readonly softLimitMs: number;
  readonly hardLimitMs: number;
}

export type Loader<V> = () => Promise<V | null>;

export interface OwnLoads<V> {
  /** The value of a load, one for all who ask. */
  load(key: string, loader: Loader<V>): Promise<V | null>;
  /** Loads ahead of the end of what is here. */
  refresh(key: string, loader: Loader<V>): void;
}

const SLOW = Symbol("slow");

export function createOwnLoads<V>(parts: OwnLoadsParts<V>): OwnLoads<V> {
  const { tiers, subjects, loads, timers, graceMs, softLimitMs } = parts;
  const { local } = tiers;

  const lastGood = (key: string): LocalEntry<V> | undefined => {
    const entry = graceMs === 0 ? undefined : local.look(key);
    return entry !== undefined && timers.nowMs() < entry.expiresAtMs + graceMs ? entry : undefined;
  };

  const start = (key: string, loader: Loader<V>, purpose: Purpose): Load<V | null> =>
    loads.start(key, async (load) => {
      const floor = subjects.floorOf(key);
      const [answer] = await tiers.look([{ key, atLeast: floor }], purpose);
      if (answer?.status === "hit") {
        if (!load.isCancelled) subjects.admit(local, key, answer.entry);
        return answer.entry.value;
      }
      const startedAtMs = timers.nowMs();
      const value = await measured(parts, loader);
      // It is what there was since the last write that is known of.
      const lease = answer?.status === "miss" && answer.token !== null ? answer : null;
      // The second tier may have forgotten what is known here.
      const stamp = newerOf(lease?.floor ?? NO_STAMP, floor);
      if (!load.isCancelled) tiers.keepLoaded(key, { stamp, value, startedAtMs }, lease?.token ?? null);
      return value;
    });

  return {
    async load(key, loader) {
      const joined = loads.join(key);
      if (joined !== undefined) local.counters.shared += 1;
      const { result } = joined ?? start(key, loader, "find");
      if (lastGood(key) === undefined) return result;
      const first = await firstOf(timers, softLimitMs, result);
      if (first !== SLOW) return first;
      // Whoever asks later sees how it ends.
      result.catch(() => undefined);
      const good = lastGood(key);
      if (good === undefined) return result;
      local.counters.graces += 1;
      return good.value;
    },
    refresh(key, loader) {
      if (loads.has(key)) return;
      // Nobody waits for it; whoever asks after the end of the value loads again.
      start(key, loader, "refresh").result.catch(() => undefined);
    },
  };
}

async function measured<V>(
  { tiers, timers, hardLimitMs }: OwnLoadsParts<V>,
  loader: Loader<V>,
): Promise<V | null> {
  const { counters } = tiers.local;
  const startedAtMs = timers.nowMs();
  counters.loads += 1;
  try {
    // In JavaScript there are two ways to say that there is none.
    const value = (await within({ timers, limitMs: hardLimitMs, what: "Loading a value" }, loader)) ?? null;
    counters.loadMs += timers.nowMs() - startedAtMs;
    return value;
  } catch (error) {
    counters.failedLoads += 1;
    throw error;
  }
}

/** The result, or that it is slow; a failure counts as slow, for whoever has something else to give. */
async function firstOf<T>(timers: Timers, limitMs: number, result: Promise<T>): Promise<T | typeof SLOW> {
  let cancel = (): void => undefined;
  const slow = new Promise<typeof SLOW>((resolve) => {
    cancel = timers.after(limitMs, () => resolve(SLOW));
  });
  try {
    return await Promise.race([result, slow]);
  } catch {
    return SLOW;
  } finally {
    cancel();
  }
}
