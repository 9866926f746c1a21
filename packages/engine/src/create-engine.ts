/** Puts an engine together from its parts. The one place that knows all of them. */
import type { Engine } from "./engine.js";
import type { Clock, Store, Telemetry } from "./ports.js";

export interface CreateEngineOptions {
  /** Where players, journal and catalogs are kept: `openLmdbStore` or `createMemoryStore`. The engine closes it. */
  readonly store: Store;
  /** A catalog to propose before the engine is ready (parsed JSON). Default: what the store has. */
  readonly catalog?: unknown;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
  /** Source of players' seeds. Default: the system's cryptographic random numbers. */
  readonly randomBytes?: (count: number) => Uint8Array;
  /** Allow the `fast-forward` command. Default false. */
  readonly isDevelopment?: boolean;
}

/**
 * An engine on a store.
 * @throws MainspringError `CATALOG_INVALID` for a bad catalog, `STORE_UNAVAILABLE`.
 */
export function createEngine(options: CreateEngineOptions): Promise<Engine> {
  void options;
  throw new Error("being written");
}
