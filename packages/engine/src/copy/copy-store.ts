/**
 * Moves everything from one store to another: catalogs, players with their history, the quarantine. A copy that was stopped
 * goes on where it was: a player's record is written last, so whoever has it has everything.
 */
import { MainspringError } from "@mainspring/core";
import type { Store, StoredRecord } from "../ports.js";
import { copyCatalogs } from "./copy-catalogs.js";
import { copyHistory } from "./copy-history.js";
import { comparePlayer, hasVersion } from "./compare-player.js";
import { inParallel } from "./in-parallel.js";

/** Players that are read at once. */
const PAGE_PLAYERS = 100;

/** Players that are copied between two flushes: what a copy that is stopped has to do again. */
const GROUP_PLAYERS = 16;

/** No quarantine is so large. */
const MAX_QUARANTINED = 100_000;

/** So many differences are told; more are only counted. */
const MAX_TOLD = 20;

export interface CopyOptions {
  /** Nothing may change it meanwhile: what changes is found by the comparison, and is copied by the next run. */
  readonly from: Store;
  readonly to: Store;
  /** Told after each page. */
  readonly onProgress?: (report: CopyReport) => void;
}

/** A player whose copy is not the original. */
export interface Difference {
  readonly playerId: string;
  readonly what: string;
}

export interface CopyReport {
  /** Players of the source, so far. */
  readonly players: number;
  /** Those that were copied now; the others were there already. */
  readonly copied: number;
  readonly events: number;
  readonly snapshots: number;
  readonly catalogs: number;
  readonly quarantined: number;
  /** Players whose copies were compared. */
  readonly compared: number;
  /** How many are not the same, and the first of them. Not empty: run it again, or look at what holds it up. */
  readonly differing: number;
  readonly differences: readonly Difference[];
}

/** Players whose history is copied a second time; more are only told. */
const MAX_REPAIRED = 100_000;

/**
 * Copies, then compares every player's record, journal, mark and snapshots. History that did not arrive is copied once more.
 *
 * A player whose record is damaged is copied as it is, unless it has lost even its version: that is told as a difference. One whose
 * record is gone is not copied: restore it before.
 *
 * @throws MainspringError `VERSION_CONFLICT` when the target's timeline of catalogs is not the beginning of the source's, and
 * whatever the stores throw. What was copied by then stays, and another run goes on.
 *
 * @example
 * ```ts
 * import { copyStore } from "@mainspring/engine/copy";
 *
 * const report = await copyStore({ from, to });
 * if (report.differing > 0) console.error(report.differences);
 * ```
 */
export async function copyStore({
  from,
  to,
  onProgress = () => undefined,
}: CopyOptions): Promise<CopyReport> {
  const counts: Counts = {
    players: 0,
    copied: 0,
    events: 0,
    snapshots: 0,
    catalogs: 0,
    quarantined: 0,
    compared: 0,
    differing: 0,
  };
  const differences: Difference[] = [];
  const report = (): CopyReport => ({ ...counts, differences: [...differences] });
  counts.catalogs = await copyCatalogs(from, to);
  for await (const page of pagesOf(from)) {
    await copyPage({ from, to }, page, counts);
    onProgress(report());
  }
  for (const { record, reason, atMs } of await from.quarantined(MAX_QUARANTINED)) {
    await to.quarantine(record, reason, atMs);
    counts.quarantined += 1;
  }
  await to.flush();

  const differ = ({ playerId, what }: Difference): void => {
    counts.differing += 1;
    if (differences.length < MAX_TOLD) differences.push({ playerId, what });
  };
  const suspects: StoredRecord[] = [];
  for await (const page of pagesOf(from)) {
    const found = await comparePage({ from, to }, page);
    counts.compared += page.length;
    for (const { record, difference } of found) {
      if (difference.isRepairable && suspects.length < MAX_REPAIRED) suspects.push(record);
      else differ(difference);
    }
    onProgress(report());
  }
  for (const difference of await repair({ from, to }, suspects)) differ(difference);
  for await (const page of pagesOf(to)) {
    const origins = await from.read(page.map(({ playerId }) => playerId));
    for (const [index, { playerId }] of page.entries()) {
      if (origins[index] === null) differ({ playerId, what: "only the target has this player" });
    }
  }
  return report();
}

