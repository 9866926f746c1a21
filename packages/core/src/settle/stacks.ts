/** How many places of the inventory items take up. */
import type { Catalog } from "../catalog/catalog.js";
import { divCeil } from "../numbers.js";
import type { AmountMap } from "../player/state.js";

/** Places that items take up. Items that the catalog doesn't know are inert and take none. */
export function countStacks(items: AmountMap, catalog: Catalog): number {
  let stacks = 0;
  for (const [id, amount] of items) {
    const item = catalog.items.get(id);
    if (item !== undefined) stacks += divCeil(amount, item.maxStack);
  }
  return stacks;
}
