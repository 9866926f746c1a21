/** The oracle's storage: stacks, what fits, and whether a whole outcome would. */
import type { Activity, Entry } from "../../src/catalog/catalog.js";
import { greatest, least, type OracleTerms } from "./levels-and-terms.js";
import { type Amounts, catalogNow, changeOwned, MAX_AMOUNT, type World } from "./oracle-state.js";

const PPM = 1_000_000;

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Σ ceil(count / maxStack) over the items that the state's catalog knows. */
export function stacksUsed(world: World, items: Amounts): bigint {
  let used = 0n;
  for (const [id, count] of items) {
    const item = catalogNow(world).items.get(id);
    if (item !== undefined) used += ceilDiv(count, BigInt(item.maxStack));
  }
  return used;
}

/** What fits of so many of an item: up to the end of its last stack, plus what free stacks hold. */
export function fits(world: World, id: string, amount: bigint): bigint {
  const item = catalogNow(world).items.get(id);
  if (item === undefined) return amount;
  const { items } = world.state;
  const maxStack = BigInt(item.maxStack);
  const count = items.get(id) ?? 0n;
  const inLastStack = ceilDiv(count, maxStack) * maxStack - count;
  const maxStacks = BigInt(catalogNow(world).settings.inventory.maxStacks);
  const free = greatest(0n, maxStacks - stacksUsed(world, items));
  return least(amount, inLastStack + free * maxStack);
}

/** Stores what fits and stashes the rest, which is returned: refunds, adjustments. */
export function storeElseStash(world: World, atMs: number, id: string, amount: bigint): bigint {
  const stored = fits(world, id, amount);
  if (stored > 0n) changeOwned(world, atMs, { of: "items", id, by: stored });
  const rest = amount - stored;
  if (rest > 0n) changeOwned(world, atMs, { of: "stash", id, by: rest });
  return rest;
}

/** Would the greatest possible outcome fit, after the takes? */
export function greatestOutcomeFits(
  world: World,
  activity: Activity,
  { yieldPpm }: Pick<OracleTerms, "yieldPpm">,
): boolean {
  const { success, failure } = activity.outcomes;
  if (success.entries.length + failure.entries.length === 0) return true;
  const extra = BigInt(Math.ceil(yieldPpm / PPM));
  const most = (entries: readonly Entry[], id: string): bigint =>
    entries.reduce((sum, { alternatives }) => {
      const counts = alternatives.filter(({ item }) => item === id).map(({ max }) => BigInt(max) + extra);
      return sum + counts.reduce(greatest, 0n);
    }, 0n);
  const then = new Map(world.state.items);
  for (const [id, amount] of activity.takes) then.set(id, (then.get(id) ?? 0n) - BigInt(amount));
  const given = new Set(activity.alternatives.map(({ item }) => item));
  for (const id of given) {
    const count = (then.get(id) ?? 0n) + greatest(most(success.entries, id), most(failure.entries, id));
    then.set(id, least(MAX_AMOUNT, count));
  }
  return stacksUsed(world, then) <= BigInt(catalogNow(world).settings.inventory.maxStacks);
}
