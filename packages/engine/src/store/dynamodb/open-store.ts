/** The DynamoDB store as a whole: its connection, what it knows, what rides in bulk, and the end of it all. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../../check-options.js";
import { type Clock, JOURNAL_RETENTION_MS, type Store, type StoreStats, type Timers } from "../../ports.js";
import { createBackoff } from "./backoff.js";
import { createCatalogs } from "./catalogs.js";
import { createCommitLanes } from "./commit-lanes.js";
import { connect, type Connection, type ConnectionOptions } from "./connect.js";
import { assertTables } from "./create-tables.js";
import { createDatabase, type Database } from "./database.js";
import { createHistory, readParts } from "./history.js";
import { type BatchSettings, createHistoryWrites } from "./history-writes.js";
import { createJournalMover, expirySeconds } from "./journal-mover.js";
import { createKnownPlayers } from "./known-players.js";
import { createMarks } from "./marks.js";
import type { Parts } from "./parts.js";
import { playerItemOf } from "./player-item.js";
import { createSettings } from "./settings.js";
import { createSnapshotWrites } from "./snapshot-writes.js";
import { createQuarantine } from "./quarantine.js";
import { createRecords } from "./records.js";
import { holdingTimers, systemTimers } from "../../system-timers.js";
import { DEFAULT_TABLE_PREFIX, tableNames } from "./tables.js";

const DEFAULT_BATCH: BatchSettings = { maxBatchSize: 25, batchTimeoutMs: 1_000, maxConcurrentBatches: 5 };

const DEFAULT_MARK_DELAY_MS = 60_000;
const DEFAULT_JOURNAL_DELAY_MS = 30_000;

/** Commits under way, for each connection: some wait for their turn there. */
const COMMITS_PER_CONNECTION = 4;
const MIN_PARALLEL_COMMITS = 16;

export interface DynamoDbStoreOptions extends ConnectionOptions {
  /** What the names of the tables begin with. Default: `mainspring-` */
  readonly tablePrefix?: string;
  /** How journal, marks and snapshots share requests. Default: 25 items, 1,000 ms, 5 requests at once. */
  readonly batch?: Partial<BatchSettings>;
  /** Events and snapshots are not shown after so long. Default: 90 days. */
  readonly journalRetentionMs?: number;
  /** A mark is written so long after the commit it belongs to, at most. Default: 60,000 ms */
  readonly markDelayMs?: number;
  /** Events go from the record to the history so long after their commit, or when they fill a write unit. Default: 30,000 ms */
  readonly journalDelayMs?: number;
  /** Tells the age of events and snapshots. Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Where waiting times are drawn from: 0 up to, not including, 1. Default: `Math.random` */
  readonly random?: () => number;
}

