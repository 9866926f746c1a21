/** The end of cycles: their outcome, storage, xp and levels, and perhaps the task's end. */
import type { Activity } from "../catalog/catalog.js";
import { levelOf } from "../catalog/levels.js";
import { catalogOf } from "../catalog/timeline.js";
import { addUpToMax, MAX_AMOUNT } from "../numbers.js";
import type { Cycle } from "../player/state.js";
import { type CycleSpan, emptyOutcome, type RareFind } from "./outcomes.js";
import { addAmount, emit, ownHead, ownTotals, type Run, type RunTask } from "./run.js";
import { activityOf, endHead, takeInputs, untilHolds } from "./start.js";
import { storeOutcome } from "./storage.js";

/** A task tells of so many rare finds; more are only counted. */
export const RARE_FINDS_TOLD = 20;

const outcome = emptyOutcome();

/**
 * Ends `count` cycles, the one in flight and those that follow it without a change between them (`stretchLength` says how
 * many those are). No cycle is in flight afterwards.
 */
export function finishCycles(
  run: Run,
  cycle: Cycle,
  count: number,
): { endedAtMs: number; isRolled: boolean } {
  const task = ownHead(run);
  const activity = activityOf(catalogOf(run.timeline, cycle.catalog), task);
  const atMs = cycle.startedAtMs + count * cycle.durationMs;
  const span: CycleSpan = {
    activity,
    terms: cycle,
    task: task.number,
    from: task.cyclesDone,
    count,
  };
  run.observer?.beforeCycles(run, span);
  takeInputs(run, atMs, activity, count - 1);
  run.outcomes.play(span, outcome, (find) => noteFind(run, task, cycle, find));
  const totals = ownTotals(run, activity.kind);
  for (const { slot, item } of activity.alternatives) {
    const amount = outcome.amounts[slot] ?? 0;
    if (amount === 0) continue;
    addAmount(task.gave, item, amount);
    addAmount(totals.rewards, item, amount);
    storeOutcome(run, atMs, task, { id: item, amount });
  }
  gainXp(run, atMs, task, activity);
  task.cyclesDone += count;
  task.failures += outcome.failures;
  task.ranMs += count * cycle.durationMs;
  totals.cycles = addUpToMax(totals.cycles, count);
  totals.failures = addUpToMax(totals.failures, outcome.failures);
  totals.timeMs = addUpToMax(totals.timeMs, count * cycle.durationMs);
  run.cycle = null;
  run.settledAtMs = atMs;
  run.observer?.afterCycles(run, span);
  if (task.cyclesDone === task.repeat) endHead(run, atMs, "done");
  else if (task.until !== null && untilHolds(run, task.until)) endHead(run, atMs, "until");
  return { endedAtMs: atMs, isRolled: run.outcomes.isRolled(activity, span.terms) };
}

function noteFind(run: Run, task: RunTask, cycle: Cycle, find: RareFind): void {
  task.rareFinds += 1;
  if (task.rareFinds > RARE_FINDS_TOLD) return;
  const atMs = cycle.startedAtMs + (find.cycle + 1) * cycle.durationMs;
  emit(run, atMs, { type: "rare-find", task: task.number, item: find.item, amount: find.amount });
}

function gainXp(run: Run, atMs: number, task: RunTask, activity: Activity): void {
  let index = 0;
  for (const { skill } of activity.xp) {
    const amount = outcome.xp[index] ?? 0;
    addAmount(task.xp, skill, amount);
    changeXp(run, atMs, skill, amount);
    index += 1;
  }
}

/** Adds to (or takes from) a skill's xp; tells of a level reached. */
export function changeXp(run: Run, atMs: number, id: string, by: number): void {
  if (by === 0) return;
  const had = run.xp.get(id) ?? 0;
  const has = by > 0 ? addUpToMax(had, by) : had + by;
  if (has === 0) run.xp.delete(id);
  else run.xp.set(id, has);
  if (has === MAX_AMOUNT && had < MAX_AMOUNT) emit(run, atMs, { type: "at-maximum", of: "xp", id });
  const skill = run.catalog.skills.get(id);
  if (skill === undefined) return;
  const fromLevel = levelOf(skill, had);
  const level = levelOf(skill, has);
  if (level > fromLevel) emit(run, atMs, { type: "level-reached", skill: id, fromLevel, level });
}
