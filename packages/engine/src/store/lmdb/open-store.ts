/** The LMDB store as a whole: the folder, its lock, the environment and the group commit, behind the `Store` port. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../../check-options.js";
import {
  type Clock,
  JOURNAL_RETENTION_MS,
  type QuarantinedRecord,
  type Store,
  type StoredRecord,
  type StoredTimelineEntry,
} from "../../ports.js";
import { createArena } from "./arena.js";
import { type Durability, type Environment, openEnvironment } from "./environment.js";
import { unavailable } from "./failure.js";
import { ensureFolder } from "./folder.js";
import { createFreeSpace } from "./free-space.js";
import { lockFolder } from "./folder-lock.js";
import { createGroupCommit, type GroupCommit } from "./group-commit.js";
import { createHistory } from "./history.js";
import { assertCatalogHash, assertPlayerId } from "../check-keys.js";
import { quarantinedOf, quarantineValue, recordOf, textOf } from "./layout.js";
import type { Parts } from "./parts.js";
import { createSettings } from "./settings.js";
import { recordWritesJob } from "./record-writes.js";

const TIMELINE_KEY = "entries";

/** Quarantine and catalogs are rare; each counts as one write. */
const RARE_WRITE = 1;

export interface OpenStoreOptions {
  /** The data folder. Made, private to the server's user, where it is missing. */
  readonly folder: string;
  /** Default: `"flushed"`. */
  readonly durability?: Durability;
  /** Default: 90 days. */
  readonly journalRetentionMs?: number;
  /** Tells the age of events and snapshots. Default: the system's clock. */
  readonly clock?: Clock;
  /** How many bytes are free on the disk. Default: what the file system says. */
  readonly readFreeBytes?: () => number;
}

export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const {
    folder,
    durability = "flushed",
    readFreeBytes,
    journalRetentionMs = JOURNAL_RETENTION_MS,
  } = options;
  checkOptions({ journalRetentionMs });
  const path = ensureFolder(folder);
  const freeSpace = createFreeSpace(path, readFreeBytes);
  // To take the folder over is a write as well.
  freeSpace.assertRoomFor(0);
  const environment = await openEnvironment({ folder: path, durability });
  const lock = await lockFolder({ folder: path, meta: environment.tables.meta }).catch(
    async (error: unknown) => {
      await environment.root.close();
      throw error;
    },
  );
  const commits = createGroupCommit({ root: environment.root, fence: lock.fence, freeSpace });
  let closing: Promise<void> | undefined;
  const parts: Parts = {
    clock: options.clock ?? { nowMs: Date.now },
    tables: environment.tables,
    arena: createArena(),
    commits: { ...commits, submit: async (job) => (closing ? refuse() : commits.submit(job)) },
    counters: { reads: 0, writes: 0, conflicts: 0 },
    read(look) {
      if (closing !== undefined) return refuse();
      try {
        return look();
      } catch (error) {
        throw unavailable("The store could not read", error);
      }
    },
  };
  return {
    ...records(parts),
    ...createHistory({ ...parts, journalRetentionMs }),
    ...catalogs(parts),
    ...createSettings(parts),
    ...quarantine(parts),
    stats: () => ({
      kind: "lmdb",
      ...parts.counters,
      batches: commits.batches(),
      pending: commits.pendingWrites(),
    }),
    async flush() {
      // Behind all that waits now; what comes later is not waited for.
      await parts.commits.submit({ writeCount: 0, sizeBytes: 0, decide: () => undefined });
    },
    async close() {
      closing ??= closeAll({ environment, commits, release: lock.release });
      await closing;
    },
  };
}

interface Open {
  readonly environment: Environment;
  readonly commits: GroupCommit;
  readonly release: () => Promise<void>;
}

/** In this order: the next server may start only when this one no longer touches the environment. */
async function closeAll({ environment, commits, release }: Open): Promise<void> {
  await commits.drained();
  await environment.root.close();
  await release();
}

function refuse(): never {
  throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
}

