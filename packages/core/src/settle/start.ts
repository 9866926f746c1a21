/** The attempt to start a cycle, and the ways in which a task leaves the head of the queue. */
import type { Activity, Catalog } from "../catalog/catalog.js";
import { catalogOf } from "../catalog/timeline.js";
import { addUpToMax, divCeil } from "../numbers.js";
import type { TaskEndReason } from "../player/events.js";
import type { Block, BlockCode, Task, TaskTotals, Until } from "../player/state.js";
import { awayLimitMs } from "./boundaries.js";
import { greatestAmount } from "./outcomes.js";
import { addAmount, emit, ownHead, ownTotals, type Run } from "./run.js";
import { changeItems, storeOrStash } from "./storage.js";
import { levelIn, type Terms, termsOf } from "./terms.js";

/** Starts the head's next cycle if it can be started; ends or skips tasks on the way; blocks or pauses the lane. */
export function attemptStart(run: Run, atMs: number): void {
  if (run.paused !== null || run.cycle !== null) return;
  while (run.tasks.length > 0) {
    if (atMs >= awayLimitMs(run.lastSeenMs, run.catalog.settings.away.maxMs)) {
      pauseAway(run, atMs);
      return;
    }
    const head = run.tasks[0] as Task;
    run.observer?.beforeTry(run, head);
    if (head.until !== null && untilHolds(run, head.until)) {
      endHead(run, atMs, "until");
      continue;
    }
    const activity = activityOf(run.catalog, head);
    const terms = termsOf(run, run.catalog, activity);
    if (head.ranMs + terms.durationMs > run.catalog.settings.queue.maxTaskMs) {
      endHead(run, atMs, "limit");
      continue;
    }
    const block = findBlock(run, atMs, activity, terms);
    if (block === null) {
      startCycle(run, atMs, activity, terms);
      return;
    }
    if (head.onBlocked === "wait") {
      waitAtHead(run, atMs, head, block);
      return;
    }
    endHead(run, atMs, "skipped", block);
  }
  run.blocked = null;
}

/** Pauses the lane because its player was not seen for too long. */
export function pauseAway(run: Run, atMs: number): void {
  run.paused = { reason: "AWAY", sinceMs: atMs };
  emit(run, atMs, { type: "away" });
}

/** The catalog's activity of a task. A queue only holds tasks whose activity its catalog has. */
export function activityOf(catalog: Catalog, task: Pick<Task, "activity">): Activity {
  return catalog.activities.get(task.activity) as Activity;
}

/** True if every level and amount of an `until` is reached. */
export function untilHolds(run: Pick<Run, "xp" | "items" | "catalog">, until: Until): boolean {
  return (
    until.skills.every(([skill, level]) => levelIn(run, run.catalog, skill) >= level) &&
    until.items.every(([item, amount]) => (run.items.get(item) ?? 0) >= amount)
  );
}

function waitAtHead(run: Run, atMs: number, head: Task, block: Block): void {
  const was = run.blocked;
  run.blocked = block;
  if (was !== null && was.code === block.code && was.subject === block.subject) return;
  emit(run, atMs, { type: "task-blocked", task: head.number, activity: head.activity, block });
}

function startCycle(run: Run, atMs: number, activity: Activity, terms: Terms): void {
  const head = ownHead(run);
  if (run.blocked !== null) {
    run.blocked = null;
    emit(run, atMs, { type: "task-unblocked", task: head.number, activity: head.activity });
  }
  if (head.startedAtMs === null) {
    head.startedAtMs = atMs;
    emit(run, atMs, { type: "task-started", task: head.number, activity: head.activity });
  }
  takeInputs(run, atMs, activity, 1);
  const { durationMs, successPpm, yieldPpm, xpPpm } = terms;
  run.cycle = { startedAtMs: atMs, durationMs, successPpm, yieldPpm, xpPpm, catalog: run.catalog.hash };
  run.hasFreshTerms = true;
  run.observer?.afterStart(run, atMs);
}

/** Takes the inputs of so many cycles of the head. */
export function takeInputs(run: Run, atMs: number, activity: Activity, cycles: number): void {
  if (cycles === 0) return;
  const head = ownHead(run);
  for (const [id, amount] of activity.takes) {
    changeItems(run, atMs, id, -amount * cycles);
    addAmount(head.took, id, amount * cycles);
  }
}

