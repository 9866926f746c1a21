/** Whether a player's copy is the original: record, journal, mark and the newest snapshots, byte for byte. */
import { MAX_SNAPSHOTS, type JournalEntry, type Store, type StoredRecord } from "../ports.js";
import { journalOf, snapshotsOf } from "./copy-history.js";

interface Stores {
  readonly from: Store;
  readonly to: Store;
}

/** @returns what is different, or `null` */
export async function comparePlayer(
  { from, to }: Stores,
  record: StoredRecord,
  copy: StoredRecord | null,
): Promise<string | null> {
  if (copy === null) return "the record is missing";
  if (copy.incarnation !== record.incarnation) return "the target has another player of this name";
  if (copy.version !== record.version) return `the record has version ${copy.version}, not ${record.version}`;
  if (!isEqual(copy.bytes, record.bytes)) return "the record has other bytes";
  const mark = (await from.readMark(record))?.bytes ?? null;
  const copiedMark = (await to.readMark(record))?.bytes ?? null;
  if ((mark === null) !== (copiedMark === null)) return "the mark is missing, or too much";
  if (mark !== null && copiedMark !== null && !isEqual(mark, copiedMark)) return "the mark has other bytes";
  return (await compareJournals({ from, to }, record)) ?? compareSnapshots({ from, to }, record);
}

async function compareJournals({ from, to }: Stores, record: StoredRecord): Promise<string | null> {
  const [events, copied] = [await whole(from, record), await whole(to, record)];
  if (events.length !== copied.length) return `the journal has ${copied.length} events, not ${events.length}`;
  const other = events.findIndex((event, index) => {
    const found = copied[index];
    return found?.number !== event.number || !isEqual(found.bytes, event.bytes);
  });
  return other < 0 ? null : `event ${events[other]?.number ?? 0} is another`;
}

async function whole(store: Store, record: StoredRecord): Promise<readonly JournalEntry[]> {
  const events: JournalEntry[] = [];
  for await (const page of journalOf(store, record)) events.push(...page);
  return events;
}

async function compareSnapshots({ from, to }: Stores, record: StoredRecord): Promise<string | null> {
  const [snapshots, copied] = [await snapshotsOf(from, record), await snapshotsOf(to, record)];
  for (const [index, snapshot] of snapshots.slice(0, MAX_SNAPSHOTS).entries()) {
    const found = copied[index]?.record;
    if (found?.version !== snapshot.record.version) return `snapshot ${snapshot.record.version} is missing`;
    if (!isEqual(found.bytes, snapshot.record.bytes))
      return `snapshot ${snapshot.record.version} has other bytes`;
  }
  return null;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
