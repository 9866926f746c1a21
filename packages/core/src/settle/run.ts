/** A state on its way: the working copy that settling and commands change, and that becomes the next state. */
import type { Catalog } from "../catalog/catalog.js";
import { catalogOf, type Timeline } from "../catalog/timeline.js";
import { MainspringError } from "../errors.js";
import { addUpToMax } from "../numbers.js";
import type { EventBody, EventSink, PlayerEvent } from "../player/events.js";
import type { Seed } from "../player/seed.js";
import type {
  Block,
  Cycle,
  KindTotals,
  Pause,
  PlayerState,
  Task,
  TimedEffect,
  VisibleState,
} from "../player/state.js";
import type { CycleSpan, OutcomeSource } from "./outcomes.js";
import { countStacks } from "./stacks.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A task that the run owns and may change. */
export interface RunTask extends Mutable<Omit<Task, "gave" | "took" | "stashed" | "discarded" | "xp">> {
  gave: Map<string, number>;
  took: Map<string, number>;
  stashed: Map<string, number>;
  discarded: Map<string, number>;
  xp: Map<string, number>;
}

interface RunTotals extends Mutable<Omit<KindTotals, "rewards">> {
  rewards: Map<string, number>;
}

/** What watches a run from inside: the forecast. Changes nothing. */
export interface RunObserver {
  /** The head is about to be tried, at an instant. */
  beforeTry(run: Run, head: Task): void;
  /** A span of the head's cycles is about to be played. */
  beforeCycles(run: Run, span: CycleSpan): void;
  /** It was played and stored; the task has not ended yet. */
  afterCycles(run: Run, span: CycleSpan): void;
  /** A cycle has started. */
  afterStart(run: Run, atMs: number): void;
}

export interface Run {
  readonly timeline: Timeline;
  readonly outcomes: OutcomeSource;
  readonly emit: EventSink;
  readonly observer: RunObserver | null;
  /** The catalog that the player runs under. */
  catalog: Catalog;
  catalogAtMs: number;
  clockOffsetMs: number;
  settledAtMs: number;
  lastSeenMs: number;
  revision: number;
  eventCount: number;
  nextTask: number;
  readonly items: Map<string, number>;
  readonly stash: Map<string, number>;
  readonly xp: Map<string, number>;
  readonly equipped: Map<string, string>;
  effects: TimedEffect[];
  tasks: Task[];
  cycle: Cycle | null;
  paused: Pause | null;
  blocked: Block | null;
  readonly totals: Map<string, KindTotals>;
  /** Places in use by `items`, kept up to date. */
  stacksUsed: number;
  /** The cycle in flight started in this run and nothing that could change its terms has happened since. */
  hasFreshTerms: boolean;
  /** The task objects and totals that this run has copied and may change. */
  ownTask: RunTask | null;
  readonly ownTotals: Map<string, RunTotals>;
}

/** A working copy of a state. */
export function openRun(
  state: VisibleState,
  timeline: Timeline,
  outcomes: OutcomeSource,
  sink: EventSink,
  observer: RunObserver | null = null,
): Run {
  const catalog = catalogOf(timeline, state.catalog);
  const [lane] = state.lanes;
  return {
    timeline,
    outcomes,
    emit: sink,
    observer,
    catalog,
    catalogAtMs: state.catalogAtMs,
    clockOffsetMs: state.clockOffsetMs,
    settledAtMs: state.settledAtMs,
    lastSeenMs: state.lastSeenMs,
    revision: state.revision,
    eventCount: state.eventCount,
    nextTask: state.nextTask,
    items: new Map(state.items),
    stash: new Map(state.stash),
    xp: new Map(state.xp),
    equipped: new Map(state.equipped),
    effects: [...state.effects],
    tasks: [...lane.tasks],
    cycle: lane.cycle,
    paused: lane.paused,
    blocked: lane.blocked,
    totals: new Map(state.totals),
    stacksUsed: countStacks(state.items, catalog),
    hasFreshTerms: false,
    ownTask: null,
    ownTotals: new Map(),
  };
}

/** The state that a run has arrived at. The run must not be used afterwards. */
export function closeRun(run: Run, seed: Seed): PlayerState {
  return {
    catalog: run.catalog.hash,
    catalogAtMs: run.catalogAtMs,
    clockOffsetMs: run.clockOffsetMs,
    settledAtMs: run.settledAtMs,
    lastSeenMs: run.lastSeenMs,
    revision: run.revision,
    eventCount: run.eventCount,
    nextTask: run.nextTask,
    items: run.items,
    stash: run.stash,
    xp: run.xp,
    equipped: run.equipped,
    effects: run.effects,
    lanes: [{ tasks: run.tasks, cycle: run.cycle, paused: run.paused, blocked: run.blocked }],
    totals: run.totals,
    seed,
  };
}

/** Emits an event with the next number. The body becomes the event: it must be the caller's own. */
export function emit(run: Run, atMs: number, body: EventBody): void {
  run.eventCount += 1;
  const event = body as Mutable<PlayerEvent>;
  event.number = run.eventCount;
  event.atMs = atMs;
  run.emit(event);
}

/**
 * The head of the queue as an object that this run may change.
 * @throws MainspringError `INTERNAL` when the queue is empty.
 */
export function ownHead(run: Run): RunTask {
  const head = run.tasks[0];
  if (head === undefined) throw new MainspringError("INTERNAL", "The queue has no head.");
  if (run.ownTask !== null && head === run.ownTask) return run.ownTask;
  const own: RunTask = {
    ...head,
    gave: new Map(head.gave),
    took: new Map(head.took),
    stashed: new Map(head.stashed),
    discarded: new Map(head.discarded),
    xp: new Map(head.xp),
  };
  run.tasks[0] = own;
  run.ownTask = own;
  return own;
}

/** The lifetime totals of a kind as an object that this run may change. */
export function ownTotals(run: Run, kind: string): RunTotals {
  const owned = run.ownTotals.get(kind);
  if (owned !== undefined) return owned;
  const before = run.totals.get(kind);
  const own: RunTotals = {
    tasks: before?.tasks ?? 0,
    cycles: before?.cycles ?? 0,
    failures: before?.failures ?? 0,
    timeMs: before?.timeMs ?? 0,
    rewards: new Map(before?.rewards),
  };
  run.totals.set(kind, own);
  run.ownTotals.set(kind, own);
  return own;
}

/** Adds to an amount by id, stopping at the maximum. Zero leaves no trace. */
export function addAmount(amounts: Map<string, number>, id: string, amount: number): void {
  if (amount > 0) amounts.set(id, addUpToMax(amounts.get(id) ?? 0, amount));
}
