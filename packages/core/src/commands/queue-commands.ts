/** The commands on a player's queue. */
import { MainspringError } from "../errors.js";
import { divFloor } from "../numbers.js";
import type { AppliedCommand, AppliedTask, CommandResult, TaskRequest } from "../player/command.js";
import type { Task, Until } from "../player/state.js";
import { abandonCycle, emitEnd, type Returned } from "../settle/start.js";
import type { Run } from "../settle/run.js";
import { termsOf } from "../settle/terms.js";
import { closest } from "../catalog/suggest.js";
import { checkAmount, checkAmounts, checkChoice } from "./check-command.js";
import { unknownId } from "./unknown-id.js";

/** Of a task's `repeat`. */
export const MAX_REPEAT = 1_000_000_000;

/** As many tasks may come in one command as a queue can ever hold. */
const MAX_REQUESTS = 1_000;

const EMPTY: ReadonlyMap<string, number> = new Map();

/** Queues tasks in order, all or none. */
export function enqueue(run: Run, atMs: number, requests: readonly TaskRequest[]): AppliedCommand {
  checkAmount(requests.length, "The number of tasks", { min: 1, max: MAX_REQUESTS });
  const { maxTasks } = run.catalog.settings.queue;
  if (run.tasks.length + requests.length > maxTasks) {
    throw new MainspringError(
      "QUEUE_FULL",
      `The queue holds ${run.tasks.length} of at most ${maxTasks} tasks; ${requests.length} more don't fit. Cancel some or wait until some have ended.`,
      { maxTasks, tasks: run.tasks.length },
    );
  }
  const tasks = [...run.tasks];
  const applied = requests.map((request): AppliedTask => {
    const task = createTask(run, request);
    const position = request.position ?? null;
    if (position !== null) checkAmount(position, "position", { min: 0, max: Number.MAX_SAFE_INTEGER });
    tasks.splice(position ?? tasks.length, 0, task);
    const { number, activity, repeat, until, onBlocked } = task;
    return { number, activity, repeat, until, onBlocked, position };
  });
  const returned = setOrder(run, atMs, tasks);
  return {
    type: "enqueue",
    tasks: applied,
    result: { tasks: applied.map(({ number }) => number), ...resultOf(returned) },
  };
}

function createTask(run: Run, request: TaskRequest): Task {
  const { catalog } = run;
  const activity = catalog.activities.get(request.activity);
  if (activity === undefined) {
    // Hidden activities are not suggested.
    const shown = [...catalog.activities.keys()].filter(
      (id) => catalog.source.activities[id]?.hidden !== true,
    );
    throw unknownId("UNKNOWN_ACTIVITY", "activity", request.activity, closest(request.activity, shown));
  }
  const until = createUntil(run, request.until);
  const repeat = request.repeat === undefined ? (until === null ? 1 : null) : request.repeat;
  if (repeat !== null) checkAmount(repeat, "repeat", { min: 1, max: MAX_REPEAT });
  const { maxTaskMs } = catalog.settings.queue;
  const { durationMs } = termsOf(run, catalog, activity);
  const mostRepeats = divFloor(maxTaskMs, durationMs);
  if ((repeat ?? 1) > mostRepeats) {
    throw new MainspringError(
      "TASK_TOO_LONG",
      `${repeat ?? 1} × ${durationMs} ms is more than a task may take (${maxTaskMs} ms). At most ${mostRepeats} repeats fit.`,
      { maxTaskMs, cycleMs: durationMs, mostRepeats },
    );
  }
  const number = run.nextTask;
  run.nextTask += 1;
  return {
    number,
    activity: activity.id,
    repeat,
    until,
    onBlocked: checkChoice(request.onBlocked ?? catalog.settings.onBlocked, "onBlocked", ["wait", "skip"]),
    startedAtMs: null,
    cyclesDone: 0,
    failures: 0,
    ranMs: 0,
    rareFinds: 0,
    gave: EMPTY,
    took: EMPTY,
    stashed: EMPTY,
    discarded: EMPTY,
    xp: EMPTY,
  };
}

function createUntil(run: Run, until: TaskRequest["until"]): Until | null {
  if (until === undefined) return null;
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const skills = checkAmounts(until.skills, "until.skills", range);
  const items = checkAmounts(until.items, "until.items", range);
  if (skills.length + items.length === 0) {
    throw new MainspringError("INVALID_REQUEST", "until needs at least one skill or item.");
  }
  for (const [id, level] of skills) {
    const skill = run.catalog.skills.get(id);
    if (skill === undefined)
      throw unknownId("UNKNOWN_SKILL", "skill", id, closest(id, run.catalog.skills.keys()));
    checkAmount(level, `until.skills.${id}`, { min: 1, max: skill.xpForLevel.length });
  }
  for (const [id] of items) {
    if (!run.catalog.items.has(id))
      throw unknownId("UNKNOWN_ITEM", "item", id, closest(id, run.catalog.items.keys()));
  }
  return { skills, items };
}

