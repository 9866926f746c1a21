/** The append-only list of catalogs with the instants at which they become active. */
import { MainspringError } from "../errors.js";
import type { Catalog } from "./catalog.js";

/** From `atMs` on (server time) the catalog with this hash is the active one. */
export interface TimelineEntry {
  readonly atMs: number;
  readonly hash: string;
}

export interface Timeline {
  /** Strictly rising in `atMs`. */
  readonly entries: readonly TimelineEntry[];
  /** Every catalog that an entry, or a state, names. */
  readonly catalogs: ReadonlyMap<string, Catalog>;
}

/**
 * A timeline from its entries and catalogs.
 * @throws MainspringError `CATALOG_INVALID` when it is empty, not strictly rising, or names a catalog that isn't given.
 */
export function createTimeline(entries: readonly TimelineEntry[], catalogs: Iterable<Catalog>): Timeline {
  const byHash = new Map<string, Catalog>();
  for (const catalog of catalogs) byHash.set(catalog.hash, catalog);
  if (entries.length === 0)
    throw new MainspringError("CATALOG_INVALID", "A timeline needs at least one catalog.");
  let lastAtMs = -1;
  for (const { atMs, hash } of entries) {
    if (!Number.isSafeInteger(atMs) || atMs <= lastAtMs) {
      throw new MainspringError(
        "CATALOG_INVALID",
        `The timeline's instants must rise: ${atMs} comes after ${lastAtMs}.`,
      );
    }
    if (!byHash.has(hash))
      throw new MainspringError("CATALOG_INVALID", `The timeline names catalog ${hash}, which is not there.`);
    lastAtMs = atMs;
  }
  return { entries: [...entries], catalogs: byHash };
}

/** The entry in force at an instant (server time); the first one before that. */
export function entryAt(timeline: Timeline, atMs: number): TimelineEntry {
  let found: TimelineEntry | undefined;
  for (const entry of timeline.entries) {
    if (found !== undefined && entry.atMs > atMs) break;
    found = entry;
  }
  if (found === undefined) throw new MainspringError("INTERNAL", "A timeline has at least one entry.");
  return found;
}

/** The first entry that becomes active after `atMs`, or `null`. Looks from the end: that is where states live. */
export function entryAfter(timeline: Timeline, atMs: number): TimelineEntry | null {
  let next: TimelineEntry | null = null;
  for (let index = timeline.entries.length - 1; index >= 0; index -= 1) {
    const entry = timeline.entries[index];
    if (entry === undefined || entry.atMs <= atMs) break;
    next = entry;
  }
  return next;
}

/**
 * The catalog with this hash.
 * @throws MainspringError `UPGRADE_REQUIRED` when this process doesn't have it (yet): another try can help.
 */
export function catalogOf(timeline: Timeline, hash: string): Catalog {
  const catalog = timeline.catalogs.get(hash);
  if (catalog === undefined) {
    throw new MainspringError(
      "UPGRADE_REQUIRED",
      `This process does not have catalog ${hash} yet; try again in a moment.`,
    );
  }
  return catalog;
}
