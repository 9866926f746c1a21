/** A store in memory: for tests and for trying things out. Everything is gone with the process. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../../check-options.js";
import { type Clock, JOURNAL_RETENTION_MS, type Store } from "../../ports.js";
import { assertSettings, assertSettingsName } from "../check-keys.js";
import { commitOne, type Content, copyOf, journalKey } from "./content.js";
import { archive, journal, snapshots } from "./history.js";

export interface MemoryStoreOptions {
  /** Events and snapshots are not shown after so long. Default {@link JOURNAL_RETENTION_MS}: 90 days. */
  readonly journalRetentionMs?: number;
  /** Tells their age. Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Makes an empty store. It keeps the contract of every store, except that nothing outlives the process.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from "@mainspring/engine/memory";
 *
 * const store = createMemoryStore();
 * ```
 */
export function createMemoryStore({
  journalRetentionMs = JOURNAL_RETENTION_MS,
  clock = { nowMs: Date.now },
}: MemoryStoreOptions = {}): Store {
  checkOptions({ journalRetentionMs });
  const content: Content = {
    records: new Map(),
    journals: new Map(),
    marks: new Map(),
    snapshots: new Map(),
    catalogs: new Map(),
    timeline: [],
    settings: new Map(),
    quarantine: new Map(),
  };
  const counters = { reads: 0, writes: 0, conflicts: 0, batches: 0 };
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
  };
  const history = { assertOpen, nowMs: () => clock.nowMs(), journalRetentionMs };
  return {
    async read(playerIds) {
      assertOpen();
      counters.reads += playerIds.length;
      return playerIds.map((playerId) => {
        const record = content.records.get(playerId);
        return record === undefined ? null : copyOf(record);
      });
    },
    async commit(writes) {
      assertOpen();
      counters.batches += 1;
      const expiresAtMs = clock.nowMs() + journalRetentionMs;
      const outcomes = writes.map((write) => commitOne(content, write, expiresAtMs));
      counters.writes += writes.length;
      counters.conflicts += outcomes.filter(({ status }) => status === "conflict").length;
      return outcomes;
    },
    ...journal(content, history),
    ...snapshots(content, history),
    ...archive(content, history),
    ...catalogs(content, assertOpen),
    ...settings(content, assertOpen),
    ...quarantine(content, assertOpen),
    async flush() {
      assertOpen();
    },
    stats: () => ({ kind: "memory", ...counters, pending: 0 }),
    async close() {
      isClosed = true;
    },
  };
}

function catalogs(
  { catalogs: documents, timeline }: Content,
  assertOpen: () => void,
): Pick<Store, "putCatalog" | "readCatalog" | "readTimeline" | "appendTimeline"> {
  return {
    async putCatalog(hash, document) {
      assertOpen();
      documents.set(hash, document);
    },
    async readCatalog(hash) {
      assertOpen();
      return documents.get(hash) ?? null;
    },
    async readTimeline() {
      assertOpen();
      return [...timeline];
    },
    async appendTimeline({ atMs, hash }, expectedLength) {
      assertOpen();
      const last = timeline.at(-1);
      if (timeline.length !== expectedLength || (last !== undefined && atMs <= last.atMs)) return false;
      timeline.push({ atMs, hash });
      return true;
    },
  };
}

function settings(
  { settings: documents }: Content,
  assertOpen: () => void,
): Pick<Store, "readSettings" | "putSettings"> {
  return {
    async readSettings(name) {
      assertOpen();
      assertSettingsName(name);
      return documents.get(name) ?? null;
    },
    async putSettings(name, document, expectedVersion) {
      assertOpen();
      assertSettings(name, document);
      if ((documents.get(name)?.version ?? 0) !== expectedVersion) return false;
      documents.set(name, { version: expectedVersion + 1, document });
      return true;
    },
  };
}

function quarantine(
  { quarantine: kept }: Content,
  assertOpen: () => void,
): Pick<Store, "quarantine" | "quarantined"> {
  return {
    async quarantine(record, reason, atMs) {
      assertOpen();
      const key = `${journalKey(record)} ${record.version}`;
      if (!kept.has(key)) kept.set(key, { record: copyOf(record), reason, atMs });
    },
    async quarantined(limit) {
      assertOpen();
      return [...kept.values()]
        .sort((one, other) => one.atMs - other.atMs)
        .slice(0, Math.max(0, limit))
        .map(({ record, ...rest }) => ({ record: copyOf(record), ...rest }));
    },
  };
}
