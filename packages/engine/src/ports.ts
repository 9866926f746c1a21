/**
 * The ports of the engine: what it needs from the world. Stores, and later batchers and caches, implement the same small
 * ones, so that they stack. Records and journal entries are opaque bytes here: `record/` alone knows what is in them.
 */

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

/** What a commit expects to find: this very version, or no record at all (`null`). */
export type Expected = { readonly incarnation: number; readonly version: number } | null;

/** One conditional write of one player: record and events together or neither. */
export interface RecordWrite {
  readonly expected: Expected;
  readonly next: StoredRecord;
  /** Events that this commit adds to the journal, in order. */
  readonly events: readonly JournalEntry[];
}

export type WriteOutcome =
  | { readonly status: "committed" }
  /** The record isn't the expected one. Nothing of this write was stored. */
  | { readonly status: "conflict" };

/**
 * Players' records. Batch-first: each write has its own condition and its own outcome.
 *
 * @throws MainspringError `STORE_UNAVAILABLE` when the store can't answer; for `commit` that leaves open whether writes
 * happened, and the caller finds out by reading the version. `OVERLOADED` from `commit` when too much waits already: then
 * nothing of the call was or will be written.
 */
export interface PlayerStore {
  /** Records in the order of the ids, `null` where there is none. Shows nothing that is not durable. */
  read(playerIds: readonly string[]): Promise<readonly (StoredRecord | null)[]>;
  /**
   * Outcomes in the order of the writes. When the promise resolves, what is `committed` is durable. Two writes of one player in one
   * call happen in their order.
   */
  commit(writes: readonly RecordWrite[]): Promise<readonly WriteOutcome[]>;
  /** Puts a copy of a damaged record aside. The record itself is not touched. Once per (player, incarnation, version). */
  quarantine(record: StoredRecord, reason: string, atMs: number): Promise<void>;
  /** What lies in quarantine, oldest first, at most `limit`. */
  quarantined(limit: number): Promise<readonly QuarantinedRecord[]>;
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

/** The durable, append-only log of events. Entries get there with commits. */
export interface Journal {
  readEvents(query: JournalQuery): Promise<readonly JournalEntry[]>;
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
export interface Store extends PlayerStore, Journal, CatalogStore {}

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
}

/** Tells the time. The only clock of the engine. */
export interface Clock {
  /** Milliseconds since 1970, UTC. May be set back or ahead by its owner: the engine copes. */
  nowMs(): number;
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

/** A cache of values by key; comes to life with the cache layer. */
export interface Cache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}
