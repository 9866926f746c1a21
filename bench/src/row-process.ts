/**
 * The process of one row: measures it and sends home what it found. A row gets a fresh process so that no other row has
 * shaped its heap or its compiled code.
 */
import { createReleases, onInterrupt } from "./releases.js";
import type { Finding } from "./row.js";
import { ROWS } from "./row-list.js";

/** What the main process asks for. */
export interface RowOrder {
  readonly name: string;
  readonly isQuick: boolean;
  readonly folder: string;
}

export type RowAnswer =
  | { readonly isMeasured: true; readonly findings: readonly Finding[] }
  | { readonly isMeasured: false; readonly reason: string };

const { defer, releaseAll } = createReleases();
onInterrupt(releaseAll);
process.once("disconnect", () => {
  void releaseAll().finally(() => process.exit(1));
});
process.once("message", (order: RowOrder) => {
  void answer(order);
});

async function answer(order: RowOrder): Promise<void> {
  const found = await measure(order);
  await releaseAll();
  process.send?.(found, () => process.exit(0));
}

async function measure({ name, isQuick, folder }: RowOrder): Promise<RowAnswer> {
  try {
    const entry = ROWS.find((row) => row.name === name);
    if (entry === undefined) throw new Error(`There is no row ${name}.`);
    const row = await entry.load();
    return { isMeasured: true, findings: await row({ isQuick, folder, defer }) };
  } catch (error) {
    console.error(error);
    return { isMeasured: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
