/**
 * The ports of the engine: what it needs from the world. Stores, and later batchers and caches, implement the same small
 * ones, so that they stack. Records and journal entries are opaque bytes here: `record/` alone knows what is in them.
 */
import type { BatcherStats } from "./batch/batcher-stats.js";
import type { WholeCacheStats } from "./cache/cache-stats.js";
import type { SettingsStore } from "./flags/settings-store.js";
import type { MemoryBudget } from "./memory/tenant.js";
import type { PoolStats } from "./pool/pool-stats.js";
import type { LatencyStats } from "./telemetry/latency-histogram.js";
import type { Traced } from "./telemetry/trace.js";

export type * from "./flags/flags.js";
export type { IsOn, Layer, LayerSetting } from "./flags/layers.js";
export { MAX_SETTINGS_BYTES, type SettingsStore, type StoredSettings } from "./flags/settings-store.js";
export type * from "./memory/governor.js";
export type { Dispensable, MemoryBudget, MemoryTenant } from "./memory/tenant.js";
export type * from "./overload/overload-limit.js";
export type { BatcherStats, Priority } from "./batch/batcher-stats.js";
export type { CacheStats, WholeCacheStats } from "./cache/cache-stats.js";
export type { PoolStats } from "./pool/pool-stats.js";
export type { LatencyStats } from "./telemetry/latency-histogram.js";
export type { Trace, Traced, TraceFacts } from "./telemetry/trace.js";

