/**
 * How many cycles in a row are alike. Such a stretch is settled in one go: that is what makes a month as cheap as a minute.
 *
 * Every bound here is on the safe side: within a stretch no cycle but the last can end in anything that matters to the
 * next one. So a stretch that is too short costs time, and never changes what comes out.
 */
import type { Activity } from "../catalog/catalog.js";
import { xpForNextLevel } from "../catalog/levels.js";
import { addUpToMax, divCeil, divFloor, MAX_AMOUNT, multiplyUpToMax } from "../numbers.js";
import type { Cycle, Task } from "../player/state.js";
import { awayLimitMs, nextOutsideLaneMs } from "./boundaries.js";
import { type CycleSpan, greatestAmount } from "./outcomes.js";
import type { Run } from "./run.js";
import { activityOf, unmetRequirement } from "./start.js";
import { freeStacks, hasOverflowed, roomInLastStack } from "./storage.js";
import { sameTerms, type Terms, termsOf } from "./terms.js";

/** How far a stretch may go. */
export interface StretchLimit {
  readonly nowMs: number;
  /** Cycles with chance in them are rolled one by one: so many at the most. */
  readonly maxRolled: number;
}

/** The number of cycles, from the one in flight on, that can be ended in one go; at least 1. */
export function stretchLength(run: Run, cycle: Cycle, { nowMs, maxRolled }: StretchLimit): number {
  if (cycle.catalog !== run.catalog.hash) return 1;
  const task = run.tasks[0] as Task;
  const activity = activityOf(run.catalog, task);
  // A command since the cycle's start may have changed what the next one needs, or its terms.
  if (!run.hasFreshTerms) {
    if (!sameTerms(cycle, termsOf(run, run.catalog, activity))) return 1;
    if (unmetRequirement(run, activity) !== null) return 1;
  }
  let count = divFloor(nowMs - cycle.startedAtMs, cycle.durationMs);
  if (run.outcomes.isRolled(activity, cycle)) count = Math.min(count, maxRolled);
  count = Math.min(count, byTime(run, cycle, activity), byTask(task, run, cycle));
  if (count > 1) count = Math.min(count, byInputs(run, activity));
  if (count > 1)
    count = Math.min(
      count,
      byThresholds(run, { activity, terms: cycle, task: task.number, from: task.cyclesDone, count }, task),
    );
  if (count > 1) count = Math.min(count, byStorage(run, task, { activity, terms: cycle, count }));
  return Math.max(1, count);
}

/** All must end before or at the next other boundary, and start before the activity's window closes. */
function byTime(run: Run, cycle: Cycle, activity: Activity): number {
  const stopMs = Math.min(
    nextOutsideLaneMs(run, run.timeline),
    awayLimitMs(run.lastSeenMs, run.catalog.settings.away.maxMs),
  );
  const byStop = divFloor(Math.max(0, stopMs - cycle.startedAtMs), cycle.durationMs);
  const { untilMs } = activity.available;
  if (untilMs === Infinity) return byStop;
  return Math.min(byStop, divCeil(Math.max(0, untilMs - cycle.startedAtMs), cycle.durationMs));
}

function byTask(task: Task, run: Run, terms: Terms): number {
  const byLimit = divFloor(Math.max(0, run.catalog.settings.queue.maxTaskMs - task.ranMs), terms.durationMs);
  return task.repeat === null ? byLimit : Math.min(byLimit, task.repeat - task.cyclesDone);
}

/** Inputs and required items must be there at each start, even if the cycles gave none of them. */
function byInputs(run: Run, { takes, requires }: Activity): number {
  let count = Infinity;
  for (const [id, amount] of takes) {
    const required = requires.items.find(([other]) => other === id)?.[1] ?? 0;
    const spare = (run.items.get(id) ?? 0) - Math.max(amount, required);
    count = Math.min(count, spare < 0 ? 1 : divFloor(spare, amount) + 2);
  }
  for (const [id, amount] of requires.items) {
    if ((run.items.get(id) ?? 0) < amount) count = 1;
  }
  return count;
}

