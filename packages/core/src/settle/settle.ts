/** Settling: moving a player's state forward to an instant. The one place where time passes. */
import { catalogOf, entryAfter, type Timeline } from "../catalog/timeline.js";
import type { EventSink } from "../player/events.js";
import type { PlayerState, Task } from "../player/state.js";
import { awayLimitMs, boundaryMs, nextBoundaryMs } from "./boundaries.js";
import { finishCycles } from "./finish.js";
import { rolledOutcomes } from "./rolled-outcomes.js";
import { closeRun, emit, openRun, type Run } from "./run.js";
import { abandonCycle, attemptStart, emitEnd, pauseAway } from "./start.js";
import { countStacks } from "./stacks.js";
import { stretchLength } from "./stretch.js";

/**
 * What a settlement may cost before it stops early, in units of one rolled cycle (about 15 ns); a boundary counts
 * {@link BOUNDARY_COST}. The default is a few milliseconds.
 */
export const DEFAULT_MAX_COST = 262_144;

const BOUNDARY_COST = 32;

export interface SettleOptions {
  /** Receives the events, in order. Default: they are dropped. */
  readonly emit?: EventSink;
  /** Stop early, at an earlier valid instant, after about this much work. Default {@link DEFAULT_MAX_COST}. */
  readonly maxCost?: number;
}

function dropEvent(): void {
  // The default sink.
}

/**
 * The state at an instant (player time): everything up to and including `nowMs` has happened.
 *
 * Pure. Returns the very same object if nothing was due, or if `nowMs` lies before `settledAtMs`. It may stop early at an
 * earlier valid instant when there is very much to do: go on while `nextBoundaryMs(state, timeline) <= nowMs`. Settling in
 * two steps gives the same as settling in one.
 *
 * @throws MainspringError `UPGRADE_REQUIRED` when the timeline lacks the state's catalog.
 */
export function settle(
  state: PlayerState,
  timeline: Timeline,
  nowMs: number,
  options: SettleOptions = {},
): PlayerState {
  if (nowMs < state.settledAtMs || nextBoundaryMs(state, timeline) > nowMs) return state;
  const run = openRun(state, timeline, rolledOutcomes(state.seed), options.emit ?? dropEvent);
  advance(run, nowMs, options.maxCost ?? DEFAULT_MAX_COST);
  return closeRun(run, state.seed);
}

/** Meets all boundaries up to `nowMs`, or until the cost is used up. */
export function advance(run: Run, nowMs: number, maxCost: number): void {
  let cost = 0;
  while (cost < maxCost) {
    const atMs = boundaryMs(run, run, run.catalog, run.timeline);
    if (atMs > nowMs) return;
    let instantMs = atMs;
    const cycle = run.paused === null ? run.cycle : null;
    if (cycle !== null && cycle.startedAtMs + cycle.durationMs <= atMs) {
      const count = stretchLength(run, cycle, { nowMs, maxRolled: maxCost - cost });
      const played = finishCycles(run, cycle, count);
      instantMs = played.endedAtMs;
      if (played.isRolled) cost += count;
    }
    meetBoundaries(run, instantMs);
    attemptStart(run, instantMs);
    run.settledAtMs = instantMs;
    cost += BOUNDARY_COST;
  }
}

/** What happens at an instant between the end of a cycle and the next start. */
function meetBoundaries(run: Run, atMs: number): void {
  if (run.effects.some(({ untilMs }) => untilMs <= atMs)) {
    run.effects = run.effects.filter(({ untilMs }) => untilMs > atMs);
    run.hasFreshTerms = false;
  }
  const limitMs = awayLimitMs(run.lastSeenMs, run.catalog.settings.away.maxMs);
  if (run.tasks.length > 0 && run.paused === null && limitMs <= atMs) pauseAway(run, atMs);
  for (;;) {
    const entry = entryAfter(run.timeline, run.catalogAtMs);
    if (entry === null || entry.atMs + run.clockOffsetMs > atMs) return;
    moveCatalog(run, atMs, entry.hash, entry.atMs);
  }
}

/** Moves the player under another catalog. */
function moveCatalog(run: Run, atMs: number, hash: string, activatedAtMs: number): void {
  const from = run.catalog;
  const to = catalogOf(run.timeline, hash);
  run.catalog = to;
  run.catalogAtMs = activatedAtMs;
  run.revision += 1;
  run.stacksUsed = countStacks(run.items, to);
  run.hasFreshTerms = false;
  emit(run, atMs, { type: "catalog-moved", from: from.hash, to: to.hash });
  const isGone = (task: Task): boolean => !to.activities.has(task.activity);
  const head = run.tasks[0];
  if (head !== undefined && isGone(head)) {
    abandonCycle(run, atMs);
    run.blocked = null;
  }
  const gone = run.tasks.filter(isGone);
  run.tasks = run.tasks.filter((task) => !isGone(task));
  for (const task of gone) emitEnd(run, atMs, task, { reason: "removed", catalog: from });
}
