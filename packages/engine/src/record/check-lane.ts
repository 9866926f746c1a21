/** What holds for the queue of every state: its tasks, the cycle in flight, the pause and the block. */
import type { AmountMap, Catalog, Cycle, Lane, PlayerState, Task, Until } from "@mainspring/core";
import { LIMITS, MAX_AMOUNT, PPM } from "@mainspring/core";
import { areAmounts, isCount } from "./amount-rules.js";
import type { CatalogSource } from "./catalog-index.js";
import { BLOCK_WORDS, PAUSE_WORDS } from "./layout.js";

/** The first rule that a state's lane breaks, or `null`. */
export function checkLane(state: PlayerState, catalogs: CatalogSource): string | null {
  const [lane] = state.lanes;
  const catalog = catalogs.get(state.catalog);
  if (catalog === undefined) return "the catalog is not there";
  return (
    checkTasks(state, lane.tasks, catalog) ??
    checkPause(lane, state.settledAtMs) ??
    checkCycle(lane, state.settledAtMs, catalogs) ??
    checkBlock(lane)
  );
}

function checkTasks(state: PlayerState, tasks: readonly Task[], catalog: Catalog): string | null {
  if (tasks.length > LIMITS.maxTasks.max) return "tasks: too many";
  let last = 0;
  let isRising = true;
  for (const task of tasks) {
    if (!isCount(task.number) || task.number === 0 || task.number >= state.nextTask) {
      return "tasks: a number is out of range";
    }
    if (task.number <= last) isRising = false;
    last = task.number;
    if (!catalog.activities.has(task.activity)) return "tasks: an activity that the catalog doesn't have";
    const broken = checkTask(task, state.settledAtMs);
    if (broken !== null) return broken;
  }
  // Most queues are in the order in which they were made, and need no set.
  if (isRising || new Set(tasks.map(({ number }) => number)).size === tasks.length) return null;
  return "tasks: a number twice";
}

function checkTask(task: Task, settledAtMs: number): string | null {
  const { repeat, until, onBlocked, startedAtMs, cyclesDone, failures, ranMs, rareFinds } = task;
  if (!isCount(cyclesDone) || !isCount(failures) || !isCount(ranMs) || !isCount(rareFinds)) {
    return "tasks: a total is out of range";
  }
  // A task ends with the last of its cycles.
  if (repeat !== null && (!isCount(repeat) || repeat <= cyclesDone))
    return "tasks: more cycles than asked for";
  if (until !== null && !isUntil(until)) return "tasks: a wrong until";
  if (onBlocked !== "wait" && onBlocked !== "skip") return "tasks: an unknown word";
  if (failures > cyclesDone) return "tasks: more failures than cycles";
  // No cycle is shorter than a millisecond.
  if (ranMs < cyclesDone) return "tasks: cycles without time";
  if (startedAtMs === null)
    return cyclesDone > 0 || task.took.size > 0 ? "tasks: totals before the start" : checkUnplayed(task);
  if (!isCount(startedAtMs) || startedAtMs > settledAtMs) return "tasks: started in the future";
  return cyclesDone === 0 ? (checkUnplayed(task) ?? checkAmounts(task)) : checkAmounts(task);
}

/** Only cycles that ended give anything. */
function checkUnplayed({ ranMs, rareFinds, gave, stashed, discarded, xp }: Task): string | null {
  const sum = ranMs + rareFinds + gave.size + stashed.size + discarded.size + xp.size;
  return sum > 0 ? "tasks: totals before the first cycle" : null;
}

function checkAmounts({ gave, took, stashed, discarded, xp }: Task): string | null {
  if (
    !areAmounts(gave) ||
    !areAmounts(took) ||
    !areAmounts(stashed) ||
    !areAmounts(discarded) ||
    !areAmounts(xp)
  ) {
    return "tasks: an amount is out of range";
  }
  return isPartOf(stashed, discarded, gave) && isPartOf(discarded, stashed, gave)
    ? null
    : "tasks: more was left over than given";
}

/** What was left over of an item, in both ways together, is at most what was given. Past the maximum nobody counts. */
function isPartOf(part: AmountMap, other: AmountMap, whole: AmountMap): boolean {
  for (const [id, amount] of part) {
    const given = whole.get(id) ?? 0;
    if (given < MAX_AMOUNT && amount > given - (other.get(id) ?? 0)) return false;
  }
  return true;
}

function isUntil({ skills, items }: Until): boolean {
  return skills.length + items.length > 0 && areSorted(skills) && areSorted(items);
}

function areSorted(entries: readonly (readonly [string, number])[]): boolean {
  let last = "";
  for (const [id, amount] of entries) {
    if (id <= last || !isCount(amount) || amount === 0) return false;
    last = id;
  }
  return true;
}

function checkPause({ paused }: Lane, settledAtMs: number): string | null {
  if (paused === null) return null;
  if (!PAUSE_WORDS.includes(paused.reason)) return "pause: an unknown word";
  return isCount(paused.sinceMs) && paused.sinceMs <= settledAtMs ? null : "pause: from the future";
}

function checkCycle(
  { cycle, tasks, paused }: Lane,
  settledAtMs: number,
  catalogs: CatalogSource,
): string | null {
  if (cycle === null) return null;
  const head = tasks[0];
  if (head === undefined) return "cycle: without a task";
  if (!areTerms(cycle)) return "cycle: a term is out of range";
  const { startedAtMs } = cycle;
  if (!isCount(startedAtMs) || startedAtMs > settledAtMs) return "cycle: started in the future";
  if (head.startedAtMs === null || head.startedAtMs > startedAtMs) return "cycle: started before its task";
  if (paused !== null && startedAtMs > paused.sinceMs) return "cycle: started during a pause";
  // It ends under the catalog that it started under.
  return catalogs.get(cycle.catalog)?.activities.has(head.activity) === true ? null : "cycle: of no activity";
}

function areTerms({ startedAtMs, durationMs, successPpm, yieldPpm, xpPpm }: Cycle): boolean {
  if (!isCount(durationMs) || durationMs === 0 || !isCount(startedAtMs + durationMs)) return false;
  return isCount(successPpm) && successPpm <= PPM && isCount(yieldPpm) && isCount(xpPpm);
}

function checkBlock({ blocked, cycle, tasks }: Lane): string | null {
  if (blocked === null) return null;
  if (tasks[0]?.onBlocked !== "wait" || cycle !== null) return "block: without a task that waits";
  const { code, subject, retryAtMs } = blocked;
  if (!BLOCK_WORDS.includes(code) || subject === "") return "block: an unknown word";
  if (retryAtMs === null) return null;
  return code === "NOT_AVAILABLE" && isCount(retryAtMs) ? null : "block: a wrong instant";
}