function records({
  tables,
  arena,
  commits,
  counters,
  read,
  clock,
}: Parts): Pick<Store, "read" | "commit" | "listRecords"> {
  const readOne = (playerId: string): StoredRecord | null => {
    assertPlayerId(playerId);
    // A copy: lmdb's memory is valid only until the next call.
    const value = tables.records.getBinary(playerId);
    return value === undefined ? null : recordOf(playerId, value);
  };
  const onConflict = () => {
    counters.conflicts += 1;
  };
  return {
    async read(playerIds) {
      counters.reads += playerIds.length;
      return read(() => playerIds.map(readOne));
    },
    async commit(writes) {
      if (writes.length === 0) return [];
      counters.writes += writes.length;
      return commits.submit(recordWritesJob(writes, { tables, arena, atMs: clock.nowMs(), onConflict }));
    },
    async listRecords({ after, limit }) {
      if (limit <= 0) return { records: [], next: after };
      const found: StoredRecord[] = [];
      read(() => {
        // The key before is met again, and left out.
        for (const { key, value } of tables.records.getRange({ start: after ?? "", limit: limit + 2 })) {
          if (key !== after) found.push(recordOf(key, value));
        }
      });
      const page = found.slice(0, limit);
      return { records: page, next: found.length > limit ? (page.at(-1)?.playerId ?? null) : null };
    },
  };
}

function catalogs({
  tables,
  commits,
  read,
}: Parts): Pick<Store, "putCatalog" | "readCatalog" | "readTimeline" | "appendTimeline"> {
  return {
    async putCatalog(hash, document) {
      assertCatalogHash(hash);
      const value = Buffer.from(document, "utf8");
      await commits.submit({
        writeCount: RARE_WRITE,
        sizeBytes: value.length,
        decide: (batch) => batch.put(tables.catalogs, hash, value),
      });
    },
    async readCatalog(hash) {
      assertCatalogHash(hash);
      const value = read(() => tables.catalogs.getBinary(hash));
      return value === undefined ? null : value.toString("utf8");
    },
    async readTimeline() {
      return read(() => timelineOf(tables.timeline.getBinaryFast(TIMELINE_KEY)));
    },
    async appendTimeline({ atMs, hash }, expectedLength) {
      return commits.submit({
        writeCount: RARE_WRITE,
        sizeBytes: 0,
        decide(batch) {
          const entries = timelineOf(batch.peek(tables.timeline, TIMELINE_KEY));
          const last = entries.at(-1);
          if (entries.length !== expectedLength || (last !== undefined && atMs <= last.atMs)) return false;
          const value = Buffer.from(JSON.stringify([...entries, { atMs, hash }]), "utf8");
          batch.put(tables.timeline, TIMELINE_KEY, value);
          return true;
        },
      });
    },
  };
}

function timelineOf(value: Uint8Array | undefined): readonly StoredTimelineEntry[] {
  if (value === undefined) return [];
  return JSON.parse(textOf(value)) as readonly StoredTimelineEntry[];
}

function quarantine({ tables, arena, commits, read }: Parts): Pick<Store, "quarantine" | "quarantined"> {
  return {
    async quarantine(record, reason, atMs) {
      const { playerId, incarnation, version } = record;
      assertPlayerId(playerId);
      const value = quarantineValue(record, reason, arena);
      const known = `${playerId}\0${incarnation}\0${version}`;
      await commits.submit({
        writeCount: RARE_WRITE,
        sizeBytes: value.length,
        decide(batch) {
          if (batch.peek(tables.quarantined, known) !== undefined) return;
          batch.put(tables.quarantined, known, Buffer.from(String(atMs)));
          batch.append(tables.quarantine, [atMs, playerId, incarnation, version], value);
        },
      });
    },
    async quarantined(limit) {
      if (limit <= 0) return [];
      const found: QuarantinedRecord[] = [];
      read(() => {
        for (const { key, value } of tables.quarantine.getRange({ start: [0, "", 0, 0], limit })) {
          found.push(quarantinedOf(key, value));
        }
      });
      return found;
    },
  };
}
