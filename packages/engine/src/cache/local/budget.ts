/** One bound for all local tiers together: entries and bytes. Over it, the tier that has most gives up what it used longest ago. */

export interface BudgetOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** A tier, as the budget sees it. */
export interface Spender {
  entries(): number;
  bytes(): number;
  /** Gives up its least recently used entry. */
  evictOne(): void;
}

export interface Budget extends BudgetOptions {
  join(spender: Spender): void;
  /** Brings everybody back under the bound, after something was added. */
  settle(): void;
}

export function createBudget({ maxEntries, maxBytes }: BudgetOptions): Budget {
  const spenders: Spender[] = [];
  const share = (spender: Spender): number =>
    Math.max(spender.entries() / maxEntries, spender.bytes() / maxBytes);
  const isOver = (): boolean => {
    let entries = 0;
    let bytes = 0;
    for (const spender of spenders) {
      entries += spender.entries();
      bytes += spender.bytes();
    }
    return entries > maxEntries || bytes > maxBytes;
  };
  return {
    maxEntries,
    maxBytes,
    join: (spender) => void spenders.push(spender),
    settle() {
      // Each turn takes an entry away, and there are only so many.
      while (isOver()) {
        let greatest: Spender | undefined;
        for (const spender of spenders) {
          if (greatest === undefined || share(spender) > share(greatest)) greatest = spender;
        }
        if (greatest === undefined || greatest.entries() === 0) return;
        greatest.evictOne();
      }
    },
  };
}
