/** Applying a command to a state that is settled to the command's instant: all or nothing. */
import type { Timeline } from "../catalog/timeline.js";
import { MainspringError } from "../errors.js";
import type { AppliedCommand, Command, CommandResult } from "../player/command.js";
import type { EventSink } from "../player/events.js";
import type { PlayerState } from "../player/state.js";
import { nextBoundaryMs } from "../settle/boundaries.js";
import { rolledOutcomes } from "../settle/rolled-outcomes.js";
import { closeRun, emit, openRun, type Run } from "../settle/run.js";
import { attemptStart } from "../settle/start.js";
import { adjust } from "./adjust.js";
import { checkAmount, checkTaskNumber } from "./check-command.js";
import { claimStash, equip } from "./inventory-commands.js";
import { cancel, enqueue, move, pause, reorder, resume, stop } from "./queue-commands.js";

/** A development server can put a clock ahead by so much at once: ten years. */
export const MAX_FAST_FORWARD_MS = 3_650 * 86_400_000;

export interface Applied {
  readonly state: PlayerState;
  readonly result: CommandResult;
}

export interface ApplyOptions {
  /** The instant (player time) at which the command happens. The state must be settled to it. */
  readonly atMs: number;
  /** Receives the events, in order, only if the command succeeds. */
  readonly emit: EventSink;
}

/**
 * The state after a command.
 * @throws MainspringError with the command's code; nothing is changed then. `INTERNAL` if the state isn't settled to `atMs`.
 */
export function applyCommand(
  state: PlayerState,
  timeline: Timeline,
  command: Command,
  options: ApplyOptions,
): Applied {
  const { atMs } = options;
  if (atMs < state.settledAtMs || nextBoundaryMs(state, timeline) <= atMs) {
    throw new MainspringError("INTERNAL", "A command needs a state that is settled to its instant.");
  }
  const events: Parameters<EventSink>[0][] = [];
  const run = openRun(state, timeline, rolledOutcomes(state.seed), (event) => events.push(event));
  run.settledAtMs = atMs;
  run.revision += 1;
  const applied = perform(run, atMs, command);
  emit(run, atMs, { type: "command", revision: run.revision, command: applied });
  attemptStart(run, atMs);
  const next = closeRun(run, state.seed);
  for (const event of events) options.emit(event);
  return { state: next, result: applied.result };
}

/** Makes a command's change; says what it was, for the journal. */
function perform(run: Run, atMs: number, command: Command): AppliedCommand {
  switch (command.type) {
    case "enqueue":
      return enqueue(run, atMs, command.tasks);
    case "cancel":
      return cancel(run, atMs, checkTaskNumber(command.task));
    case "move":
      return move(
        run,
        atMs,
        checkTaskNumber(command.task),
        command.before === null ? null : checkTaskNumber(command.before),
      );
    case "reorder":
      return reorder(run, atMs, command.tasks.map(checkTaskNumber));
    case "pause":
      return pause(run, atMs);
    case "resume":
      return resume(run, atMs);
    case "stop":
      return stop(run, atMs);
    case "equip":
      return equip(run, atMs, command.slot, command.item);
    case "claim-stash":
      return claimStash(run, atMs, command.items);
    case "adjust":
      return adjust(run, atMs, command.adjust);
    case "fast-forward":
      return fastForward(run, command.byMs);
  }
}

function fastForward(run: Run, byMs: number): AppliedCommand {
  checkAmount(byMs, "byMs", { min: 1, max: MAX_FAST_FORWARD_MS });
  run.clockOffsetMs += byMs;
  return { type: "fast-forward", byMs, result: {} };
}
