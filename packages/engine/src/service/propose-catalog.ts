/** Checking, storing and activating a catalog. */
import { type Catalog, compileCatalog, MainspringError } from "@mainspring/core";
import type { Activation } from "../engine.js";
import type { CatalogStore, Clock } from "../ports.js";
import { ACTIVATION_LEAD_MS } from "./activation-lead.js";
import type { CatalogRegistry } from "./catalog-registry.js";

/** Tries to append when other instances do so too. */
const MAX_APPEND_TRIES = 5;

export interface ProposeParts {
  readonly store: CatalogStore;
  readonly clock: Clock;
  readonly registry: CatalogRegistry;
}

export interface Proposal {
  /** Parsed JSON. */
  readonly document: unknown;
  /** Default: as soon as possible. */
  readonly activateAtMs?: number | undefined;
}

/**
 * Checks a catalog, stores it and appends it to the timeline.
 * @throws MainspringError `CATALOG_INVALID`, `CATALOG_TOO_SOON`, `VERSION_CONFLICT`, `STORE_UNAVAILABLE`.
 */
export async function proposeCatalog(
  parts: ProposeParts,
  { document, activateAtMs }: Proposal,
): Promise<Activation> {
  const catalog = compileCatalog(document);
  for (let tries = 0; tries < MAX_APPEND_TRIES; tries += 1) {
    const activation = await tryToPropose(parts, catalog, activateAtMs);
    if (activation !== null) return activation;
  }
  throw new MainspringError(
    "VERSION_CONFLICT",
    "Other instances keep activating catalogs; look at the timeline and try again.",
  );
}

async function tryToPropose(
  { store, clock, registry }: ProposeParts,
  catalog: Catalog,
  activateAtMs?: number,
): Promise<Activation | null> {
  await registry.refresh();
  const nowMs = clock.nowMs();
  const entries = registry.known()?.entries ?? [];
  const last = entries.at(-1);
  const { hash, name } = catalog;
  const document = JSON.stringify(catalog.source);
  if (last?.hash === hash) {
    await store.putCatalog(hash, document);
    registry.add(catalog);
    return { hash, name, atMs: last.atMs, isUnchanged: true };
  }
  const earliestMs = last === undefined ? 0 : Math.max(nowMs + ACTIVATION_LEAD_MS, last.atMs + 1);
  const atMs = activateAtMs ?? (last === undefined ? nowMs : earliestMs);
  if (!Number.isSafeInteger(atMs) || atMs < earliestMs) {
    throw new MainspringError(
      "CATALOG_TOO_SOON",
      `A catalog can be activated from ${earliestMs} on at the earliest, not at ${atMs}.`,
      {
        earliestMs,
      },
    );
  }
  await store.putCatalog(hash, document);
  registry.add(catalog);
  if (!(await store.appendTimeline({ atMs, hash }, entries.length))) return null;
  await registry.refresh();
  return { hash, name, atMs, isUnchanged: false };
}
