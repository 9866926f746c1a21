/** The oracle's end of a cycle and end of a task, step by step as docs/rules.md numbers them. */
import type { Activity, Catalog, Entry } from "../../src/catalog/catalog.js";
import type { TaskEndReason } from "../../src/player/events.js";
import type { Block, Cycle } from "../../src/player/state.js";
import { holds, least, level } from "./levels-and-terms.js";
import {
  catalogNamed,
  catalogNow,
  change,
  changeOwned,
  emit,
  kindTotals,
  type OracleTask,
  totalsOf,
  type World,
} from "./oracle-state.js";
import { byWeight, says, uniform } from "./rolls.js";
import { fits, storeElseStash } from "./storing.js";

const PPM = 1_000_000;
const RARE_FINDS_TOLD = 20;

interface Given {
  readonly item: string;
  readonly amount: number;
  readonly isRare: boolean;
}

/** Rolls an entry; `null` if it isn't given. */
function rollEntry(world: World, task: OracleTask, cycle: Cycle, entry: Entry): Given | null {
  const roll = (offset: number): bigint =>
    world.rolls.roll(task.number, task.cyclesDone, 4 * entry.index + offset);
  if (!says(roll(1), entry.chancePpm)) return null;
  const { item, min, max, isRare } = byWeight(roll(2), entry.alternatives);
  const count = uniform(roll(3), min, max);
  const more = Math.floor(cycle.yieldPpm / PPM) + (says(roll(4), cycle.yieldPpm % PPM) ? 1 : 0);
  return { item, amount: count + more, isRare };
}

/** Plays the end of the head's cycle at its instant. */
export function endCycle(world: World, atMs: number): void {
  const [lane] = world.state.lanes;
  const { cycle } = lane;
  const [task] = lane.tasks;
  if (cycle === null || task === undefined) throw new Error("There is no cycle to be ended.");
  const activity = catalogNamed(world, cycle.catalog).activities.get(task.activity);
  if (activity === undefined) throw new Error("A cycle runs under a catalog that knows its activity.");
  world.cyclesPlayed += 1;
  lane.cycle = null;
  const kind = kindTotals(world, activity.kind);

  // 1. Success.
  const isSuccess =
    activity.success === null || says(world.rolls.roll(task.number, task.cyclesDone, 0), cycle.successPpm);
  const outcome = isSuccess ? activity.outcomes.success : activity.outcomes.failure;

  // 2. Entries.
  const all: Given[] = [];
  for (const entry of outcome.entries) {
    const given = rollEntry(world, task, cycle, entry);
    if (given === null) continue;
    all.push(given);
    change(task.gave, given.item, BigInt(given.amount));
    change(kind.rewards, given.item, BigInt(given.amount));
    if (given.isRare) {
      task.rareFinds += 1;
      if (task.rareFinds <= RARE_FINDS_TOLD) {
        emit(world, atMs, { type: "rare-find", task: task.number, item: given.item, amount: given.amount });
      }
    }
  }

  // 3. Storage.
  for (const { item, amount } of all) store(world, atMs, task, { id: item, amount: BigInt(amount) });

  // 4. Xp.
  for (const { skill, onSuccess, onFailure } of activity.xp) {
    const gained = (BigInt(isSuccess ? onSuccess : onFailure) * BigInt(cycle.xpPpm)) / BigInt(PPM);
    change(task.xp, skill, gained);
    gainXp(world, atMs, skill, gained);
  }

  // 5. Counts.
  task.cyclesDone += 1;
  task.ranMs += cycle.durationMs;
  kind.cycles += 1;
  kind.timeMs += cycle.durationMs;
  if (!isSuccess) {
    task.failures += 1;
    kind.failures += 1;
  }

  // 6. The task's end.
  if (task.cyclesDone === task.repeat) endTask(world, atMs, task, "done");
  else if (task.until !== null && holds(world, task.until)) endTask(world, atMs, task, "until");
}

function store(
  world: World,
  atMs: number,
  task: OracleTask,
  { id, amount }: { id: string; amount: bigint },
): void {
  const stored = fits(world, id, amount);
  if (stored > 0n) changeOwned(world, atMs, { of: "items", id, by: stored });
  const rest = amount - stored;
  if (rest === 0n) return;
  const isDiscarded = catalogNow(world).settings.inventory.onFull === "discard";
  const hasOverflowed = task.stashed.has(id) || task.discarded.has(id);
  if (!hasOverflowed) {
    const to = isDiscarded ? "discarded" : "stash";
    emit(world, atMs, { type: "overflow", task: task.number, item: id, amount: rest, to });
  }
  change(isDiscarded ? task.discarded : task.stashed, id, rest);
  if (!isDiscarded) changeOwned(world, atMs, { of: "stash", id, by: rest });
}

/** More xp (or less), and the level that it reaches. */
export function gainXp(world: World, atMs: number, skill: string, by: bigint): void {
  const fromLevel = level(world, skill);
  changeOwned(world, atMs, { of: "xp", id: skill, by });
  const now = level(world, skill);
  if (now > fromLevel) emit(world, atMs, { type: "level-reached", skill, fromLevel, level: now });
}

export interface EndOptions {
  readonly block?: Block;
  /** Where the kind is looked up; by default the state's catalog. */
  readonly kindFrom?: Catalog;
}

/** A task ends and leaves the queue. */
export function endTask(
  world: World,
  atMs: number,
  task: OracleTask,
  reason: TaskEndReason,
  { block, kindFrom = catalogNow(world) }: EndOptions = {},
): void {
  const [lane] = world.state.lanes;
  if (lane.tasks[0] === task) lane.blocked = null;
  lane.tasks = lane.tasks.filter((other) => other !== task);
  const { number, activity } = task;
  const totals = totalsOf(task);
  emit(world, atMs, { type: "task-ended", task: number, activity, reason, block: block ?? null, totals });
  const kind = kindFrom.activities.get(activity)?.kind;
  if (kind !== undefined) kindTotals(world, kind).tasks += 1;
}

/** What giving back a cycle's inputs did. */
export interface GivenBack {
  readonly returned: [string, bigint][];
  readonly stashed: [string, bigint][];
}

/** The cycle in flight ends without outcome; its inputs go back. Nothing if there is none. */
export function abandon(world: World, atMs: number): GivenBack {
  const [lane] = world.state.lanes;
  const [task] = lane.tasks;
  const given: GivenBack = { returned: [], stashed: [] };
  if (lane.cycle === null || task === undefined) return given;
  const activity: Activity | undefined = catalogNamed(world, lane.cycle.catalog).activities.get(
    task.activity,
  );
  for (const [id, amount] of activity?.takes ?? []) {
    const returned = BigInt(amount);
    const stashed = storeElseStash(world, atMs, id, returned);
    change(task.took, id, -least(returned, task.took.get(id) ?? 0n));
    given.returned.push([id, returned]);
    if (stashed > 0n) given.stashed.push([id, stashed]);
  }
  lane.cycle = null;
  return given;
}
