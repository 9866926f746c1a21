/** What lies behind a player's record, taken over: the journal, the mark, the snapshots. */
import type { JournalEntry, PlayerIncarnation, Snapshot, Store, StoredRecord } from "../ports.js";

const PAGE_EVENTS = 500;

/** More than any store keeps. */
const MAX_SNAPSHOTS_READ = 1_000;

export interface CopiedHistory {
  readonly events: number;
  readonly snapshots: number;
}

/** A repeat changes nothing. It is surely there after the target's next `flush`. */
export async function copyHistory(from: Store, to: Store, record: StoredRecord): Promise<CopiedHistory> {
  const { playerId, incarnation } = record;
  let events = 0;
  for await (const page of journalOf(from, record)) {
    await to.importEvents({ playerId, incarnation }, page);
    events += page.length;
  }
  const snapshots = await snapshotsOf(from, record);
  if (snapshots.length > 0) await to.putSnapshots(snapshots);
  const mark = await from.readMark(record);
  if (mark !== null) await to.importMark({ playerId, incarnation }, mark);
  return { events, snapshots: snapshots.length };
}

export async function* journalOf(
  store: Store,
  { playerId, incarnation }: PlayerIncarnation,
): AsyncGenerator<readonly JournalEntry[]> {
  let afterNumber = 0;
  for (;;) {
    const page = await store.readEvents({ playerId, incarnation, afterNumber, limit: PAGE_EVENTS });
    if (page.length > 0) yield page;
    if (page.length < PAGE_EVENTS) return;
    afterNumber = page.at(-1)?.number ?? afterNumber;
  }
}

/** Of this incarnation, the newest first. */
export async function snapshotsOf(
  store: Store,
  { playerId, incarnation }: PlayerIncarnation,
): Promise<readonly Snapshot[]> {
  const all = await store.readSnapshots({ playerId, limit: MAX_SNAPSHOTS_READ });
  return all.filter(({ record }) => record.incarnation === incarnation);
}
