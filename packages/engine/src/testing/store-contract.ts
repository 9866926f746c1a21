/**
 * What every store must keep, as cases that any test runner can run. Passing them all is what makes a store one that the
 * engine can stand on.
 */
import type { Store } from "../ports.js";
import { archiveClauses } from "./contract/archive.js";
import { catalogClauses, quarantineClauses } from "./contract/catalogs.js";
import type { Clause, ContractCase, StoreFixture } from "./contract/fixture.js";
import { journalClauses } from "./contract/journal.js";
import { historyClauses } from "./contract/history.js";
import { closeClauses, reopenClauses } from "./contract/lifecycle.js";
import { recordClauses } from "./contract/records.js";
import { settingsClauses } from "./contract/settings.js";

export interface StoreContractOptions {
  /** Gives a new, empty store for each case. */
  readonly open: () => Promise<StoreFixture>;
  /** Whether what is stored outlives a close. Fixtures of a durable store have `reopen`. Default: true */
  readonly isDurable?: boolean;
}

/**
 * The contract of a `Store`. Each case opens a store of its own, closes what it opened, and cleans up.
 *
 * @example
 * ```ts
 * import { storeContract } from "@mainspring/engine/testing";
 * import { it } from "vitest";
 *
 * for (const { name, run } of storeContract({ open: openMyStore })) it(name, run);
 * ```
 */
export function storeContract({ open, isDurable = true }: StoreContractOptions): readonly ContractCase[] {
  const clauses: readonly Clause[] = [
    ...recordClauses,
    ...journalClauses,
    ...historyClauses,
    ...archiveClauses,
    ...catalogClauses,
    ...quarantineClauses,
    ...settingsClauses,
    ...closeClauses,
    ...(isDurable ? reopenClauses : []),
  ];
  return clauses.map(({ name, prove }) => ({ name, run: async () => runOne(open, prove) }));
}

async function runOne(open: StoreContractOptions["open"], prove: Clause["prove"]): Promise<void> {
  const fixture = await open();
  const opened: Store[] = [fixture.store];
  const { reopen } = fixture;
  const watched: StoreFixture = {
    ...fixture,
    ...(reopen !== undefined && {
      async reopen() {
        const store = await reopen();
        opened.push(store);
        return store;
      },
    }),
  };
  try {
    await prove(watched);
  } finally {
    for (const store of opened) await store.close();
    await fixture.cleanup();
  }
}
