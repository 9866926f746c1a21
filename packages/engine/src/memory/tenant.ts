/** Local caches, as the bound sees them that all of them share. */

/** Something of a local cache that may go, and what it would cost to have it again. */
export interface Dispensable {
  readonly sizeBytes: number;
  /** About how long it takes to load or make it again. */
  readonly reloadMs: number;
  /** Takes it away. Called at once or never. */
  drop(): void;
}

/** A local cache, as the bound sees it that all of them share. */
export interface MemoryTenant {
  readonly name: string;
  /**
   * What it keeps is made of entries that others keep as well, and is not counted a second time among all entries: it may have as many as
   * the bound allows by itself. Its bytes count like any. Default false
   */
  readonly isSecondForm?: boolean;
  entries(): number;
  /** About. */
  bytes(): number;
  /** Gives up its least recently used entry. Does nothing when it is empty. */
  evictOne(): void;
  /** Gives up all that could not be shown any more. */
  dropExpired(): void;
  /** Of what was used longest ago, what frees most for the least time to have it again; `null`: it is empty. */
  leastValuable(): Dispensable | null;
}

/** One bound for all local caches of a process. `createMemoryBudget` makes one. */
export interface MemoryBudget {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Counts a tenant from now on. Returns how it leaves. */
  join(tenant: MemoryTenant): () => void;
  tenants(): readonly MemoryTenant[];
  /** Brings everybody back under the bound, after something was added. */
  settle(): void;
  /** From now on this part of the bound holds, from 0 (nothing is kept) to 1. For whoever governs memory. */
  limitTo(part: number): void;
}
