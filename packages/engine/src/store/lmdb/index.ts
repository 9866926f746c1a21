/**
 * The embedded store, for one server: LMDB in a folder of the machine. Loads the native library, so import it only where
 * the configuration asks for it.
 */
import type { Clock, Store } from "../../ports.js";
import { openStore } from "./open-store.js";

export { storeLayout } from "./store-layout.js";
export { MAX_PENDING_BYTES, MAX_PENDING_WRITES } from "./group-commit.js";

export interface LmdbStoreOptions {
  /**
   * The data folder. Made where it is missing, readable by the server's user alone. It must lie on a local disk: LMDB
   * doesn't work on network file systems.
   */
  readonly folder: string;
  /** Events and snapshots are not shown, and are cleared away, after so long. Default: 90 days. */
  readonly journalRetentionMs?: number;
  /** Tells their age. Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Opens the store of a data folder, in time and memory that don't depend on how much is in it.
 *
 * A commit resolves when it is flushed to the disk, and nobody sees it before. Commits that arrive during a flush share
 * the next one. At most `MAX_PENDING_WRITES` writes (or `MAX_PENDING_BYTES`) wait; more fail with `OVERLOADED`, and so
 * does a call with more.
 *
 * @throws MainspringError `DATA_FOLDER_IN_USE` when another server runs on the folder; `CONFIG_INVALID` when it is no
 * folder, or on a platform without Unix sockets; `UPGRADE_REQUIRED` when a newer release wrote it; `STORE_UNAVAILABLE`
 * when it can't be reached or is damaged
 *
 * @example
 * ```ts
 * import { openLmdbStore } from "@mainspring/engine/lmdb";
 *
 * const store = await openLmdbStore({ folder: "./data" });
 * const outcomes = await store.commit([
 *   { expected: null, next: { playerId: "ada", incarnation: 1_700_000_000_000, version: 1, bytes }, events: [] },
 * ]);
 * await store.close();
 * ```
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  return openStore(options);
}
