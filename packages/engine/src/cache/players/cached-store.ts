/** A store with a cache over it. It keeps the contract of every store; what it may show, and for how long, `docs/cache.md` says. */
import { MainspringError } from "@mainspring/core";
import type { IsOn, Store, StoredRecord, StoreReadOptions } from "../../ports.js";
import { splitByArm } from "../../split-by-arm.js";
import { NO_STAMP } from "../stamp.js";
import type { CachedReads } from "./cached-reads.js";
import type { CachedCommits } from "./cached-commits.js";
import type { ReadPast } from "./reads-past.js";
import type { StrongReads } from "./strong-reads.js";

export interface CachedStoreParts {
  readonly store: Store;
  /** For whom there is a cache; `null`: for everybody. */
  readonly isOn: IsOn | null;
  /** For whom there is none. */
  readonly readPast: ReadPast;
  readonly reads: CachedReads;
  readonly strong: StrongReads;
  readonly commits: CachedCommits;
  /** Catalogs, which are read through the cache as well. */
  readonly catalogs: Pick<Store, "readCatalog" | "putCatalog">;
  readonly onClose: () => Promise<void>;
}

export type CachedStore = Store & Required<Pick<Store, "peek" | "isCached">>;

export function createCachedStore(parts: CachedStoreParts): CachedStore {
  const { store, isOn, readPast, reads, strong, commits, catalogs } = parts;
  let closing: Promise<void> | undefined;
  const open = (): void => {
    if (closing !== undefined) throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
  };
  const closeAll = async (): Promise<void> => {
    try {
      await store.close();
      await commits.finish();
    } finally {
      commits.stop();
      await parts.onClose();
    }
  };
  const readOn = async (
    playerIds: readonly string[],
    { consistency = "strong", atLeast = NO_STAMP, ...traced }: StoreReadOptions,
  ): Promise<readonly (StoredRecord | null)[]> => {
    const isStrong = consistency === "strong";
    const reading = isStrong ? strong.read(playerIds, traced) : reads.read(playerIds, atLeast, traced);
    return (await reading).map(copyOf);
  };
  return {
    ...passedThrough(store),
    async read(playerIds, options = {}) {
      open();
      if (isOn === null) return readOn(playerIds, options);
      return splitByArm(playerIds, isOn, {
        on: async (ids) => readOn(ids, options),
        off: async (ids) => readPast(ids, options),
      });
    },
    peek: (playerId, atLeast = NO_STAMP) =>
      closing === undefined && (isOn === null || isOn(playerId)) ? reads.peek(playerId, atLeast) : undefined,
    isCached: isOn ?? (() => true),
    async commit(writes, options) {
      // Nothing of it happens, so nobody has to be told.
      open();
      return commits.commit(writes, options);
    },
    async readCatalog(hash) {
      open();
      return catalogs.readCatalog(hash);
    },
    putCatalog: async (hash, document) => catalogs.putCatalog(hash, document),
    async close() {
      closing ??= closeAll();
      await closing;
    },
  };
}

/** Calls that are rare, or that go through pages one after the other. */
function passedThrough(
  store: Store,
): Omit<Store, "read" | "peek" | "isCached" | "commit" | "readCatalog" | "putCatalog" | "close"> {
  return {
    quarantine: async (...given) => store.quarantine(...given),
    quarantined: async (...given) => store.quarantined(...given),
    readEvents: async (...given) => store.readEvents(...given),
    readMark: async (...given) => store.readMark(...given),
    putSnapshots: async (...given) => store.putSnapshots(...given),
    readSnapshots: async (...given) => store.readSnapshots(...given),
    listRecords: async (...given) => store.listRecords(...given),
    importEvents: async (...given) => store.importEvents(...given),
    importMark: async (...given) => store.importMark(...given),
    readTimeline: async () => store.readTimeline(),
    readSettings: async (...given) => store.readSettings(...given),
    putSettings: async (...given) => store.putSettings(...given),
    appendTimeline: async (...given) => store.appendTimeline(...given),
    flush: async () => store.flush(),
    stats: () => store.stats(),
  };
}

/** Each caller may do with its bytes what it likes. */
function copyOf(record: StoredRecord | null): StoredRecord | null {
  return record && { ...record, bytes: new Uint8Array(record.bytes) };
}
