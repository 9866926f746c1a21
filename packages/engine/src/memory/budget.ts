/**
 * One bound for all local caches of a process together: entries and bytes. Over it, who has most of what there is too much of gives up
 * what it used longest ago.
 *
 * Not the least valuable of all: that would be a decoded record each time, until every read has to decode one. While records take less than
 * half of the bytes it comes to the same, and beyond each kind keeps its half. The governor, who acts seldom, asks for value.
 */
import type { MemoryBudget, MemoryTenant } from "../ports.js";
import { checkOptions } from "../check-options.js";

const MEBIBYTE = 1024 ** 2;

const NOBODY: ReadonlySet<MemoryTenant> = new Set();

export interface MemoryBudgetOptions {
  /** Entries of all caches together. Default: 10,000 */
  readonly maxEntries?: number;
  /** Bytes, about. Default: 64 MiB */
  readonly maxBytes?: number;
}

/**
 * A bound that caches share: give the same one to `createCache`, `createMemoryGovernor` and `jwtAuthenticate`.
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 */
export function createMemoryBudget(options: MemoryBudgetOptions = {}): MemoryBudget {
  const { maxEntries = 10_000, maxBytes = 64 * MEBIBYTE } = options;
  checkOptions({ maxEntries, maxBytes });
  const tenants: MemoryTenant[] = [];
  let share = 1;
  const settle = (): void => {
    let stuck = NOBODY;
    // Each turn takes away an entry, or finds one more that is stuck, and there are only so many.
    for (;;) {
      const bound = { maxEntries: maxEntries * share, maxBytes: maxBytes * share, stuck };
      const tenant = whoGivesUp(tenants, bound);
      if (tenant === null) return;
      const before = tenant.entries();
      tenant.evictOne();
      // Whoever counts bytes but has nothing to give must not hold up the process, nor free the others of their bound.
      if (tenant.entries() >= before) stuck = new Set(stuck).add(tenant);
    }
  };
  return {
    maxEntries,
    maxBytes,
    tenants: () => tenants,
    join(tenant) {
      tenants.push(tenant);
      return () => {
        const index = tenants.indexOf(tenant);
        if (index >= 0) tenants.splice(index, 1);
      };
    },
    settle,
    limitTo(part) {
      share = part;
      settle();
    },
  };
}

interface Bound extends Pick<MemoryBudget, "maxEntries" | "maxBytes"> {
  /** They give nothing, and count all the same. */
  readonly stuck: ReadonlySet<MemoryTenant>;
}

/** `null`: all of them are within the bound, or can't be. */
function whoGivesUp(
  tenants: readonly MemoryTenant[],
  { maxEntries, maxBytes, stuck }: Bound,
): MemoryTenant | null {
  let [entries, bytes, mostEntries, mostBytes] = [0, 0, 0, 0];
  let largest: MemoryTenant | null = null;
  let fullest: MemoryTenant | null = null;
  for (const tenant of tenants) {
    const canGive = !stuck.has(tenant);
    const itsBytes = tenant.bytes();
    bytes += itsBytes;
    if (canGive && itsBytes > mostBytes) [largest, mostBytes] = [tenant, itsBytes];
    const itsEntries = tenant.entries();
    if (tenant.isSecondForm !== true) {
      entries += itsEntries;
      if (canGive && itsEntries > mostEntries) [fullest, mostEntries] = [tenant, itsEntries];
    } else if (canGive && itsEntries > maxEntries) return tenant;
  }
  if (bytes > maxBytes && largest !== null) return largest;
  return entries > maxEntries ? fullest : null;
}