/** The first reason why a cycle can't start now, or `null`. */
function findBlock(run: Run, atMs: number, activity: Activity, terms: Terms): Block | null {
  const { available, requires, takes } = activity;
  if (atMs < available.fromMs)
    return { code: "NOT_AVAILABLE", subject: activity.id, retryAtMs: available.fromMs };
  if (atMs >= available.untilMs) return blockedBy("NOT_AVAILABLE", activity.id);
  const unmet = unmetRequirement(run, activity);
  if (unmet !== null) return blockedBy("PREREQUISITES_NOT_MET", unmet);
  for (const [id, amount] of requires.items) {
    if ((run.items.get(id) ?? 0) < amount) return blockedBy("PREREQUISITES_NOT_MET", id);
  }
  for (const [id, amount] of takes) {
    if ((run.items.get(id) ?? 0) < amount) return blockedBy("INSUFFICIENT_ITEMS", id);
  }
  if (run.catalog.settings.inventory.onFull === "block" && !hasRoomForOutcome(run, activity, terms)) {
    return blockedBy("INVENTORY_FULL", activity.id);
  }
  return null;
}

/** The skill or slot of the first level or piece of equipment that is missing, or `null`. */
export function unmetRequirement(
  run: Pick<Run, "xp" | "equipped" | "catalog">,
  { requires }: Activity,
): string | null {
  for (const [skill, level] of requires.skills) {
    if (levelIn(run, run.catalog, skill) < level) return skill;
  }
  for (const [slot, tag] of requires.equipped) {
    const item = run.catalog.items.get(run.equipped.get(slot) ?? "");
    if (item === undefined || !item.tags.has(tag)) return slot;
  }
  return null;
}

function blockedBy(code: BlockCode, subject: string): Block {
  return { code, subject, retryAtMs: null };
}

/** With `onFull: "block"`: is there room, after the takes, for the greatest amount of everything that the cycle could give? */
function hasRoomForOutcome(run: Run, activity: Activity, terms: Terms): boolean {
  if (activity.greatest.length === 0) return true;
  const { items, settings } = run.catalog;
  let stacks = run.stacksUsed;
  const left = new Map<string, number>();
  const add = (id: string, amount: number): void => {
    const maxStack = items.get(id)?.maxStack;
    if (maxStack === undefined) return;
    const had = left.get(id) ?? run.items.get(id) ?? 0;
    const has = addUpToMax(had, amount);
    left.set(id, has);
    stacks += divCeil(has, maxStack) - divCeil(had, maxStack);
  };
  for (const [id, amount] of activity.takes) add(id, -amount);
  for (const greatest of activity.greatest) add(greatest.item, greatestAmount(greatest, terms));
  return stacks <= settings.inventory.maxStacks;
}

/** Ends the head, which has no cycle in flight. */
export function endHead(run: Run, atMs: number, reason: TaskEndReason, block: Block | null = null): void {
  const [head] = run.tasks.splice(0, 1);
  run.blocked = null;
  emitEnd(run, atMs, head as Task, { reason, block });
}

/** Emits a task's end and counts it. The kind is the one of the run's catalog; unknown activities count for none. */
export function emitEnd(
  run: Run,
  atMs: number,
  task: Task,
  {
    reason,
    block = null,
    catalog = run.catalog,
  }: { reason: TaskEndReason; block?: Block | null; catalog?: Catalog },
): void {
  const kind = catalog.activities.get(task.activity)?.kind;
  if (kind !== undefined) {
    const totals = ownTotals(run, kind);
    totals.tasks = addUpToMax(totals.tasks, 1);
  }
  emit(run, atMs, {
    type: "task-ended",
    task: task.number,
    activity: task.activity,
    reason,
    block,
    totals: totalsOf(task),
  });
}

function totalsOf({
  cyclesDone,
  failures,
  ranMs,
  rareFinds,
  gave,
  took,
  stashed,
  discarded,
  xp,
}: Task): TaskTotals {
  return { cyclesDone, failures, ranMs, rareFinds, gave, took, stashed, discarded, xp };
}

/** What a cycle in flight took and gets back. */
export interface Returned {
  readonly returned: [string, number][];
  readonly stashed: [string, number][];
}

/** Ends the cycle in flight without outcome: its inputs go back, what doesn't fit to the stash. */
export function abandonCycle(run: Run, atMs: number): Returned {
  const result: Returned = { returned: [], stashed: [] };
  const cycle = run.cycle;
  if (cycle === null) return result;
  const head = ownHead(run);
  const activity = activityOf(catalogOf(run.timeline, cycle.catalog), head);
  run.cycle = null;
  for (const [id, amount] of activity.takes) {
    const stashed = storeOrStash(run, atMs, id, amount);
    const took = (head.took.get(id) ?? 0) - amount;
    if (took > 0) head.took.set(id, took);
    else head.took.delete(id);
    result.returned.push([id, amount]);
    if (stashed > 0) result.stashed.push([id, stashed]);
  }
  return result;
}
