/** The oracle's passing of time: one boundary after the other. */
import { attemptToStart, awayLimit, pauseAsAway } from "./attempt.js";
import { abandon, endCycle, endTask } from "./end-of-cycle.js";
import { catalogNamed, catalogNow, emit, type World } from "./oracle-state.js";

/** The end of the cycle in flight; `Infinity` if nothing runs. */
function cycleEnd(world: World): number {
  const [{ cycle, paused }] = world.state.lanes;
  return cycle === null || paused !== null ? Infinity : cycle.startedAtMs + cycle.durationMs;
}

function windowOpening(world: World): number {
  const [{ blocked, paused }] = world.state.lanes;
  return paused !== null ? Infinity : (blocked?.retryAtMs ?? Infinity);
}

function awayPause(world: World): number {
  const [{ tasks, paused }] = world.state.lanes;
  return tasks.length === 0 || paused !== null ? Infinity : awayLimit(world);
}

function nextEntry(world: World): { readonly atMs: number; readonly hash: string } | undefined {
  return world.timeline.entries.find(({ atMs }) => atMs > world.state.catalogAtMs);
}

function catalogMove(world: World): number {
  return (nextEntry(world)?.atMs ?? Infinity) + world.state.clockOffsetMs;
}

/** The instant of the next boundary. */
export function nextBoundary(world: World): number {
  const earliest = Math.min(
    cycleEnd(world),
    ...world.state.effects.map(({ untilMs }) => untilMs),
    windowOpening(world),
    awayPause(world),
    catalogMove(world),
  );
  return Math.max(earliest, world.state.settledAtMs);
}

/** Meets all boundaries up to and including an instant. Stops after so many cycles: then it returns false. */
export function settleTo(world: World, nowMs: number, maxCycles: number): boolean {
  while (true) {
    if (world.cyclesPlayed > maxCycles) return false;
    const atMs = nextBoundary(world);
    if (atMs > nowMs) return true;
    meet(world, atMs);
  }
}

/** Everything that happens at one instant, in its order. */
function meet(world: World, atMs: number): void {
  const { state } = world;
  if (cycleEnd(world) <= atMs) endCycle(world, atMs);
  state.effects = state.effects.filter(({ untilMs }) => atMs < untilMs);
  if (awayPause(world) <= atMs) pauseAsAway(world, atMs);
  while (catalogMove(world) <= atMs) moveCatalog(world, atMs);
  attemptToStart(world, atMs);
  state.settledAtMs = atMs;
}

function moveCatalog(world: World, atMs: number): void {
  const { state } = world;
  const entry = nextEntry(world);
  if (entry === undefined) throw new Error("There is no catalog to move to.");
  const old = catalogNow(world);
  state.catalog = entry.hash;
  state.catalogAtMs = entry.atMs;
  state.revision += 1;
  emit(world, atMs, { type: "catalog-moved", from: old.hash, to: entry.hash });
  const { activities } = catalogNamed(world, entry.hash);
  for (const task of state.lanes[0].tasks) {
    if (activities.has(task.activity)) continue;
    if (state.lanes[0].tasks[0] === task) abandon(world, atMs);
    endTask(world, atMs, task, "removed", { kindFrom: old });
  }
}
