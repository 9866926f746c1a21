/** The inventory: stacks, what fits, and where the rest goes. */
import { addUpToMax, divCeil, MAX_AMOUNT, multiplyUpToMax } from "../numbers.js";
import type { Task } from "../player/state.js";
import { addAmount, emit, type Run, type RunTask } from "./run.js";

/** How many free places there are; 0 when more are in use than the catalog allows. */
export function freeStacks(run: Run): number {
  return Math.max(0, run.catalog.settings.inventory.maxStacks - run.stacksUsed);
}

/** How many more of an item fit into the last of its places. */
export function roomInLastStack(run: Run, id: string): number {
  const item = run.catalog.items.get(id);
  if (item === undefined) return MAX_AMOUNT;
  const have = run.items.get(id) ?? 0;
  return multiplyUpToMax(divCeil(have, item.maxStack), item.maxStack) - have;
}

/** How many more of an item fit. */
export function roomFor(run: Run, id: string): number {
  const item = run.catalog.items.get(id);
  if (item === undefined) return MAX_AMOUNT;
  return addUpToMax(roomInLastStack(run, id), multiplyUpToMax(freeStacks(run), item.maxStack));
}

/** Puts in (positive) or takes out (negative) without asking for room. */
export function changeItems(run: Run, atMs: number, id: string, by: number): void {
  if (by === 0) return;
  const had = run.items.get(id) ?? 0;
  const has = by > 0 ? addUpToMax(had, by) : had + by;
  if (has === 0) run.items.delete(id);
  else run.items.set(id, has);
  const item = run.catalog.items.get(id);
  if (item !== undefined) run.stacksUsed += divCeil(has, item.maxStack) - divCeil(had, item.maxStack);
  if (has === MAX_AMOUNT && had < MAX_AMOUNT) emit(run, atMs, { type: "at-maximum", of: "items", id });
}

/** Puts in or takes out of the stash. */
export function changeStash(run: Run, atMs: number, id: string, by: number): void {
  if (by === 0) return;
  const had = run.stash.get(id) ?? 0;
  const has = by > 0 ? addUpToMax(had, by) : had + by;
  if (has === 0) run.stash.delete(id);
  else run.stash.set(id, has);
  if (has === MAX_AMOUNT && had < MAX_AMOUNT) emit(run, atMs, { type: "at-maximum", of: "stash", id });
}

/** Stores what fits and stashes the rest; says how much was stashed. For refunds, equipment and adjustments. */
export function storeOrStash(run: Run, atMs: number, id: string, amount: number): number {
  const fits = Math.min(amount, roomFor(run, id));
  changeItems(run, atMs, id, fits);
  changeStash(run, atMs, id, amount - fits);
  return amount - fits;
}

/** Stores what a cycle of a task gave: what fits, and the rest as the catalog's `onFull` says. */
export function storeOutcome(
  run: Run,
  atMs: number,
  task: RunTask,
  { id, amount }: { id: string; amount: number },
): void {
  const fits = Math.min(amount, roomFor(run, id));
  changeItems(run, atMs, id, fits);
  const rest = amount - fits;
  if (rest === 0) return;
  const to = run.catalog.settings.inventory.onFull === "discard" ? "discarded" : "stash";
  if (!hasOverflowed(task, id))
    emit(run, atMs, { type: "overflow", task: task.number, item: id, amount: rest, to });
  if (to === "discarded") {
    addAmount(task.discarded, id, rest);
  } else {
    addAmount(task.stashed, id, rest);
    changeStash(run, atMs, id, rest);
  }
}

/** True once an item didn't fit in this task. */
export function hasOverflowed(task: Pick<Task, "stashed" | "discarded">, id: string): boolean {
  return task.stashed.has(id) || task.discarded.has(id);
}
