/**
 * The oracle: the rules of docs/rules.md, played one cycle at a time and written to be obviously right. It shares the
 * compiled catalog and the types with the product, and nothing else.
 */
import type { Timeline, TimelineEntry } from "../../src/catalog/timeline.js";
import type { Command } from "../../src/player/command.js";
import { attemptToStart } from "./attempt.js";
import { checkWhole } from "./checking.js";
import { adjust, claimStash, equip } from "./inventory-commands.js";
import { catalogNamed, changeOwned, emit, type World } from "./oracle-state.js";
import {
  cancel,
  enqueue,
  liftPause,
  move,
  pause,
  reorder,
  resume,
  stop,
  type Told,
} from "./queue-commands.js";
import { createRolls } from "./rolls.js";
import { fits } from "./storing.js";

export { OracleError, type OracleEvent, type World } from "./oracle-state.js";
export { nextBoundary, settleTo } from "./settling.js";
export { awayLimit } from "./attempt.js";

const MAX_FAST_FORWARD_MS = 3_650 * 86_400_000;

/** A new player, seen for the first time at an instant. */
export function createWorld(timeline: Timeline, nowMs: number, seed: Uint8Array): World {
  const begun = timeline.entries.filter(({ atMs }) => atMs <= nowMs);
  const entry: TimelineEntry | undefined = begun.at(-1) ?? timeline.entries[0];
  if (entry === undefined) throw new Error("A timeline has at least one entry.");
  const world: World = {
    timeline,
    rolls: createRolls(seed),
    state: {
      catalog: entry.hash,
      catalogAtMs: entry.atMs,
      clockOffsetMs: 0,
      settledAtMs: nowMs,
      lastSeenMs: nowMs,
      revision: 0,
      eventCount: 0,
      nextTask: 1,
      items: new Map(),
      stash: new Map(),
      xp: new Map(),
      equipped: new Map(),
      effects: [],
      lanes: [{ tasks: [], cycle: null, paused: null, blocked: null }],
      totals: new Map(),
    },
    events: [],
    cyclesPlayed: 0,
  };
  const { newPlayer } = catalogNamed(world, entry.hash);
  for (const [id, amount] of newPlayer.items) {
    const stored = fits(world, id, BigInt(amount));
    if (stored > 0n) changeOwned(world, nowMs, { of: "items", id, by: stored });
    const rest = BigInt(amount) - stored;
    if (rest > 0n) changeOwned(world, nowMs, { of: "stash", id, by: rest });
  }
  for (const [id, amount] of newPlayer.xp) changeOwned(world, nowMs, { of: "xp", id, by: BigInt(amount) });
  for (const [slot, item] of newPlayer.equipped) world.state.equipped.set(slot, item);
  return world;
}

/** Applies a command to a world that is settled to the instant. An error leaves it as it was. */
export function apply(world: World, atMs: number, command: Command): void {
  const told = perform(world, atMs, command);
  world.state.settledAtMs = atMs;
  world.state.revision += 1;
  const { revision } = world.state;
  emit(world, atMs, { type: "command", revision, command: { type: command.type, ...told } });
  attemptToStart(world, atMs);
}

/** Checks everything before anything is changed. */
function perform(world: World, atMs: number, command: Command): Told {
  switch (command.type) {
    case "enqueue":
      return enqueue(world, atMs, command.tasks);
    case "cancel":
      return cancel(world, atMs, command.task);
    case "move":
      return move(world, atMs, command.task, command.before);
    case "reorder":
      return reorder(world, atMs, command.tasks);
    case "pause":
      return pause(world, atMs);
    case "resume":
      return resume(world, atMs);
    case "stop":
      return stop(world, atMs);
    case "equip":
      return equip(world, atMs, command.slot, command.item);
    case "claim-stash":
      return claimStash(world, atMs, command.items);
    case "adjust":
      return adjust(world, atMs, command.adjust);
    case "fast-forward":
      checkWhole(command.byMs, 1, MAX_FAST_FORWARD_MS);
      world.state.clockOffsetMs += command.byMs;
      return { byMs: command.byMs, result: {} };
  }
}

/** The player is seen at an instant to which the world is settled. */
export function seen(world: World, atMs: number): void {
  const { state } = world;
  state.lastSeenMs = Math.max(state.lastSeenMs, atMs);
  if (state.lanes[0].paused?.reason !== "AWAY") return;
  liftPause(world, atMs);
  state.settledAtMs = atMs;
  state.revision += 1;
  emit(world, atMs, { type: "resumed" });
  attemptToStart(world, atMs);
}
