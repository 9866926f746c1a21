/** Catalogs and their timeline as this instance knows them: compiled once, looked up again before they could be out of date. */
import {
  type Catalog,
  compileCatalog,
  createTimeline,
  entryAt,
  MainspringError,
  type Timeline,
} from "@mainspring/core";
import type { CatalogStore, Clock, StoredTimelineEntry } from "../ports.js";
import { ACTIVATION_LEAD_MS } from "./activation-lead.js";

/** The timeline is looked up again after so long; no instance settles further than the lead beyond its last look. */
const LOOK_AGAIN_MS = 20_000;

export interface CatalogRegistry {
  /** The timeline, looked at recently enough to settle to this instant. @throws MainspringError `NO_CATALOG` when there is none. */
  timelineFor(nowMs: number): Promise<Timeline>;
  /** The same, if the last look was recent enough; `null`: ask {@link CatalogRegistry.timelineFor}. */
  recentFor(nowMs: number): Timeline | null;
  /** Looks the timeline up now: for a record that names a catalog this instance hasn't seen. */
  refresh(): Promise<void>;
  /** The timeline as of the last look. */
  known(): Timeline | null;
  /** Makes a compiled catalog known. Of one that is known already the texts are replaced. */
  add(catalog: Catalog): void;
}

/** The registry on a store. */
export function createCatalogRegistry(store: CatalogStore, clock: Clock): CatalogRegistry {
  const compiled = new Map<string, Catalog>();
  let timeline: Timeline | null = null;
  let lookedAtMs = -Infinity;
  let looking: Promise<void> | null = null;

  const load = async (entry: StoredTimelineEntry): Promise<void> => {
    if (compiled.has(entry.hash)) return;
    const document = await store.readCatalog(entry.hash);
    if (document === null) {
      throw new MainspringError(
        "STORE_UNAVAILABLE",
        `The store lacks the document of catalog ${entry.hash}, which its timeline names.`,
      );
    }
    const catalog = compileCatalog(JSON.parse(document));
    if (catalog.hash !== entry.hash) {
      throw new MainspringError(
        "UPGRADE_REQUIRED",
        `Catalog ${entry.hash} means something else to this release; a newer one wrote it.`,
      );
    }
    compiled.set(entry.hash, catalog);
  };

  const look = async (): Promise<void> => {
    const startedAtMs = clock.nowMs();
    const entries = await store.readTimeline();
    for (const entry of entries) await load(entry);
    // An unchanged timeline stays the same object: forecasts are kept with it.
    if (entries.length > 0 && entries.length !== timeline?.entries.length)
      timeline = createTimeline(entries, compiled.values());
    lookedAtMs = startedAtMs;
  };

  const refresh = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };

  const recentFor = (nowMs: number): Timeline | null => {
    const ageMs = nowMs - lookedAtMs;
    // A clock that was set back makes the last look seem to lie ahead.
    return ageMs > LOOK_AGAIN_MS || ageMs < -ACTIVATION_LEAD_MS ? null : timeline;
  };

  const timelineFor = async (nowMs: number): Promise<Timeline> => {
    const recent = recentFor(nowMs);
    if (recent !== null) return recent;
    const ageMs = nowMs - lookedAtMs;
    try {
      await refresh();
    } catch (error) {
      if (timeline === null || ageMs > ACTIVATION_LEAD_MS || ageMs < 0) throw error;
    }
    if (timeline === null)
      throw new MainspringError(
        "NO_CATALOG",
        "There is no catalog yet. Start the server with one, or activate one.",
      );
    return timeline;
  };

  return {
    timelineFor,
    recentFor,
    refresh,
    known: () => timeline,
    add(catalog) {
      compiled.set(catalog.hash, catalog);
      if (timeline?.catalogs.has(catalog.hash) === true)
        timeline = createTimeline(timeline.entries, compiled.values());
    },
  };
}

/** The catalog in force at an instant. */
export function catalogAt(timeline: Timeline, atMs: number): Catalog {
  const catalog = timeline.catalogs.get(entryAt(timeline, atMs).hash);
  if (catalog === undefined)
    throw new MainspringError("INTERNAL", "A timeline has every catalog that it names.");
  return catalog;
}
