/** `mainspring heap compare`: what grew between two heap snapshots. It never shows what a text or a property's name says. */
import { loadClassSizes } from "../heap-compare/class-sizes.js";
import { compareSnapshots } from "../heap-compare/compare-snapshots.js";
import { comparisonLines } from "../heap-compare/print-comparison.js";

export interface HeapCompareSettings {
  readonly top: number;
  readonly json?: boolean;
}

/** Prints the comparison. @throws MainspringError `INVALID_REQUEST` for files that can't be compared, `CONFIG_INVALID` without the library */
export async function heapCompare(
  { before, after }: { readonly before: string; readonly after: string },
  { top, json = false }: HeapCompareSettings,
  print: (line: string) => void,
): Promise<void> {
  const comparison = compareSnapshots({ before, after, top, readClassSizes: await loadClassSizes() });
  if (json) print(JSON.stringify(comparison, null, 2));
  else for (const line of comparisonLines(comparison)) print(line);
}
