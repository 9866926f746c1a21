/** A layer that was made slow, failing or wrong on purpose, over a store: the guard has to find out. */
import { setTimeout as sleep } from "node:timers/promises";
import { MainspringError } from "@mainspring/core";
import type { IsOn, Store, StoredRecord } from "@mainspring/engine";

/**
 * `slow`: half of the reads take 40 ms longer. `failing`: one read in five fails. `stale`: a player is shown as first read, whatever was
 * committed since. `mixed-up`: one player's record is shown as another's.
 */
export type Harm = "slow" | "failing" | "stale" | "mixed-up";

const DELAY_MS = 40;
const SLOW_EVERY = 2;
const FAILS_EVERY = 5;

/** Lays it over the store, for the players whom it is on for. */
export function harmfulLayer(
  store: Store,
  { harm, isOn }: { readonly harm: Harm; readonly isOn: IsOn },
): Store {
  const firstRead = new Map<string, StoredRecord>();
  let readCount = 0;
  const harmed: Readonly<Record<Harm, (record: StoredRecord) => Promise<StoredRecord>>> = {
    async slow(record) {
      if (readCount % SLOW_EVERY === 0) await sleep(DELAY_MS);
      return record;
    },
    async failing(record) {
      if (readCount % FAILS_EVERY === 0) throw new MainspringError("STORE_UNAVAILABLE", "Made to fail.");
      return record;
    },
    async stale(record) {
      const first = firstRead.get(record.playerId) ?? record;
      firstRead.set(record.playerId, first);
      return first;
    },
    async "mixed-up"(record) {
      const [other = record] = firstRead.values();
      firstRead.set(record.playerId, record);
      return { ...record, bytes: other.bytes };
    },
  };
  return {
    ...store,
    async read(playerIds, options) {
      const records = await store.read(playerIds, options);
      return Promise.all(
        records.map(async (record) => {
          if (record === null || !isOn(record.playerId)) return record;
          readCount += 1;
          return harmed[harm](record);
        }),
      );
    },
  };
}
