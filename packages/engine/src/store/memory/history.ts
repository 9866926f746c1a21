/** Journal, marks and snapshots in memory, with their expiry, and the lists for copies. */
import { MAX_SNAPSHOTS, type Snapshot, type Store } from "../../ports.js";
import { appendEvents, type Content, copyOf, journalKey } from "./content.js";

export interface HistoryOptions {
  readonly assertOpen: () => void;
  readonly nowMs: () => number;
  readonly journalRetentionMs: number;
}

type Journal = Pick<Store, "readEvents" | "readMark">;

export function journal(content: Content, { assertOpen, nowMs }: HistoryOptions): Journal {
  return {
    async readEvents({ playerId, incarnation, afterNumber, limit }) {
      assertOpen();
      const kept = content.journals.get(journalKey({ playerId, incarnation })) ?? [];
      return kept
        .filter(({ entry, expiresAtMs }) => entry.number > afterNumber && expiresAtMs > nowMs())
        .slice(0, Math.max(0, limit))
        .map(({ entry }) => copyOf(entry));
    },
    async readMark(player) {
      assertOpen();
      const mark = content.marks.get(journalKey(player));
      return mark === undefined ? null : copyOf(mark);
    },
  };
}

export function snapshots(
  { snapshots: kept }: Content,
  { assertOpen, nowMs, journalRetentionMs }: HistoryOptions,
): Pick<Store, "putSnapshots" | "readSnapshots"> {
  const copySnapshot = (snapshot: Snapshot): Snapshot => ({ ...snapshot, record: copyOf(snapshot.record) });
  const put = (snapshot: Snapshot): void => {
    const { playerId, incarnation, version } = snapshot.record;
    const others = (kept.get(playerId) ?? []).filter(
      ({ record }) => record.incarnation !== incarnation || record.version !== version,
    );
    const sorted = [...others, copySnapshot(snapshot)].sort(
      ({ record: a }, { record: b }) => a.incarnation - b.incarnation || a.version - b.version,
    );
    const own = sorted.filter(({ record }) => record.incarnation === incarnation);
    const surplus = new Set(own.slice(0, Math.max(0, own.length - MAX_SNAPSHOTS)));
    kept.set(
      playerId,
      sorted.filter((entry) => !surplus.has(entry)),
    );
  };
  return {
    async putSnapshots(given) {
      assertOpen();
      for (const snapshot of given) put(snapshot);
    },
    async readSnapshots({ playerId, limit }) {
      assertOpen();
      return (kept.get(playerId) ?? [])
        .filter(({ atMs }) => atMs + journalRetentionMs > nowMs())
        .reverse()
        .slice(0, Math.max(0, limit))
        .map(copySnapshot);
    },
  };
}

export function archive(
  content: Content,
  { assertOpen, nowMs, journalRetentionMs }: HistoryOptions,
): Pick<Store, "listRecords" | "importEvents" | "importMark"> {
  return {
    async listRecords({ after, limit }) {
      assertOpen();
      const ids = [...content.records.keys()].sort().filter((id) => after === null || id > after);
      const page = ids.slice(0, Math.max(0, limit));
      const records = page.flatMap((id) => content.records.get(id) ?? []).map(copyOf);
      return { records, next: page.length < ids.length ? (page.at(-1) ?? after) : null };
    },
    async importEvents(player, entries) {
      assertOpen();
      const known = new Set(
        (content.journals.get(journalKey(player)) ?? []).map(({ entry }) => entry.number),
      );
      const events = entries.filter(({ number }) => !known.has(number));
      appendEvents(content, player, { events, expiresAtMs: nowMs() + journalRetentionMs });
      content.journals.get(journalKey(player))?.sort(({ entry: a }, { entry: b }) => a.number - b.number);
    },
    async importMark(player, mark) {
      assertOpen();
      content.marks.set(journalKey(player), copyOf(mark));
    },
  };
}