interface Stores {
  readonly from: Store;
  readonly to: Store;
}

type Counts = { -readonly [K in keyof Omit<CopyReport, "differences">]: CopyReport[K] };

async function copyPage(stores: Stores, page: readonly StoredRecord[], counts: Counts): Promise<void> {
  const there = await stores.to.read(page.map(({ playerId }) => playerId));
  counts.players += page.length;
  const missing = page.flatMap((record, index) => {
    const target = there[index] ?? null;
    return mayReplace(target, record) ? [{ record, target }] : [];
  });
  for (let first = 0; first < missing.length; first += GROUP_PLAYERS) {
    await copyGroup(stores, missing.slice(first, first + GROUP_PLAYERS), counts);
  }
}

interface Missing {
  readonly record: StoredRecord;
  readonly target: StoredRecord | null;
}

/** History first, and surely: whoever has the record has what lies behind it. */
async function copyGroup({ from, to }: Stores, missing: readonly Missing[], counts: Counts): Promise<void> {
  await inParallel(missing, async ({ record }) => {
    const { events, snapshots } = await copyHistory(from, to, record);
    counts.events += events;
    counts.snapshots += snapshots;
  });
  await to.flush();
  await inParallel(missing, async ({ record, target }) => {
    const expected = target && { incarnation: target.incarnation, version: target.version };
    const [outcome] = await to.commit([{ expected, next: record, events: [] }], { urgency: "milestone" });
    // What another writer does meanwhile is told by the comparison.
    if (outcome?.status === "committed") counts.copied += 1;
  });
}

interface Compared {
  readonly record: StoredRecord;
  readonly difference: Difference & { readonly isRepairable: boolean };
}

async function comparePage({ from, to }: Stores, page: readonly StoredRecord[]): Promise<Compared[]> {
  const there = await to.read(page.map(({ playerId }) => playerId));
  const found: Compared[] = [];
  await inParallel(page, async (record, index) => {
    const copy = there[index] ?? null;
    const what = await comparePlayer({ from, to }, record, copy);
    const { playerId } = record;
    const isRepairable = copy !== null && isSame(record, copy);
    if (what !== null) found.push({ record, difference: { playerId, what, isRepairable } });
  });
  return found;
}

/** @returns what is different all the same */
async function repair(
  { from, to }: Stores,
  records: readonly StoredRecord[],
): Promise<readonly Difference[]> {
  await inParallel(records, async (record) => {
    await copyHistory(from, to, record);
  });
  if (records.length > 0) await to.flush();
  const left: Difference[] = [];
  for (let first = 0; first < records.length; first += PAGE_PLAYERS) {
    const found = await comparePage({ from, to }, records.slice(first, first + PAGE_PLAYERS));
    left.push(...found.map(({ difference: { playerId, what } }) => ({ playerId, what })));
  }
  return left;
}

/** An older version of the same player may be replaced; a newer one, or another player of this name, never. */
function mayReplace(target: StoredRecord | null, record: StoredRecord): boolean {
  // No store takes what has no version: the comparison tells of it.
  if (!hasVersion(record)) return false;
  return target === null || (target.incarnation === record.incarnation && target.version < record.version);
}

function isSame(one: StoredRecord, other: StoredRecord): boolean {
  return (
    one.incarnation === other.incarnation &&
    one.version === other.version &&
    Buffer.compare(one.bytes, other.bytes) === 0
  );
}

async function* pagesOf(store: Store): AsyncGenerator<readonly StoredRecord[]> {
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Store["listRecords"]>> = await store.listRecords({
      after,
      limit: PAGE_PLAYERS,
    });
    if (page.next !== null && page.next === after) {
      throw new MainspringError("INTERNAL", "The store's list of players doesn't get on.");
    }
    yield page.records;
    after = page.next;
  } while (after !== null);
}
