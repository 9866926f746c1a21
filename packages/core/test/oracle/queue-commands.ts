/** The oracle's commands that change the queue. Each makes all its checks, then its change, and tells what it did. */
import type { TaskRequest } from "../../src/player/command.js";
import type { Until } from "../../src/player/state.js";
import { checkedAmounts, checkWhole, MAX_WHOLE } from "./checking.js";
import { abandon, endTask, type GivenBack } from "./end-of-cycle.js";
import { terms } from "./levels-and-terms.js";
import { catalogNow, OracleError, type OracleTask, type World } from "./oracle-state.js";

/** The command as the journal keeps it. */
export type Told = Readonly<Record<string, unknown>>;

/** Lists that say nothing are left out. */
export function resultOf(fields: Readonly<Record<string, readonly unknown[]>>): Told {
  return Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0));
}

/** Puts the tasks in another order. A cycle in flight of what isn't the head any more is abandoned first. */
function rearrange(world: World, atMs: number, tasks: OracleTask[]): GivenBack {
  const [lane] = world.state.lanes;
  if (tasks[0] === lane.tasks[0]) {
    lane.tasks = tasks;
    return { returned: [], stashed: [] };
  }
  const given = abandon(world, atMs);
  lane.tasks = tasks;
  lane.blocked = null;
  return given;
}

function find(world: World, number: number): OracleTask {
  const task = world.state.lanes[0].tasks.find((other) => other.number === number);
  if (task === undefined) throw new OracleError("TASK_NOT_FOUND");
  return task;
}

function checkedUntil(world: World, until: TaskRequest["until"]): Until | null {
  if (until === undefined) return null;
  const skills = checkedAmounts(until.skills, 1);
  const items = checkedAmounts(until.items, 1);
  if (skills.length === 0 && items.length === 0) throw new OracleError("INVALID_REQUEST");
  for (const [id, wanted] of skills) {
    const skill = catalogNow(world).skills.get(id);
    if (skill === undefined) throw new OracleError("UNKNOWN_SKILL");
    checkWhole(wanted, 1, skill.xpForLevel.length);
  }
  for (const [id] of items) {
    if (!catalogNow(world).items.has(id)) throw new OracleError("UNKNOWN_ITEM");
  }
  return { skills, items };
}

function newTask(world: World, request: TaskRequest, number: number): OracleTask {
  const catalog = catalogNow(world);
  const activity = catalog.activities.get(request.activity);
  if (activity === undefined) throw new OracleError("UNKNOWN_ACTIVITY");
  const until = checkedUntil(world, request.until);
  const repeat = request.repeat === undefined ? (until === null ? 1 : null) : request.repeat;
  if (repeat !== null) checkWhole(repeat, 1, 1_000_000_000);
  const timeMs = BigInt(repeat ?? 1) * BigInt(terms(world, activity).durationMs);
  if (timeMs > BigInt(catalog.settings.queue.maxTaskMs)) throw new OracleError("TASK_TOO_LONG");
  const onBlocked = request.onBlocked ?? catalog.settings.onBlocked;
  if (onBlocked !== "wait" && onBlocked !== "skip") throw new OracleError("INVALID_REQUEST");
  return {
    number,
    activity: request.activity,
    repeat,
    until,
    onBlocked,
    startedAtMs: null,
    cyclesDone: 0,
    failures: 0,
    ranMs: 0,
    rareFinds: 0,
    gave: new Map(),
    took: new Map(),
    stashed: new Map(),
    discarded: new Map(),
    xp: new Map(),
  };
}

export function enqueue(world: World, atMs: number, requests: readonly TaskRequest[]): Told {
  const { state } = world;
  const [lane] = state.lanes;
  checkWhole(requests.length, 1, 1_000);
  if (lane.tasks.length + requests.length > catalogNow(world).settings.queue.maxTasks) {
    throw new OracleError("QUEUE_FULL");
  }
  const made = requests.map((request, index) => {
    const task = newTask(world, request, state.nextTask + index);
    if (request.position !== undefined) checkWhole(request.position, 0, MAX_WHOLE);
    return { task, position: request.position ?? null };
  });
  const tasks = [...lane.tasks];
  for (const { task, position } of made) tasks.splice(position ?? tasks.length, 0, task);
  state.nextTask += made.length;
  const given = rearrange(world, atMs, tasks);
  return {
    tasks: made.map(({ task: { number, activity, repeat, until, onBlocked }, position }) => ({
      number,
      activity,
      repeat,
      until,
      onBlocked,
      position,
    })),
    result: resultOf({ tasks: made.map(({ task }) => task.number), ...given }),
  };
}

export function cancel(world: World, atMs: number, number: number): Told {
  checkWhole(number, 1, MAX_WHOLE);
  const task = find(world, number);
  const isHead = world.state.lanes[0].tasks[0] === task;
  const given = isHead ? abandon(world, atMs) : { returned: [], stashed: [] };
  endTask(world, atMs, task, "cancelled");
  return { task: number, result: resultOf({ ...given }) };
}

export function move(world: World, atMs: number, number: number, before: number | null): Told {
  checkWhole(number, 1, MAX_WHOLE);
  if (before !== null) checkWhole(before, 1, MAX_WHOLE);
  const task = find(world, number);
  const target = before === null ? null : find(world, before);
  let tasks = [...world.state.lanes[0].tasks];
  if (target !== task) {
    tasks = tasks.filter((other) => other !== task);
    tasks.splice(target === null ? tasks.length : tasks.indexOf(target), 0, task);
  }
  const given = rearrange(world, atMs, tasks);
  return { task: number, before, result: resultOf({ ...given }) };
}

export function reorder(world: World, atMs: number, order: readonly number[]): Told {
  const { tasks } = world.state.lanes[0];
  for (const number of order) checkWhole(number, 1, MAX_WHOLE);
  if (new Set(order).size < order.length) throw new OracleError("INVALID_REQUEST");
  const ordered = order.flatMap((number) => tasks.filter((task) => task.number === number));
  if (ordered.length < tasks.length) throw new OracleError("VERSION_CONFLICT");
  const given = rearrange(world, atMs, ordered);
  return { order, result: resultOf({ ...given }) };
}

export function pause(world: World, atMs: number): Told {
  const [lane] = world.state.lanes;
  lane.paused = { reason: "COMMAND", sinceMs: lane.paused?.sinceMs ?? atMs };
  return { result: {} };
}

/** The cycle in flight keeps its elapsed time. */
export function liftPause(world: World, atMs: number): void {
  const [lane] = world.state.lanes;
  if (lane.paused === null) return;
  if (lane.cycle !== null) {
    const startedAtMs = lane.cycle.startedAtMs + (atMs - lane.paused.sinceMs);
    lane.cycle = { ...lane.cycle, startedAtMs };
  }
  lane.paused = null;
}

export function resume(world: World, atMs: number): Told {
  liftPause(world, atMs);
  return { result: {} };
}

export function stop(world: World, atMs: number): Told {
  const [lane] = world.state.lanes;
  const given = abandon(world, atMs);
  for (const task of lane.tasks) endTask(world, atMs, task, "stopped");
  lane.paused = null;
  return { result: resultOf({ ...given }) };
}