/** A player's record as stored. (incarnation, version) never means two different contents. */
export interface StoredRecord {
  readonly playerId: string;
  /** The instant (ms) at which the player was made; tells a player made anew from the one before. */
  readonly incarnation: number;
  /** Counts commits, from 1. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** An entry of the journal: one event. */
export interface JournalEntry {
  /** Per player and incarnation, from 1, without gaps. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Which content of a player, or of anything else that has versions. A later incarnation is newer, whatever its version. */
export interface Stamp {
  readonly incarnation: number;
  readonly version: number;
}

/** What a commit expects to find: this very version, or no record at all (`null`). */
export type Expected = Stamp | null;

/** One conditional write of one player: record and events together or neither. */
export interface RecordWrite {
  readonly expected: Expected;
  readonly next: StoredRecord;
  /** Events that this commit adds to the journal, in order. */
  readonly events: readonly JournalEntry[];
  /**
   * What plays a commit without events again. The store keeps the latest of an incarnation, perhaps some time later: it is
   * for restoring, never for deciding. A commit with events carries the same in the last of them, and leaves this out.
   */
  readonly mark?: Uint8Array;
}

/**
 * How much a commit may wait for others to travel with. `command` and `milestone` go as soon as there is room, commands
 * first; `bulk` (interval checkpoints) may wait for its batch to fill.
 */
export type Urgency = "command" | "milestone" | "bulk";

export interface CommitOptions extends Traced {
  /** Default: `command`. */
  readonly urgency?: Urgency;
}

/**
 * `strong` sees every commit that was acknowledged before. `cached` may be answered by a cache, within the cache's bounds; where there is
 * none it is `strong`. `eventual` may miss the commits of the last moments: half the price where the store has replicas.
 */
export type Consistency = "strong" | "cached" | "eventual";

export interface StoreReadOptions extends Traced {
  /** Default: `strong` */
  readonly consistency?: Consistency;
  /** Nothing older than this is an answer: what a session was shown, or has written. Only caches need to be told. */
  readonly atLeast?: Stamp;
}

export type WriteOutcome =
  | { readonly status: "committed" }
  /** The record isn't the expected one. Nothing of this write was stored. */
  | { readonly status: "conflict" };

/**
 * Players' records. Batch-first: each write has its own condition and its own outcome.
 *
 * @throws MainspringError `STORE_UNAVAILABLE` when the store can't answer; for `commit` that leaves open whether writes
 * happened, and the caller finds out by reading the version. `OVERLOADED` from `commit` when too much waits already, and
 * `INVALID_REQUEST` or `RECORD_TOO_LARGE` when one of the writes is of a kind or size that the store never takes: then nothing of the call was
 * or will be written.
 */
export interface PlayerStore {
  /** Records in the order of the ids, `null` where there is none. Shows nothing that is not durable. */
  read(playerIds: readonly string[], options?: StoreReadOptions): Promise<readonly (StoredRecord | null)[]>;
  /**
   * The record (`null`: there is none) if it is at hand within the bounds of `cached`, without waiting; `undefined`: ask `read`. Only
   * caches have it. The bytes are the cache's own and must not be changed.
   */
  peek?(playerId: string, atLeast?: Stamp): StoredRecord | null | undefined;
  /** Whether a cache may answer a `cached` read of the player now. Only caches have it; without it, and with `peek`, it may. */
  isCached?(playerId: string): boolean;
  /**
   * Outcomes in the order of the writes. When the promise resolves, what is `committed` is durable. Two writes of one player in one
   * call happen in their order.
   */
  commit(writes: readonly RecordWrite[], options?: CommitOptions): Promise<readonly WriteOutcome[]>;
  /** Puts a copy of a damaged record aside. The record itself is not touched. Once per (player, incarnation, version). */
  quarantine(record: StoredRecord, reason: string, atMs: number): Promise<void>;
  /** What lies in quarantine, oldest first, at most `limit`. */
  quarantined(limit: number): Promise<readonly QuarantinedRecord[]>;
  /** Resolves when all that rides in bulk and was given before (journal, marks, snapshots) is durable. */
  flush(): Promise<void>;
  /** Counters for `PerformanceStats`. Cheap. */
  stats(): StoreStats;
  /** Waits for what is under way, then lets go. Later calls fail with `STORE_UNAVAILABLE`. */
  close(): Promise<void>;
}

export interface QuarantinedRecord {
  readonly record: StoredRecord;
  readonly reason: string;
  readonly atMs: number;
}

export interface JournalQuery {
  readonly playerId: string;
  readonly incarnation: number;
  /** Entries with a greater number. */
  readonly afterNumber: number;
  readonly limit: number;
}

export interface PlayerIncarnation {
  readonly playerId: string;
  readonly incarnation: number;
}

/** What plays the latest commit without events again. */
export interface Mark {
  /** The commit's version. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** The durable, append-only log of events. Entries get there with commits, and expire after the store's retention. */
export interface Journal {
  /** Entries that are not expired, in order. */
  readEvents(query: JournalQuery): Promise<readonly JournalEntry[]>;
  /** The latest mark of an incarnation, or `null`. */
  readMark(player: PlayerIncarnation): Promise<Mark | null>;
}

/** A copy of a record as it was committed, to be restored from together with the journal after it. */
export interface Snapshot {
  readonly record: StoredRecord;
  /** Events of the player up to and with this commit: the journal after it goes on with the next number. */
  readonly eventCount: number;
  readonly atMs: number;
}

/** Copies of records. Of each incarnation the newest {@link MAX_SNAPSHOTS} are kept, or those that are not expired. */
export interface SnapshotStore {
  /** Keeps copies; a repeat changes nothing. They ride in bulk: a process that is killed may take the last ones with it. */
  putSnapshots(snapshots: readonly Snapshot[]): Promise<void>;
  /** Snapshots of a player, of the newest incarnation first, and of each the newest first. At most `limit`. */
  readSnapshots(query: { readonly playerId: string; readonly limit: number }): Promise<readonly Snapshot[]>;
}

/** An embedded store keeps so many snapshots of an incarnation; what the journal has before the oldest may be cleared away. */
export const MAX_SNAPSHOTS = 3;

/**
 * Expired events and snapshots are not shown any more. They are cleared away in time: by DynamoDB itself, by the embedded store with
 * the player's next snapshots. Default of all stores. 90 days.
 */
export const JOURNAL_RETENTION_MS = 90 * 86_400_000;

/** What moves players from one store to another. The only calls that go through all players. */
export interface Archive {
  /** Records in an order of the store's own, page by page: go on with `next` until it is `null`. A page may be empty. */
  listRecords(query: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<{ readonly records: readonly StoredRecord[]; readonly next: string | null }>;
  /** Adds events to a journal outside of a commit. A repeat with the same entries changes nothing. */
  importEvents(player: PlayerIncarnation, entries: readonly JournalEntry[]): Promise<void>;
  /** Puts a mark there as another store has it. */
  importMark(player: PlayerIncarnation, mark: Mark): Promise<void>;
}

export interface StoredTimelineEntry {
  readonly atMs: number;
  readonly hash: string;
}

/** Catalogs by hash and the timeline of their activations. */
export interface CatalogStore {
  /** Stores a catalog's document (JSON text) under its hash; replaces the document of an equal hash. */
  putCatalog(hash: string, document: string): Promise<void>;
  readCatalog(hash: string): Promise<string | null>;
  readTimeline(): Promise<readonly StoredTimelineEntry[]>;
  /**
   * Appends an activation. `false`, and nothing stored, unless its instant is after the last one's and the timeline has
   * exactly `expectedLength` entries.
   */
  appendTimeline(entry: StoredTimelineEntry, expectedLength: number): Promise<boolean>;
}

/** All that a storage engine offers. */
export interface Store extends PlayerStore, Journal, SnapshotStore, CatalogStore, SettingsStore, Archive {}

/** Requests to a database server. */
export interface DatabaseStats {
  /** Requests sent, by operation: `UpdateItem`, for example. */
  readonly requests: Readonly<Record<string, number>>;
  /** Capacity units that the database says they used. */
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Answers that asked for less. */
  readonly throttles: number;
  /** Events that only records hold so far, of players this process wrote. */
  readonly unsavedEvents: number;
  /** The connections; `null` where requests don't go through the pool. */
  readonly pool: PoolStats | null;
}

/** What calls of the bare store took, below all layers. */
export interface StoreCallStats {
  readonly read: LatencyStats;
  readonly commit: LatencyStats;
  /** Of both, those that failed, by code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Counters since the start, and what is under way. */
export interface StoreStats {
  readonly kind: string;
  readonly reads: number;
  readonly writes: number;
  readonly conflicts: number;
  /** Transactions or requests that carried the writes. */
  readonly batches: number;
  /** Writes waiting or under way. */
  readonly pending: number;
  /** Of stores that talk to a database server. */
  readonly database?: DatabaseStats;
  /** Of stores whose operations travel together. */
  readonly batcher?: BatcherStats;
  /** Of stores whose calls are measured. */
  readonly calls?: StoreCallStats;
}

/** Values made of players' records, each good for the record that it was made of. */
export interface PlayerValues<V> {
  /**
   * A value of this process or of the second tier that is good enough, or one made now and kept.
   * @param wanted.atLeast nothing made of an older record
   * @param wanted.isGood whether a value is still good, now and for whoever asks
   * @param make makes one, and says of which record
   */
  get(
    playerId: string,
    wanted: { readonly atLeast: Stamp; readonly isGood: (value: V) => boolean },
    make: () => Promise<{ readonly stamp: Stamp; readonly value: V }>,
  ): Promise<V>;
}

/** The namespaces of values made of players' records. */
export type DerivedNamespace = "taskProgress" | "playerStats";

/** What the engine needs of a cache: `createCache` makes one. */
export interface StoreCache {
  /** The bound that its entries share with others. */
  readonly budget: MemoryBudget;
  /** What others may have changed unheard is shown for no longer. */
  readonly localMaxAgeMs: number;
  /** Values as JSON. The same namespace gives the same one. */
  players<V>(namespace: DerivedNamespace): PlayerValues<V>;
  /** Lays the cache over a store, once. Closing what comes back closes both. */
  over(store: Store): Store;
  stats(): WholeCacheStats;
}

/** Tells the time. The only clock of the engine. */
export interface Clock {
  /** Milliseconds since 1970, UTC. May be set back or ahead by its owner: the engine copes. */
  nowMs(): number;
}

/** Timers of whoever waits: monotonic, and free to be moved by a test. */
export interface Timers {
  /** Milliseconds since some start; never goes back. */
  nowMs(): number;
  /** Runs something once, after so long. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** Where measurements and notable facts go. Nothing secret is ever passed. */
export interface Telemetry {
  /** A fact worth a log line. */
  note(
    level: "info" | "warn" | "error",
    message: string,
    facts: Readonly<Record<string, string | number | boolean>>,
  ): void;
}
