/**
 * Reads past the cache, of players for whom it is off: one request to the store, and nothing of it is kept but which version was shown. So
 * what the cache still has from before, here or in the second tier, isn't shown once it is on again, if it is older.
 */
import type { Store, StoredRecord, StoreReadOptions } from "../../ports.js";
import type { Subjects } from "../local/subjects.js";
import { isOlder, NO_STAMP } from "../stamp.js";
import { stampOf } from "./record-codec.js";

export type ReadPast = (
  playerIds: readonly string[],
  options: StoreReadOptions,
) => Promise<readonly (StoredRecord | null)[]>;

export interface ReadPastParts {
  readonly store: Store;
  readonly subjects: Subjects;
}

export function createReadPast({ store, subjects }: ReadPastParts): ReadPast {
  return async (playerIds, options) => {
    const isTruth = options.consistency !== "eventual";
    const floors = playerIds.map((playerId) => subjects.floorOf(playerId));
    const records = await store.read(playerIds, options);
    for (const [index, playerId] of playerIds.entries()) {
      const stamp = stampOf(records[index] ?? null);
      // The floor was there before the store was asked, and the store is the truth.
      if (isTruth && isOlder(stamp, floors[index] ?? NO_STAMP)) subjects.lower(playerId, stamp);
      else subjects.raise(playerId, stamp);
    }
    return records;
  };
}
