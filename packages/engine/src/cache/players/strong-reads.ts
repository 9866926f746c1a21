/** Reads of the store itself, past all tiers. What comes is kept. */
import type { Store, StoredRecord, Timers, Traced } from "../../ports.js";
import type { Subjects } from "../local/subjects.js";
import { isOlder, NO_STAMP } from "../stamp.js";
import type { Loaded, TierPair } from "../tier-pair.js";
import { stampOf } from "./record-codec.js";

export interface StrongReadsParts {
  readonly store: Store;
  readonly tiers: TierPair<StoredRecord>;
  readonly subjects: Subjects;
  readonly timers: Timers;
}

export interface StrongReads {
  /** What the store has, kept nowhere yet. */
  load(playerIds: readonly string[], traced?: Traced): Promise<Loaded<StoredRecord>[]>;
  read(playerIds: readonly string[], traced?: Traced): Promise<(StoredRecord | null)[]>;
}

export function createStrongReads({ store, tiers, subjects, timers }: StrongReadsParts): StrongReads {
  const { counters } = tiers.local;
  const load: StrongReads["load"] = async (playerIds, traced) => {
    const startedAtMs = timers.nowMs();
    counters.loads += playerIds.length;
    try {
      const records = await store.read(playerIds, traced);
      counters.loadMs += timers.nowMs() - startedAtMs;
      return playerIds.map((_, index) => {
        const value = records[index] ?? null;
        return { stamp: stampOf(value), value, startedAtMs };
      });
    } catch (error) {
      counters.failedLoads += playerIds.length;
      throw error;
    }
  };
  return {
    load,
    async read(playerIds, traced) {
      const floors = playerIds.map((playerId) => subjects.floorOf(playerId));
      const loaded = await load(playerIds, traced);
      return loaded.map((one, index) => {
        const playerId = playerIds[index] ?? "";
        // The floor was there before the store was asked, and the store is the truth.
        if (isOlder(one.stamp, floors[index] ?? NO_STAMP)) subjects.lower(playerId, one.stamp);
        tiers.keepLoaded(playerId, one, null);
        return one.value;
      });
    },
  };
}