/** Before the last cycle no level may be reached, no `until` come true, no xp reach its maximum. */
function byThresholds(run: Run, span: CycleSpan, task: Task): number {
  let count = span.count;
  let index = 0;
  for (const { skill: id } of span.activity.xp) {
    const skill = run.catalog.skills.get(id);
    const xp = run.xp.get(id) ?? 0;
    const nextLevelXp = skill === undefined ? Infinity : xpForNextLevel(skill, xp);
    const below = Math.min(MAX_AMOUNT, nextLevelXp) - xp;
    if (below > 0) count = Math.min(count, run.outcomes.cyclesBelowXp(span, index, below) + 1);
    index += 1;
  }
  if (task.until === null) return count;
  // One condition that stays open keeps the whole `until` open; levels only change at the end of a stretch.
  let untilStaysOpen = 1;
  for (const [item, amount] of task.until.items) {
    const below = amount - (run.items.get(item) ?? 0);
    if (below <= 0) continue;
    untilStaysOpen = Math.max(untilStaysOpen, run.outcomes.cyclesBelowItem(span, item, below) + 1);
  }
  const isOpenByLevel = task.until.skills.some(([skill, level]) => {
    const known = run.catalog.skills.get(skill);
    return known === undefined || (run.xp.get(skill) ?? 0) < (known.xpForLevel[level - 1] ?? Infinity);
  });
  return isOpenByLevel ? count : Math.min(count, untilStaysOpen);
}

interface StorageSpan {
  readonly activity: Activity;
  readonly terms: Terms;
  readonly count: number;
}

/** Either all that the cycles could give fits, or what doesn't fit has no room at all from the first to the last. */
function byStorage(run: Run, task: Task, { activity, terms, count }: StorageSpan): number {
  if (activity.greatest.length === 0) return count;
  if (allFits(run, { activity, terms, count })) return count;
  if (run.catalog.settings.inventory.onFull !== "block") {
    const full = whileFull(run, task, { activity, terms, count });
    if (full > 1) return full;
  }
  let low = 1;
  let high = count;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (allFits(run, { activity, terms, count: middle })) low = middle;
    else high = middle - 1;
  }
  return low;
}

function allFits(run: Run, { activity, terms, count }: StorageSpan): boolean {
  let stacks = run.stacksUsed;
  for (const greatest of activity.greatest) {
    const had = run.items.get(greatest.item) ?? 0;
    const has = addUpToMax(had, multiplyUpToMax(greatestAmount(greatest, terms), count));
    if (has === MAX_AMOUNT) return false;
    const maxStack = run.catalog.items.get(greatest.item)?.maxStack;
    if (maxStack !== undefined) stacks += divCeil(has, maxStack) - divCeil(had, maxStack);
  }
  return stacks <= run.catalog.settings.inventory.maxStacks;
}

/** With no place free and none becoming free: an item either fits into its last place, or has no room at all. */
function whileFull(run: Run, task: Task, { activity, terms, count }: StorageSpan): number {
  if (freeStacks(run) > 0) return 1;
  let most = count;
  for (const [id, amount] of activity.takes) {
    if (activity.greatest.some(({ item }) => item === id)) return 1;
    const maxStack = run.catalog.items.get(id)?.maxStack ?? MAX_AMOUNT;
    const have = run.items.get(id) ?? 0;
    if (have === 0) return 1;
    const inLastStack = have - (divCeil(have, maxStack) - 1) * maxStack;
    most = Math.min(most, divFloor(inLastStack - 1, amount));
  }
  for (const greatest of activity.greatest) {
    const amount = greatestAmount(greatest, terms);
    if (amount === 0) continue;
    const room = roomInLastStack(run, greatest.item);
    const isFull = room === 0 && hasOverflowed(task, greatest.item);
    const have = isFull ? (run.stash.get(greatest.item) ?? 0) : (run.items.get(greatest.item) ?? 0);
    most = Math.min(most, divFloor(isFull ? MAX_AMOUNT - have - 1 : room, amount));
  }
  return most;
}
