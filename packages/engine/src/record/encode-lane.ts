/** The sections of a record that concern the queue: timed effects, the lane, its tasks. */
import type { Block, Cycle, Task } from "@mainspring/core";
import { type CatalogIndex, HASH_BYTES, indexOf } from "./catalog-index.js";
import { catalogNamed, type Encoding } from "./encoding.js";
import {
  BLOCK_WORDS,
  EFFECT_FLAGS,
  LANE_FLAGS,
  PAUSE_WORDS,
  STAT_WORDS,
  TASK_FLAGS,
  TOTALS_FLAGS,
} from "./layout.js";
import { type ByteWriter, notStorable } from "./byte-writer.js";
import { writeAmounts, writeId } from "./write-amounts.js";

export function encodeEffects({ writer, state, index }: Encoding): void {
  writer.number(state.effects.length);
  for (const { stat, addPpm, kind, activity, untilMs } of state.effects) {
    writer.number(STAT_WORDS.indexOf(stat));
    writer.byte((kind === null ? 0 : EFFECT_FLAGS.kind) | (activity === null ? 0 : EFFECT_FLAGS.activity));
    writer.signed(addPpm);
    if (kind !== null) writeId(writer, kind, index.kinds);
    if (activity !== null) writeId(writer, activity, index.activities);
    writer.signed(untilMs - state.settledAtMs);
  }
}

export function encodeLane(encoding: Encoding): void {
  const { writer, state } = encoding;
  const { cycle, paused, blocked } = state.lanes[0];
  writer.byte(
    (cycle === null ? 0 : LANE_FLAGS.cycle) |
      (cycle === null || cycle.catalog === state.catalog ? 0 : LANE_FLAGS.otherCatalog) |
      (paused === null ? 0 : LANE_FLAGS.paused) |
      (blocked === null ? 0 : LANE_FLAGS.blocked) |
      (blocked === null || blocked.retryAtMs === null ? 0 : LANE_FLAGS.retry),
  );
  if (cycle !== null) encodeCycle(encoding, cycle);
  if (paused !== null) {
    writer.number(PAUSE_WORDS.indexOf(paused.reason));
    writer.signed(state.settledAtMs - paused.sinceMs);
  }
  if (blocked !== null) encodeBlock(encoding, blocked);
}

function encodeCycle({ writer, state, catalogs }: Encoding, cycle: Cycle): void {
  writer.signed(state.settledAtMs - cycle.startedAtMs);
  writer.number(cycle.durationMs);
  writer.number(cycle.successPpm);
  writer.number(cycle.yieldPpm);
  writer.number(cycle.xpPpm);
  if (cycle.catalog !== state.catalog) {
    writer.raw(indexOf(catalogNamed(catalogs, cycle.catalog)).hash, HASH_BYTES);
  }
}

/** Its subject is of many sorts, and blocks are few: it is written in full. */
function encodeBlock({ writer, state }: Encoding, { code, subject, retryAtMs }: Block): void {
  writer.number(BLOCK_WORDS.indexOf(code));
  writer.id(subject);
  if (retryAtMs !== null) writer.signed(retryAtMs - state.settledAtMs);
}

export function encodeTasks({ writer, state, index }: Encoding): void {
  const { tasks } = state.lanes[0];
  writer.number(tasks.length);
  for (const task of tasks) {
    const { repeat, until, startedAtMs } = task;
    // What it lacks is not written: better no record than one that lost something.
    if (startedAtMs === null && task.cyclesDone + task.took.size > 0) throw notStorable("a task");
    writer.byte(
      (repeat === null ? 0 : TASK_FLAGS.limited) |
        (until === null ? 0 : TASK_FLAGS.until) |
        (task.onBlocked === "skip" ? TASK_FLAGS.skip : 0) |
        (startedAtMs === null ? 0 : TASK_FLAGS.started),
    );
    writer.number(state.nextTask - task.number);
    // A queue only holds tasks that its catalog knows; a place of -1 is refused by the writer.
    writer.number(index.activities.places.get(task.activity) ?? -1);
    if (repeat !== null) writer.number(repeat);
    if (until !== null) {
      writeAmounts(writer, until.skills, index.skills);
      writeAmounts(writer, until.items, index.items);
    }
    if (startedAtMs !== null) {
      writer.signed(state.settledAtMs - startedAtMs);
      encodeTaskTotals(writer, task, index);
    }
  }
}

function encodeTaskTotals(writer: ByteWriter, task: Task, { items, skills }: CatalogIndex): void {
  const { gave, took, stashed, discarded, xp } = task;
  writer.number(task.cyclesDone);
  writer.number(task.failures);
  writer.number(task.ranMs);
  writer.number(task.rareFinds);
  writer.byte(
    (gave.size === 0 ? 0 : TOTALS_FLAGS.gave) |
      (took.size === 0 ? 0 : TOTALS_FLAGS.took) |
      (stashed.size === 0 ? 0 : TOTALS_FLAGS.stashed) |
      (discarded.size === 0 ? 0 : TOTALS_FLAGS.discarded) |
      (xp.size === 0 ? 0 : TOTALS_FLAGS.xp),
  );
  if (gave.size > 0) writeAmounts(writer, gave, items);
  if (took.size > 0) writeAmounts(writer, took, items);
  if (stashed.size > 0) writeAmounts(writer, stashed, items);
  if (discarded.size > 0) writeAmounts(writer, discarded, items);
  if (xp.size > 0) writeAmounts(writer, xp, skills);
}
