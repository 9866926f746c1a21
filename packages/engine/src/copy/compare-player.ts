/** Whether a player's copy is the original: record, journal, mark and the newest snapshots, byte for byte. */
import { MAX_SNAPSHOTS, type JournalEntry, type Store, type StoredRecord } from "../ports.js";
import { journalOf, snapshotsOf } from "./copy-history.js";

interface Stores {
  readonly from: Store;
  readonly to: Store;
}

/** Items that were changed by hand may have none. */
export function hasVersion({ version }: StoredRecord): boolean {
  return Number.isSafeInteger(version) && version >= 1;
}

/** @returns what is different, or `null` */
export async function comparePlayer(
  { from, to }: Stores,
  record: StoredRecord,
  copy: StoredRecord | null,
): Promise<string | null> {
  if (!hasVersion(record)) return "the record is damaged: restore it, then copy again";
  if (copy === null) return "the record is missing";
  if (copy.incarnation !== record.incarnation) return "the target has another player of this name";
  if (copy.version !== record.version) return `the record has version ${copy.version}, not ${record.version}`;
  if (!isEqual(copy.bytes, record.bytes)) return "the record has other bytes";
  return compareHistory({ from, to }, record);
}

async function compareHistory(stores: Stores, record: StoredRecord): Promise<string | null> {
  return (
    (await compareMarks(stores, record)) ??
    (await compareJournals(stores, record)) ??
    compareSnapshots(stores, record)
  );
}

async function compareMarks({ from, to }: Stores, record: StoredRecord): Promise<string | null> {
  const [mark, copied] = [await from.readMark(record), await to.readMark(record)];
  if (mark === null) return copied === null ? null : "there is a mark too much";
  if (copied === null) return "the mark is missing";
  return mark.version === copied.version && isEqual(mark.bytes, copied.bytes) ? null : "the mark is another";
}

/** What has expired in the source may live on in the target, which counts from the copy on. */
async function compareJournals({ from, to }: Stores, record: StoredRecord): Promise<string | null> {
  const events = await whole(from, record);
  const first = events[0]?.number ?? Infinity;
  const copied = (await whole(to, record)).filter(({ number }) => number >= first);
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
  for (const snapshot of snapshots.slice(0, MAX_SNAPSHOTS)) {
    const { version, bytes } = snapshot.record;
    const found = copied.find((other) => other.record.version === version);
    if (found === undefined) return `snapshot ${version} is missing`;
    const isSame =
      isEqual(found.record.bytes, bytes) &&
      found.eventCount === snapshot.eventCount &&
      found.atMs === snapshot.atMs;
    if (!isSame) return `snapshot ${version} is another`;
  }
  return null;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
