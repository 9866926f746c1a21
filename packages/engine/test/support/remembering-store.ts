/**
 * A store over a store that remembers records as a cache does, and that a test can make forgetful of the newest: then it serves what it
 * remembered before, as a cache would whose instance hears of nothing.
 */
import { isOlder } from "../../src/cache/stamp.js";
import type { Consistency, Stamp, Store, StoredRecord } from "../../src/ports.js";

export interface RememberingStore extends Store {
  /** From now on nothing new is remembered: whatever is remembered grows old. */
  growOld(): void;
  /** Remembers the newest again, and has forgotten what it had. */
  catchUp(): void;
  /** Makes it serve old records even to whoever demands newer ones, as no cache should. */
  ignoreDemands(): void;
  /** Replaces what is remembered of a player. */
  plant(playerId: string, record: StoredRecord | null): void;
  /** Reads that the store itself answered, by player, since the last call. */
  takeStoreReads(): readonly string[];
  /** How often it was looked for a snapshot. */
  snapshotReads(): number;
}

export function createRememberingStore(inner: Store): RememberingStore {
  const remembered = new Map<string, StoredRecord | null>();
  let storeReads: string[] = [];
  let snapshotReads = 0;
  let isOld = false;
  let heedsDemands = true;

  const remember = (playerId: string, record: StoredRecord | null): void => {
    if (isOld && remembered.has(playerId)) return;
    remembered.set(playerId, record);
  };
  const peek = (playerId: string, atLeast?: Stamp): StoredRecord | null | undefined => {
    const found = remembered.get(playerId);
    if (found === undefined || atLeast === undefined || !heedsDemands) return found;
    return found === null || isOlder(found, atLeast) ? undefined : found;
  };
  const readOne = async (
    playerId: string,
    consistency: Consistency,
    atLeast?: Stamp,
  ): Promise<StoredRecord | null> => {
    const atHand = consistency === "strong" ? undefined : peek(playerId, atLeast);
    if (atHand !== undefined) return atHand;
    storeReads.push(playerId);
    const [found = null] = await inner.read([playerId], { consistency: "strong" });
    remember(playerId, found);
    return found;
  };
  return {
    ...inner,
    peek,
    read: async (playerIds, { consistency = "strong", atLeast } = {}) =>
      Promise.all(playerIds.map(async (playerId) => readOne(playerId, consistency, atLeast))),
    async commit(writes, options) {
      const outcomes = await inner.commit(writes, options);
      for (const [index, { next }] of writes.entries()) {
        if (outcomes[index]?.status === "committed") remember(next.playerId, next);
        else if (!isOld) remembered.delete(next.playerId);
      }
      return outcomes;
    },
    async readSnapshots(query) {
      snapshotReads += 1;
      return inner.readSnapshots(query);
    },
    growOld() {
      isOld = true;
    },
    catchUp() {
      isOld = false;
      remembered.clear();
    },
    ignoreDemands() {
      heedsDemands = false;
    },
    plant: (playerId, record) => void remembered.set(playerId, record),
    takeStoreReads() {
      const taken = storeReads;
      storeReads = [];
      return taken;
    },
    snapshotReads: () => snapshotReads,
  };
}
