/** Amounts as JSON objects, keyed by id. */
import type { AmountList, AmountMap } from "@mainspring/core";

/** From entries, so that an id such as "constructor" is a key like any other. Sorted, so that the same content is the same text. */
export function amountsOf(amounts: AmountMap | AmountList | undefined): Record<string, number> {
  if (amounts === undefined) return {};
  return Object.fromEntries([...amounts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
