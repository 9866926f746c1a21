/** The parts of a record that concern the queue: timed effects, the lane, its tasks. */
import {
  type AmountMap,
  type Block,
  type Cycle,
  type Lane,
  LIMITS,
  MAX_TIMED_EFFECTS,
  type Pause,
  type Task,
  type TimedEffect,
  type Until,
} from "@mainspring/core";
import type { ByteReader } from "./byte-reader.js";
import type { CatalogIndex, IdTable } from "./catalog-index.js";
import { type Decoding, readFlags, readHash, readWord } from "./decoding.js";
import { catalogNamed } from "./encoding.js";
import {
  BLOCK_WORDS,
  EFFECT_FLAGS,
  KNOWN_FLAGS,
  LANE_FLAGS,
  PAUSE_WORDS,
  STAT_WORDS,
  TASK_FLAGS,
  TOTALS_FLAGS,
} from "./layout.js";
import { idAt, NO_AMOUNTS, readAmounts, readId } from "./read-amounts.js";
import { corrupt } from "./record-errors.js";

/** The least that an effect and a task take. */
const EFFECT_BYTES = 4;
const TASK_BYTES = 3;

export function decodeEffects({ reader, index, settledAtMs }: Decoding): readonly TimedEffect[] {
  const count = reader.count(MAX_TIMED_EFFECTS, EFFECT_BYTES);
  const effects: TimedEffect[] = [];
  for (let entry = 0; entry < count; entry += 1) {
    const stat = readWord(reader, STAT_WORDS);
    const flags = readFlags(reader, KNOWN_FLAGS.effect);
    const addPpm = reader.signed();
    const kind = (flags & EFFECT_FLAGS.kind) === 0 ? null : readId(reader, index.kinds);
    const activity = (flags & EFFECT_FLAGS.activity) === 0 ? null : readId(reader, index.activities);
    effects.push({ stat, addPpm, kind, activity, untilMs: settledAtMs + reader.signed() });
  }
  return effects;
}

/** The lane without its tasks. */
export function decodeLane(decoding: Decoding): Omit<Lane, "tasks"> {
  const { reader } = decoding;
  const flags = readFlags(reader, KNOWN_FLAGS.lane);
  const cycle = (flags & LANE_FLAGS.cycle) === 0 ? null : decodeCycle(decoding, flags);
  const paused = (flags & LANE_FLAGS.paused) === 0 ? null : decodePause(decoding);
  const blocked = (flags & LANE_FLAGS.blocked) === 0 ? null : decodeBlock(decoding, flags);
  if (cycle === null && (flags & LANE_FLAGS.otherCatalog) !== 0) throw corrupt("a flag without a cycle");
  if (blocked === null && (flags & LANE_FLAGS.retry) !== 0) throw corrupt("a flag without a block");
  return { cycle, paused, blocked };
}

function decodeCycle({ reader, catalogs, catalog: ownCatalog, settledAtMs }: Decoding, flags: number): Cycle {
  const startedAtMs = settledAtMs - reader.signed();
  const durationMs = reader.number();
  const successPpm = reader.number();
  const yieldPpm = reader.number();
  const xpPpm = reader.number();
  if ((flags & LANE_FLAGS.otherCatalog) === 0) {
    return { startedAtMs, durationMs, successPpm, yieldPpm, xpPpm, catalog: ownCatalog };
  }
  const catalog = catalogNamed(catalogs, readHash(reader)).hash;
  if (catalog === ownCatalog) throw corrupt("a catalog that is named twice");
  return { startedAtMs, durationMs, successPpm, yieldPpm, xpPpm, catalog };
}

function decodePause({ reader, settledAtMs }: Decoding): Pause {
  const reason = readWord(reader, PAUSE_WORDS);
  return { reason, sinceMs: settledAtMs - reader.signed() };
}

function decodeBlock({ reader, settledAtMs }: Decoding, flags: number): Block {
  const code = readWord(reader, BLOCK_WORDS);
  const subject = reader.id();
  const retryAtMs = (flags & LANE_FLAGS.retry) === 0 ? null : settledAtMs + reader.signed();
  return { code, subject, retryAtMs };
}

export function decodeTasks(decoding: Decoding): readonly Task[] {
  const count = decoding.reader.count(LIMITS.maxTasks.max, TASK_BYTES);
  const tasks: Task[] = [];
  for (let entry = 0; entry < count; entry += 1) tasks.push(decodeTask(decoding));
  return tasks;
}

function decodeTask({ reader, index, settledAtMs, nextTask }: Decoding): Task {
  const flags = readFlags(reader, KNOWN_FLAGS.task);
  const number = nextTask - reader.number();
  const activity = idAt(index.activities, reader.number());
  const repeat = (flags & TASK_FLAGS.limited) === 0 ? null : reader.number();
  const until = (flags & TASK_FLAGS.until) === 0 ? null : decodeUntil(reader, index);
  const onBlocked = (flags & TASK_FLAGS.skip) === 0 ? "wait" : "skip";
  const isStarted = (flags & TASK_FLAGS.started) !== 0;
  const startedAtMs = isStarted ? settledAtMs - reader.signed() : null;
  const cyclesDone = isStarted ? reader.number() : 0;
  const failures = isStarted ? reader.number() : 0;
  const ranMs = isStarted ? reader.number() : 0;
  const rareFinds = isStarted ? reader.number() : 0;
  const some = isStarted ? readFlags(reader, KNOWN_FLAGS.totals) : 0;
  return {
    number,
    activity,
    repeat,
    until,
    onBlocked,
    startedAtMs,
    cyclesDone,
    failures,
    ranMs,
    rareFinds,
    gave: readSome(reader, index.items, some & TOTALS_FLAGS.gave),
    took: readSome(reader, index.items, some & TOTALS_FLAGS.took),
    stashed: readSome(reader, index.items, some & TOTALS_FLAGS.stashed),
    discarded: readSome(reader, index.items, some & TOTALS_FLAGS.discarded),
    xp: readSome(reader, index.skills, some & TOTALS_FLAGS.xp),
  };
}

/** Amounts that are there only with their flag, and then not empty. */
function readSome(reader: ByteReader, table: IdTable, flag: number): AmountMap {
  if (flag === 0) return NO_AMOUNTS;
  const amounts = readAmounts(reader, table);
  if (amounts.size === 0) throw corrupt("a flag without amounts");
  return amounts;
}

function decodeUntil(reader: ByteReader, index: CatalogIndex): Until {
  const skills = sortedById(readAmounts(reader, index.skills));
  const items = sortedById(readAmounts(reader, index.items));
  return { skills, items };
}

function sortedById(amounts: AmountMap): readonly (readonly [string, number])[] {
  return [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
}
