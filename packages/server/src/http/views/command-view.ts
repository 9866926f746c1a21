/** What a command did, as JSON. */
import type { CommandOutcome } from "@mainspring/engine";
import type { Static } from "typebox";
import type {
  EnqueueOutcomeSchema,
  PlayerOutcomeSchema,
  QueueOutcomeSchema,
  TaskRequestBody,
} from "../schemas/commands.js";
import type { QueuedTaskBody } from "../schemas/queue.js";
import { amountsOf } from "./amounts.js";
import { playerBody } from "./player-view.js";
import { queueBody, queuedTask } from "./queue-view.js";

type Common = Pick<Static<typeof QueueOutcomeSchema>, "replayed" | "returned" | "stashed">;

function commonOf({ result, isReplayed }: CommandOutcome): Common {
  return { replayed: isReplayed, returned: amountsOf(result.returned), stashed: amountsOf(result.stashed) };
}

export function queueOutcome(outcome: CommandOutcome): Static<typeof QueueOutcomeSchema> {
  return { ...commonOf(outcome), queue: queueBody(outcome.view) };
}

export function playerOutcome(outcome: CommandOutcome): Static<typeof PlayerOutcomeSchema> {
  const { claimed, items, xp } = outcome.result;
  return {
    ...commonOf(outcome),
    ...(claimed === undefined ? {} : { claimed: amountsOf(claimed) }),
    ...(items === undefined ? {} : { items: amountsOf(items) }),
    ...(xp === undefined ? {} : { xp: amountsOf(xp) }),
    player: playerBody(outcome.view),
  };
}

export interface EnqueueRequest {
  readonly tasks: readonly TaskRequestBody[];
  /** Whether they came in a list; then the answer has a list as well. */
  readonly isBatch: boolean;
}

export function enqueueOutcome(
  outcome: CommandOutcome,
  { tasks, isBatch }: EnqueueRequest,
): Static<typeof EnqueueOutcomeSchema> {
  const numbers = outcome.result.tasks ?? [];
  const queued = numbers.map((number, index) => taskOf(outcome, number, tasks[index]));
  const [first] = queued;
  return {
    ...(isBatch || first === undefined ? { tasks: queued } : { task: first }),
    ...commonOf(outcome),
    queue: queueBody(outcome.view),
  };
}

/** The task in the queue; or, when a repeated request finds it gone, what was asked for. */
function taskOf(
  { view }: CommandOutcome,
  number: number,
  request: TaskRequestBody | undefined,
): QueuedTaskBody {
  const index = view.state.lanes[0].tasks.findIndex((task) => task.number === number);
  const task = view.state.lanes[0].tasks[index];
  if (task !== undefined) return queuedTask(task, view.forecast.tasks[index]);
  const until = request?.until;
  return {
    taskId: number,
    activity: request?.activity ?? "",
    cyclesDone: null,
    cyclesTotal: request?.repeat ?? (until === undefined ? 1 : null),
    until: until === undefined ? null : { skills: until.skills ?? {}, items: until.items ?? {} },
    onBlocked: request?.onBlocked ?? view.catalog.settings.onBlocked,
    startsAtMs: null,
    startsExact: false,
    endsAtMs: null,
    endsExact: false,
    hasEnded: true,
  };
}