export async function openStore(options: DynamoDbStoreOptions): Promise<Store> {
  const { tablePrefix = DEFAULT_TABLE_PREFIX, timers = holdingTimers, random = Math.random } = options;
  const { journalRetentionMs, markDelayMs, journalDelayMs } = options;
  checkOptions({ journalRetentionMs, ...options.batch });
  checkOptions({ markDelayMs, journalDelayMs }, { from: 0 });
  const connection = connect(options);
  const { clientOf, requestTimeoutMs } = connection;
  const backoff = createBackoff({ timers, random });
  const names = tableNames(tablePrefix);
  const playerTables = new Set([names.players, names.history]);
  const common = { playerTables, timers, backoff, requestTimeoutMs };
  const database = createDatabase({ ...common, clientOf });
  const settings = createDatabase({
    ...common,
    clientOf: connection.settingsClient,
    counts: database.counts,
  });
  try {
    await assertTables({ client: clientOf(null), database }, tablePrefix);
    await connection.warm();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return assemble(options, { connection, database, settings });
}

interface Opened {
  readonly connection: Connection;
  readonly database: Database;
  /** For settings. */
  readonly settings: Database;
}

function assemble(options: DynamoDbStoreOptions, { connection, database, settings }: Opened): Store {
  const parts = partsOf(options, database);
  const lanes = createCommitLanes(
    Math.max(MIN_PARALLEL_COMMITS, COMMITS_PER_CONNECTION * connection.maxConnections),
  );
  const gate = createGate();
  const drain = async (): Promise<void> => {
    const ahead = await Promise.allSettled([parts.mover.flush(), parts.marks.flush()]);
    const [last] = await Promise.allSettled([parts.snapshots.flush()]);
    for (const result of [...ahead, last]) if (result.status === "rejected") throw result.reason as Error;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await gate.shut();
    await lanes.drained();
    try {
      await drain();
    } finally {
      parts.snapshots.close();
      await parts.writes.close();
      await connection.close();
    }
  };
  return {
    ...gate.guard({
      ...createRecords(parts, lanes),
      ...createHistory(parts),
      ...createCatalogs(parts),
      ...createSettings({ ...parts, database: settings }),
      ...createQuarantine(parts),
      flush: drain,
    }),
    stats: () => statsOf(parts, connection),
    async close() {
      closing ??= close();
      await closing;
    },
  };
}

function partsOf(options: DynamoDbStoreOptions, database: Database): Parts {
  const {
    tablePrefix,
    timers = holdingTimers,
    clock = { nowMs: Date.now },
    random = Math.random,
    journalRetentionMs: retentionMs = JOURNAL_RETENTION_MS,
    markDelayMs = DEFAULT_MARK_DELAY_MS,
    journalDelayMs = DEFAULT_JOURNAL_DELAY_MS,
  } = options;
  // What may wait for minutes keeps no process alive: close() sees to it.
  const patientTimers = options.timers ?? systemTimers;
  const names = tableNames(tablePrefix);
  const batch = { ...DEFAULT_BATCH, ...options.batch };
  const writes = createHistoryWrites({ database, table: names.history, timers, random, batch });
  return {
    names,
    database,
    backoff: createBackoff({ timers, random }),
    clock,
    timers,
    retentionMs,
    isExpired: (atMs) => atMs + retentionMs <= clock.nowMs(),
    counters: { reads: 0, writes: 0, conflicts: 0, pending: 0, pendingBytes: 0 },
    players: createKnownPlayers(),
    writes,
    mover: createJournalMover({
      writes,
      timers: patientTimers,
      clock,
      delayMs: journalDelayMs,
      retentionMs,
      readParts: async (playerId, reference) => readParts({ database, names }, playerId, reference),
    }),
    marks: createMarks({
      writes,
      timers: patientTimers,
      delayMs: markDelayMs,
      expirySeconds: () => expirySeconds(clock.nowMs(), retentionMs),
    }),
    snapshots: createSnapshotWrites({ writes, timers: patientTimers }),
    async lookAtPlayer(playerId) {
      const key = { TableName: names.players, Key: { p: { S: playerId } }, ConsistentRead: true };
      const item = await database.get(key, { what: "The record can't be read" });
      return item && playerItemOf(item);
    },
  };
}

type Calls = Omit<Store, "stats" | "close">;

/** Lets calls in until it is shut, and knows when the last of them has left. */
function createGate(): { readonly guard: (calls: Calls) => Calls; readonly shut: () => Promise<void> } {
  let isShut = false;
  const inside = new Set<Promise<unknown>>();
  const through =
    <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (isShut) throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
      const answer = call(...args);
      inside.add(answer);
      try {
        return await answer;
      } finally {
        inside.delete(answer);
      }
    };
  return {
    guard: (calls) => ({
      read: through(calls.read),
      commit: through(calls.commit),
      quarantine: through(calls.quarantine),
      quarantined: through(calls.quarantined),
      flush: through(calls.flush),
      readEvents: through(calls.readEvents),
      readMark: through(calls.readMark),
      putSnapshots: through(calls.putSnapshots),
      readSnapshots: through(calls.readSnapshots),
      putCatalog: through(calls.putCatalog),
      readCatalog: through(calls.readCatalog),
      readTimeline: through(calls.readTimeline),
      readSettings: through(calls.readSettings),
      putSettings: through(calls.putSettings),
      appendTimeline: through(calls.appendTimeline),
      listRecords: through(calls.listRecords),
      importEvents: through(calls.importEvents),
      importMark: through(calls.importMark),
    }),
    async shut() {
      isShut = true;
      await Promise.allSettled(inside);
    },
  };
}

function statsOf({ database, counters, mover }: Parts, connection: Connection): StoreStats {
  const { counts } = database;
  const { reads, writes, conflicts, pending } = counters;
  const { UpdateItem: updates = 0, BatchWriteItem: batches = 0 } = counts.requests;
  return {
    kind: "dynamodb",
    reads,
    writes,
    conflicts,
    pending,
    batches: updates + batches,
    database: {
      requests: { ...counts.requests },
      readUnits: counts.readUnits,
      writeUnits: counts.writeUnits,
      retries: counts.retries,
      throttles: counts.throttles,
      unsavedEvents: mover.unsavedEvents(),
      pool: connection.poolStats(),
    },
  };
}