/** Ends a task; if its cycle is in flight, the inputs go back. */
export function cancel(run: Run, atMs: number, number: number): AppliedCommand {
  const task = findTask(run, number);
  const isHead = task === run.tasks[0];
  const others = run.tasks.filter((other) => other !== task);
  const returned = setOrder(run, atMs, others);
  emitEnd(run, atMs, isHead ? (returned.head ?? task) : task, { reason: "cancelled" });
  return { type: "cancel", task: number, result: resultOf(returned) };
}

/** Moves a task to just before another, or to the end. */
export function move(run: Run, atMs: number, number: number, before: number | null): AppliedCommand {
  const task = findTask(run, number);
  const target = before === null ? null : findTask(run, before);
  const tasks = run.tasks.filter((other) => other !== task);
  tasks.splice(target === null ? tasks.length : tasks.indexOf(target), 0, task);
  const returned = target === task ? undefined : setOrder(run, atMs, tasks);
  return { type: "move", task: number, before, result: resultOf(returned) };
}

/** Puts the tasks in this order. Numbers of tasks that have ended meanwhile are ignored. */
export function reorder(run: Run, atMs: number, order: readonly number[]): AppliedCommand {
  if (new Set(order).size !== order.length)
    throw new MainspringError("INVALID_REQUEST", "A task's number is in the order twice.");
  const tasks = order.flatMap((number) => run.tasks.find((task) => task.number === number) ?? []);
  const missing = run.tasks.filter((task) => !tasks.includes(task)).map((task) => task.number);
  if (missing.length > 0) {
    throw new MainspringError(
      "VERSION_CONFLICT",
      `The order lacks task ${missing.join(", ")}; read the queue again.`,
      { missing },
    );
  }
  return { type: "reorder", order, result: resultOf(setOrder(run, atMs, tasks)) };
}

/** Pauses the queue. The cycle in flight keeps its elapsed time. */
export function pause(run: Run, atMs: number): AppliedCommand {
  run.paused = { reason: "COMMAND", sinceMs: run.paused?.sinceMs ?? atMs };
  return { type: "pause", result: {} };
}

/** Lifts a pause, whatever its reason. */
export function resume(run: Run, atMs: number): AppliedCommand {
  liftPause(run, atMs);
  return { type: "resume", result: {} };
}

/** Goes on after a pause: the cycle in flight moves by the pause's length. */
export function liftPause(run: Run, atMs: number): void {
  if (run.paused === null) return;
  if (run.cycle !== null)
    run.cycle = { ...run.cycle, startedAtMs: run.cycle.startedAtMs + atMs - run.paused.sinceMs };
  run.paused = null;
}

/** Ends all tasks. */
export function stop(run: Run, atMs: number): AppliedCommand {
  const returned = setOrder(run, atMs, []);
  for (const [index, task] of returned.before.entries()) {
    emitEnd(run, atMs, index === 0 ? (returned.head ?? task) : task, { reason: "stopped" });
  }
  run.paused = null;
  return { type: "stop", result: resultOf(returned) };
}

interface Reordered extends Returned {
  /** The tasks before. */
  readonly before: readonly Task[];
  /** What became of the task that was the head. */
  readonly head: Task | undefined;
}

/** Gives the queue another order. If the head changes its cycle is abandoned and the lane is no longer blocked. */
function setOrder(run: Run, atMs: number, tasks: readonly Task[]): Reordered {
  const before = [...run.tasks];
  const head = before[0];
  if (head === tasks[0]) {
    run.tasks = [...tasks];
    return { before, head, returned: [], stashed: [] };
  }
  const returned = abandonCycle(run, atMs);
  const headNow = run.tasks[0];
  run.tasks = tasks.map((task) => (task === head && headNow !== undefined ? headNow : task));
  run.blocked = null;
  return { before, head: headNow, ...returned };
}

function resultOf(returned: Returned | undefined): CommandResult {
  if (returned === undefined || returned.returned.length === 0) return {};
  return {
    returned: returned.returned,
    ...(returned.stashed.length === 0 ? {} : { stashed: returned.stashed }),
  };
}

function findTask(run: Run, number: number): Task {
  const task = run.tasks.find((other) => other.number === number);
  if (task === undefined) {
    throw new MainspringError("TASK_NOT_FOUND", `Task ${number} is not in the queue; it may have ended.`, {
      task: number,
    });
  }
  return task;
}
