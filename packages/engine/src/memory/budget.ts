/** One bound for all local caches of a process together: entries and bytes. Over it, the one that has most gives up what it used longest ago. */
import type { MemoryBudget, MemoryTenant } from "../ports.js";
import { checkOptions } from "../check-options.js";

const MEBIBYTE = 1024 ** 2;

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
  const isOver = (): boolean => {
    let entries = 0;
    let bytes = 0;
    for (const tenant of tenants) {
      entries += tenant.entries();
      bytes += tenant.bytes();
    }
    return entries > maxEntries * share || bytes > maxBytes * share;
  };
  const shareOf = (tenant: MemoryTenant): number =>
    Math.max(tenant.entries() / maxEntries, tenant.bytes() / maxBytes);
  const settle = (): void => {
    // Each turn takes an entry away, and there are only so many.
    while (isOver()) {
      let greatest: MemoryTenant | undefined;
      for (const tenant of tenants) {
        if (greatest === undefined || shareOf(tenant) > shareOf(greatest)) greatest = tenant;
      }
      if (greatest === undefined || greatest.entries() === 0) return;
      greatest.evictOne();
    }
  };
  return {
    maxEntries,
    maxBytes,
    tenants: () => tenants,
    join: (tenant) => void tenants.push(tenant),
    settle,
    limitTo(part) {
      share = part;
      settle();
    },
  };
}
