/**
 * Moves everything from one store to another: catalogs, players with their history, the quarantine. A copy that was stopped
 * goes on where it was: a player's record is written last, so whoever has it has everything.
 */
import { MainspringError } from "@mainspring/core";
import type { Store, StoredRecord } from "../ports.js";
import { copyCatalogs } from "./copy-catalogs.js";
import { copyHistory } from "./copy-history.js";
import { comparePlayer } from "./compare-player.js";
import { inParallel } from "./in-parallel.js";

/** Players that are read at once. */
const PAGE_PLAYERS = 100;

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

/**
 * Copies, then compares every player's record, journal, mark and snapshots.
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
  const counts = {
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
  const differ = (playerId: string, what: string): void => {
    counts.differing += 1;
    if (differences.length < MAX_TOLD) differences.push({ playerId, what });
  };

  counts.catalogs = await copyCatalogs(from, to);
  for await (const page of pagesOf(from)) {
    const there = await to.read(page.map(({ playerId }) => playerId));
    await inParallel(page, async (record, index) => {
      counts.players += 1;
      const target = there[index] ?? null;
      if (target !== null && isSame(record, target)) return;
      if (!mayReplace(target, record)) return;
      const history = await copyHistory(from, to, record);
      counts.events += history.events;
      counts.snapshots += history.snapshots;
      const { mark } = history;
      const expected = target && { incarnation: target.incarnation, version: target.version };
      const write = { expected, next: record, events: [], ...(mark === null ? {} : { mark: mark.bytes }) };
      const [outcome] = await to.commit([write], { urgency: "milestone" });
      // What another writer does meanwhile is told by the comparison.
      if (outcome?.status === "committed") counts.copied += 1;
    });
    onProgress(report());
  }
  for (const { record, reason, atMs } of await from.quarantined(MAX_QUARANTINED)) {
    await to.quarantine(record, reason, atMs);
    counts.quarantined += 1;
  }
  await to.flush();

  for await (const page of pagesOf(from)) {
    const there = await to.read(page.map(({ playerId }) => playerId));
    await inParallel(page, async (record, index) => {
      const what = await comparePlayer({ from, to }, record, there[index] ?? null);
      if (what !== null) differ(record.playerId, what);
      counts.compared += 1;
    });
    onProgress(report());
  }
  return report();
}

/** An older version of the same player may be replaced; a newer one, or another player of this name, never. */
function mayReplace(target: StoredRecord | null, record: StoredRecord): boolean {
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
