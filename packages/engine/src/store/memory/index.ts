/** A store in memory: for tests and for trying things out. Everything is gone with the process. */
import { MainspringError } from "@mainspring/core";
import type {
  Expected,
  JournalEntry,
  QuarantinedRecord,
  RecordWrite,
  Store,
  StoredRecord,
  StoredTimelineEntry,
  WriteOutcome,
} from "../../ports.js";

interface Content {
  readonly records: Map<string, StoredRecord>;
  /** By player and incarnation, in order. */
  readonly journals: Map<string, JournalEntry[]>;
  readonly catalogs: Map<string, string>;
  readonly timeline: StoredTimelineEntry[];
  readonly quarantine: Map<string, QuarantinedRecord>;
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
export function createMemoryStore(): Store {
  const content: Content = {
    records: new Map(),
    journals: new Map(),
    catalogs: new Map(),
    timeline: [],
    quarantine: new Map(),
  };
  const counters = { reads: 0, writes: 0, conflicts: 0, batches: 0 };
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
  };
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
      const outcomes = writes.map((write) => commitOne(content, write));
      counters.writes += writes.length;
      counters.conflicts += outcomes.filter(({ status }) => status === "conflict").length;
      return outcomes;
    },
    async readEvents({ playerId, incarnation, afterNumber, limit }) {
      assertOpen();
      const journal = content.journals.get(journalKey({ playerId, incarnation })) ?? [];
      return journal
        .filter(({ number }) => number > afterNumber)
        .slice(0, Math.max(0, limit))
        .map(copyOf);
    },
    ...catalogs(content, assertOpen),
    ...quarantine(content, assertOpen),
    stats: () => ({ kind: "memory", ...counters, pending: 0 }),
    async close() {
      isClosed = true;
    },
  };
}

function commitOne(content: Content, { expected, next, events }: RecordWrite): WriteOutcome {
  if (!isExpected(expected, content.records.get(next.playerId))) return { status: "conflict" };
  content.records.set(next.playerId, copyOf(next));
  const key = journalKey(next);
  const journal = content.journals.get(key) ?? [];
  for (const event of events) journal.push(copyOf(event));
  content.journals.set(key, journal);
  return { status: "committed" };
}

function isExpected(expected: Expected, current: StoredRecord | undefined): boolean {
  if (expected === null || current === undefined) return expected === null && current === undefined;
  return expected.incarnation === current.incarnation && expected.version === current.version;
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

function journalKey({ playerId, incarnation }: { playerId: string; incarnation: number }): string {
  return `${playerId} ${incarnation}`;
}

/** Nobody else may change what is stored, and what was given out changes nothing. */
function copyOf<T extends { readonly bytes: Uint8Array }>(value: T): T {
  return { ...value, bytes: Uint8Array.from(value.bytes) };
}
