/** Puts a cache together: tiers, namespaces, and how this instance stands to the others. */
import { MainspringError } from "@mainspring/core";
import type { DerivedNamespace, PlayerValues, Store, StoredRecord } from "../ports.js";
import type { Cache, CacheOptions } from "./cache.js";
import type { CacheTrustStats, PrefetchStats } from "./cache-stats.js";
import { createLoads } from "./local/loads.js";
import { jsonCodec } from "./own/json-codec.js";
import { createOwnNamespaces, type OwnNamespaces } from "./own/create-own.js";
import { type Attendance, createAttendance } from "./players/attendance.js";
import { createCachedCommits } from "./players/cached-commits.js";
import { createCachedReads } from "./players/cached-reads.js";
import { type CachedStore, createCachedStore } from "./players/cached-store.js";
import { createPlayerValues } from "./players/player-values.js";
import { createReadPast } from "./players/reads-past.js";
import { RECORD_CODEC } from "./players/record-codec.js";
import { createStartLoads } from "./players/record-loads.js";
import { createStrongReads } from "./players/strong-reads.js";
import { createShared, type Shared } from "./shared.js";
import type { TierPair } from "./tier-pair.js";

const SECOND_MS = 1_000;

/** The group of the subjects that are players. */
const PLAYER_GROUP = "player";

/** That a player has no record is remembered for so long. */
const NO_RECORD_TTL_MS = 5_000;

/** What is asked for most is weighed anew so often. */
const FADE_MS = 300_000;

const NO_PREFETCH: PrefetchStats = {
  isOn: false,
  fetched: 0,
  used: 0,
  wasted: 0,
  precision: null,
  modelled: 0,
};

const ALONE: CacheTrustStats = {
  breaker: "none",
  breakerOpenings: 0,
  isTrusted: false,
  isGroupComplete: true,
  members: 0,
  breaks: 0,
  unconfirmed: 0,
  announcements: 0,
};

/**
 * A cache. With a second tier it begins to speak with the other instances at once.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 *
 * @example
 * ```ts
 * import { cached, createCache } from "@mainspring/engine/cache";
 * import { createMemoryStore } from "@mainspring/engine/memory";
 *
 * const cache = createCache({ isSoleWriter: true });
 * const store = cached(createMemoryStore(), cache);
 * ```
 */
export function createCache(options: CacheOptions = {}): Cache {
  const shared = createShared(options);
  const { membership } = shared;
  const own = createOwnNamespaces(shared);
  const records = createRecords(shared);
  let layers: Laid | null = null;
  const cancelFading = repeatFading(shared);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing ??= (async () => {
      layers?.attendance.stop();
      cancelFading();
      await membership?.stop(layers?.isSettled() ?? true);
      await membership?.remote.close();
      shared.close();
    })();
    await closing;
  };
  void membership?.start();
  return {
    budget: shared.budget,
    localMaxAgeMs: shared.localMaxAgeMs,
    namespace: (name, given) => own.get(name, given),
    players: createDerived(shared, records),
    over(store) {
      if (layers !== null) throw new MainspringError("CONFIG_INVALID", "A cache lies over one store.");
      layers = layOver(store, { shared, own, records, close });
      layers.attendance.start();
      return layers.store;
    },
    listen(listener) {
      const heed: Parameters<Shared["listeners"]["add"]>[0] = ({ subject, stamp, sender }) => {
        if (subject.group !== PLAYER_GROUP || sender.member === membership?.outbox.member) return;
        try {
          listener({ playerId: subject.key, stamp });
        } catch (error) {
          // A bug of a game must not be one of the channel.
          const facts = { error: error instanceof Error ? error.message : "unknown" };
          shared.telemetry.note("error", "Whoever listens to changes of players threw.", facts);
        }
      };
      shared.listeners.add(heed);
      return () => {
        shared.listeners.delete(heed);
      };
    },
    stats: () => ({
      ...shared.stats(),
      trust: membership?.stats() ?? { ...ALONE, isTrusted: shared.isSoleWriter },
      prefetch: layers?.attendance.stats() ?? NO_PREFETCH,
    }),
    close,
  };
}

