/**
 * The forecast: what will become of a queue if nobody touches it.
 *
 * The same code as `settle`, with expected values in the place of rolls; it never sees the seed, so it can tell nothing
 * that players may not know. Each time says whether it is exact, or could still change by a roll.
 */
import type { Activity } from "../catalog/catalog.js";
import { catalogOf, entryAfter, type Timeline } from "../catalog/timeline.js";
import { MAX_AMOUNT } from "../numbers.js";
import type { PlayerEvent } from "../player/events.js";
import type { Block, VisibleState } from "../player/state.js";
import { EXPECTED_OUTCOMES } from "./expected-outcomes.js";
import { createBounds } from "./forecast-bounds.js";
import { openRun, type Run, type RunObserver } from "./run.js";
import { advance } from "./settle.js";

/** An instant (player time) and whether it could still change by a roll. `null`: it can't be known. */
export interface ForecastTime {
  readonly atMs: number | null;
  readonly isExact: boolean;
}

export interface ForecastTask {
  readonly task: number;
  /** When it starts, goes on, or has started (the current one). `null` for one that never will, or that nobody knows. */
  readonly starts: ForecastTime;
  readonly ends: ForecastTime;
}

/** Something that a task will want and not find. */
export interface Shortfall {
  readonly task: number;
  readonly block: Block;
  /** How much is needed for the next cycle, and how much there will be; `null` where it isn't about an amount. */
  readonly needed: number | null;
  readonly available: number | null;
  readonly at: ForecastTime;
  /** The task will be dropped (`skip`), not wait. */
  readonly isSkipped: boolean;
}

export interface Forecast {
  /** In the order of the queue. */
  readonly tasks: readonly ForecastTask[];
  /** When the queue will be empty. Its own end, if it is empty now: `null`. */
  readonly finishes: ForecastTime;
  readonly shortfalls: readonly Shortfall[];
  /** When the queue will pause if the player is not seen before, or `null` if it ends or gets stuck earlier. */
  readonly pausesAtMs: number | null;
}

/** A forecast of more than so many boundaries (at 32 each) stops; what comes later is unknown. */
const MAX_COST = 524_288;

const UNKNOWN: ForecastTime = { atMs: null, isExact: false };

/**
 * Foresees the queue of a state under its present catalog. Depends on the state and the timeline alone, not on now.
 * Times at or after the next activation of a catalog are not exact: content may change then.
 *
 * @throws MainspringError `UPGRADE_REQUIRED` when the timeline lacks the state's catalog.
 */
export function forecast(state: VisibleState, timeline: Timeline): Forecast {
  const [lane] = state.lanes;
  if (lane.tasks.length === 0) return { tasks: [], finishes: UNKNOWN, shortfalls: [], pausesAtMs: null };
  const next = entryAfter(timeline, state.catalogAtMs);
  const contentChangesAtMs = next === null ? Infinity : next.atMs + state.clockOffsetMs;
  // Future content is not foretold: the timeline ends with the catalog in force.
  const known: Timeline = {
    entries: timeline.entries.filter(({ atMs }) => atMs <= state.catalogAtMs),
    catalogs: timeline.catalogs,
  };
  const starts = new Map<number, ForecastTime>();
  const ends = new Map<number, ForecastTime>();
  const shortfalls: Shortfall[] = [];
  const bounds = createBounds();
  let pausesAtMs: number | null = null;
  const time = (atMs: number): ForecastTime => ({
    atMs,
    isExact: bounds.isExact() && atMs < contentChangesAtMs,
  });
  const observer: RunObserver = {
    ...bounds.observer,
    afterStart(run, atMs) {
      const number = run.tasks[0]?.number;
      if (number !== undefined && !starts.has(number)) starts.set(number, time(atMs));
    },
  };
  const note = (event: PlayerEvent): void => {
    if (event.type === "task-ended") ends.set(event.task, time(event.atMs));
    if (event.type === "task-ended" && event.block !== null)
      noteShortfall(event.task, event.activity, event.block, event.atMs, true);
    if (event.type === "task-blocked")
      noteShortfall(event.task, event.activity, event.block, event.atMs, false);
    if (event.type === "away" && run.blocked === null) pausesAtMs = event.atMs;
  };
  const noteShortfall = (
    task: number,
    activity: string,
    block: Block,
    atMs: number,
    isSkipped: boolean,
  ): void => {
    shortfalls.push({ task, block, ...amountsOf(run, activity, block), at: time(atMs), isSkipped });
  };
  const run = openRun(state, known, EXPECTED_OUTCOMES, note, observer);
  const head = lane.tasks[0];
  if (head !== undefined && head.startedAtMs !== null)
    starts.set(head.number, { atMs: head.startedAtMs, isExact: true });
  if (head !== undefined && lane.blocked !== null)
    noteShortfall(head.number, head.activity, lane.blocked, state.settledAtMs, false);
  advance(run, MAX_AMOUNT, MAX_COST);
  const last = lane.tasks.map(({ number }) => ends.get(number) ?? UNKNOWN);
  return {
    tasks: lane.tasks.map(({ number }) => ({
      task: number,
      starts: starts.get(number) ?? UNKNOWN,
      ends: ends.get(number) ?? UNKNOWN,
    })),
    finishes: last.every(({ atMs }) => atMs !== null) ? (last.at(-1) ?? UNKNOWN) : UNKNOWN,
    shortfalls,
    pausesAtMs,
  };
}

/** How much a block wants and how much is there. */
function amountsOf(
  run: Run,
  id: string,
  { code, subject }: Block,
): { needed: number | null; available: number | null } {
  const activity: Activity | undefined = catalogOf(run.timeline, run.catalog.hash).activities.get(id);
  const needed =
    code === "INSUFFICIENT_ITEMS"
      ? activity?.takes.find(([item]) => item === subject)?.[1]
      : activity?.requires.items.find(([item]) => item === subject)?.[1];
  if (needed === undefined || (code !== "INSUFFICIENT_ITEMS" && code !== "PREREQUISITES_NOT_MET")) {
    return { needed: null, available: null };
  }
  return { needed, available: run.items.get(subject) ?? 0 };
}
