/**
 * A queue as JSON. Everything but `serverTimeMs` depends on the record alone, never on now, so that it can be kept with it.
 */
import type { Forecast, ForecastTask, Lane, Task } from "@mainspring/core";
import type { PlayerView } from "@mainspring/engine";
import type { ProgressBody, QueueBody, QueuedTaskBody } from "../schemas/queue.js";
import { amountsOf } from "./amounts.js";

const UNKNOWN: Omit<ForecastTask, "task"> = {
  starts: { atMs: null, isExact: false },
  ends: { atMs: null, isExact: false },
};

export function queueBody(view: PlayerView): QueueBody {
  const { playerId, state, forecast, catalog, version, nowMs } = view;
  const [lane] = state.lanes;
  return {
    playerId,
    ...statusOf(lane),
    pausedSinceMs: lane.tasks.length > 0 ? (lane.paused?.sinceMs ?? null) : null,
    block: lane.tasks.length > 0 ? lane.blocked : null,
    current: currentOf(lane, forecast),
    upcoming: lane.tasks.slice(1).map((task, index) => queuedTask(task, forecast.tasks[index + 1])),
    finishesAtMs: forecast.finishes.atMs,
    finishesExact: forecast.finishes.isExact,
    pausesAtMs: forecast.pausesAtMs,
    shortfalls: shortfallsOf(forecast),
    warnings: warningsOf(view),
    maxTasks: catalog.settings.queue.maxTasks,
    revision: state.revision,
    version,
    serverTimeMs: nowMs,
  };
}

/** Idle before paused before blocked before running. */
function statusOf({ tasks, paused, blocked }: Lane): Pick<QueueBody, "status" | "reason"> {
  if (tasks.length === 0) return { status: "idle", reason: null };
  if (paused !== null) return { status: "paused", reason: paused.reason };
  if (blocked !== null) return { status: "blocked", reason: blocked.code };
  return { status: "running", reason: null };
}

function currentOf(lane: Lane, forecast: Forecast): QueueBody["current"] {
  const head = lane.tasks[0];
  if (head === undefined) return null;
  const { ends } = forecast.tasks[0] ?? UNKNOWN;
  return {
    ...taskBody(head),
    startedAtMs: head.startedAtMs,
    ...cycleOf(lane),
    cycleDurationMs: lane.cycle?.durationMs ?? null,
    endsAtMs: ends.atMs,
    endsExact: ends.isExact,
  };
}

/** Paused mid-cycle the cycle has no end: it moves with the pause. */
function cycleOf({ cycle, paused }: Lane): { cycleStartedAtMs: number | null; cycleEndsAtMs: number | null } {
  if (cycle === null) return { cycleStartedAtMs: null, cycleEndsAtMs: null };
  return {
    cycleStartedAtMs: cycle.startedAtMs,
    cycleEndsAtMs: paused === null ? cycle.startedAtMs + cycle.durationMs : null,
  };
}

type TaskBody = Omit<
  NonNullable<QueueBody["current"]>,
  "startedAtMs" | "cycleStartedAtMs" | "cycleEndsAtMs" | "cycleDurationMs" | "endsAtMs" | "endsExact"
>;

function taskBody({ number, activity, cyclesDone, repeat, until, onBlocked }: Task): TaskBody {
  return {
    taskId: number,
    activity,
    cyclesDone,
    cyclesTotal: repeat,
    until: until === null ? null : { skills: amountsOf(until.skills), items: amountsOf(until.items) },
    onBlocked,
  };
}

export function queuedTask(
  task: Task,
  { starts, ends }: Omit<ForecastTask, "task"> = UNKNOWN,
): QueuedTaskBody {
  return {
    ...taskBody(task),
    startsAtMs: starts.atMs,
    startsExact: starts.isExact,
    endsAtMs: ends.atMs,
    endsExact: ends.isExact,
    hasEnded: false,
  };
}

function shortfallsOf(forecast: Forecast): QueueBody["shortfalls"] {
  return forecast.shortfalls.map(({ task, block, needed, available, at, isSkipped }) => ({
    taskId: task,
    code: block.code,
    subject: block.subject,
    needed,
    available,
    atMs: at.atMs,
    atExact: at.isExact,
    isSkipped,
  }));
}

const HOUR_MS = 3_600_000;

function warningsOf({ state, forecast, catalog }: PlayerView): QueueBody["warnings"] {
  const warnings: QueueBody["warnings"] = [];
  const { warnTotalMs } = catalog.settings.queue;
  const { pausesAtMs } = forecast;
  const endsAtMs = forecast.finishes.atMs ?? pausesAtMs;
  // Counted from the last change of the record, not from now: what is shown depends on the record alone.
  if (endsAtMs !== null && endsAtMs - state.settledAtMs > warnTotalMs) {
    const hours = Math.floor(warnTotalMs / HOUR_MS);
    warnings.push({
      code: "QUEUE_LONG",
      detail: `The queue takes longer than ${hours} hours.`,
      atMs: endsAtMs,
    });
  }
  if (pausesAtMs !== null) {
    const detail = "The queue will pause for absence unless the player is seen before.";
    warnings.push({ code: "PAUSES_WHEN_AWAY", detail, atMs: pausesAtMs });
  }
  return warnings;
}

/** The few bytes that a progress bar needs. */
export function progressBody({ state, forecast, version, nowMs }: PlayerView): ProgressBody {
  const [lane] = state.lanes;
  const head = lane.tasks[0];
  return {
    status: statusOf(lane).status,
    taskId: head?.number ?? null,
    activity: head?.activity ?? null,
    cyclesDone: head?.cyclesDone ?? 0,
    cyclesTotal: head?.repeat ?? null,
    ...cycleOf(lane),
    tasks: lane.tasks.length,
    finishesAtMs: forecast.finishes.atMs,
    finishesExact: forecast.finishes.isExact,
    revision: state.revision,
    version,
    serverTimeMs: nowMs,
  };
}