/** The namespaces of values made of players' records. */
function createDerived(shared: Shared, records: TierPair<StoredRecord>): Cache["players"] {
  const made = new Map<DerivedNamespace, PlayerValues<unknown>>();
  const { timers, ttlSeconds, isOn } = shared;
  const subjects = shared.subjectsOf(PLAYER_GROUP);
  const recordOf = (playerId: string) => records.local.look(playerId);
  const create = (namespace: DerivedNamespace): PlayerValues<unknown> => {
    const ttlMs = ttlSeconds[namespace] * SECOND_MS;
    const options = { namespace, subjects, codec: jsonCodec<unknown>(), ttlMs, absentTtlMs: ttlMs };
    return createPlayerValues({ tiers: shared.createPair(options), subjects, recordOf, timers, isOn });
  };
  return <V>(namespace: DerivedNamespace) => {
    const values = made.get(namespace) ?? create(namespace);
    made.set(namespace, values);
    // A namespace has one kind of values: that is for whoever asks for it.
    return values as PlayerValues<V>;
  };
}

/** The namespace of the records themselves. */
function createRecords(shared: Shared): TierPair<StoredRecord> {
  const ttlMs = shared.ttlSeconds.activeQueue * SECOND_MS;
  return shared.createPair<StoredRecord>({
    namespace: "activeQueue",
    subjects: shared.subjectsOf(PLAYER_GROUP),
    codec: RECORD_CODEC,
    ttlMs,
    absentTtlMs: Math.min(NO_RECORD_TTL_MS, ttlMs),
  });
}

/** Lays a cache over a store. Closing it closes both. */
export function cached(store: Store, cache: Cache): CachedStore {
  return cache.over(store);
}

interface Layers {
  readonly shared: Shared;
  readonly own: OwnNamespaces;
  readonly records: TierPair<StoredRecord>;
  readonly close: () => Promise<void>;
}

/** A store with its cache over it, and who looks ahead in it. */
interface Laid {
  readonly store: CachedStore;
  readonly attendance: Attendance;
  readonly isSettled: () => boolean;
}

function layOver(store: Store, { shared, own, records: tiers, close }: Layers): Laid {
  const { timers, membership, ttlSeconds, isOn } = shared;
  const subjects = shared.subjectsOf(PLAYER_GROUP);
  const loads = createLoads<StoredRecord | null>(timers, shared.localMaxAgeMs);
  subjects.join(loads);
  const strong = createStrongReads({ store, tiers, subjects, timers });
  const startLoads = createStartLoads({ tiers, subjects, loads, strong });
  const reads = createCachedReads({
    local: tiers.local,
    loads,
    startLoads,
    strong,
    timers,
    isOn,
    attendance: () => attendance,
  });
  const attendance = createAttendance({
    ...shared,
    ttlMs: ttlSeconds.activeQueue * SECOND_MS,
    fetch: async (playerIds) => reads.fetch(playerIds),
  });
  const commits = createCachedCommits({ store, tiers, subjects, membership, timers, isOn });
  const frequent = own.get<string>("frequentData");
  const keyOf = (hash: string): string => `catalog:${hash}`;
  const laid = createCachedStore({
    store,
    isOn,
    readPast: createReadPast({ store, subjects }),
    reads,
    strong,
    commits,
    catalogs: {
      readCatalog: async (hash) => frequent.get(keyOf(hash), async () => store.readCatalog(hash)),
      async putCatalog(hash, document) {
        await store.putCatalog(hash, document);
        await frequent.set(keyOf(hash), document);
      },
    },
    onClose: close,
  });
  return { store: laid, attendance, isSettled: () => commits.isSettled() };
}

function repeatFading(shared: Shared): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = shared.timers.after(FADE_MS, () => {
      shared.fade();
      next();
    });
  };
  next();
  return () => cancel();
}
