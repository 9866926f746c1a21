/** What commands take and answer. */
import { MAX_FAST_FORWARD_MS, MAX_REPEAT, MAX_TIMED_EFFECTS } from "@mainspring/core";
import { type Static, Type } from "typebox";
import { MAX_TASKS_PER_REQUEST } from "../../limits.js";
import { amounts, instant, integer, nullable, oneOf, ref, strict } from "./common.js";
import { PlayerSchema, STAT_WORDS } from "./player.js";
import { QueuedTaskSchema, QueueSchema } from "./queue.js";

const Id = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });

export const TaskRequestSchema = strict({
  activity: Id("An activity of the catalog."),
  repeat: Type.Optional(
    nullable(
      integer("How often; null: unlimited. Default: 1, or unlimited with an until.", {
        minimum: 1,
        maximum: MAX_REPEAT,
      }),
    ),
  ),
  until: Type.Optional(
    strict({
      skills: Type.Optional(amounts("Levels to be reached.", { minimum: 1 })),
      items: Type.Optional(amounts("Amounts to be in the inventory.", { minimum: 1 })),
    }),
  ),
  onBlocked: Type.Optional(oneOf(["wait", "skip"], "Default: the catalog's.")),
  position: Type.Optional(integer("Counts from 0; left out, or past the end: at the end.")),
});

export type TaskRequestBody = Static<typeof TaskRequestSchema>;

const TaskBatchSchema = strict({
  tasks: Type.Array(TaskRequestSchema, {
    minItems: 1,
    maxItems: MAX_TASKS_PER_REQUEST,
    description: "All or none.",
  }),
});

/** One task, or several. */
export const EnqueueBodySchema = Type.Union([TaskRequestSchema, TaskBatchSchema]);

export const NoBodySchema = strict({});

export const MoveBodySchema = strict({
  before: nullable(integer("The task to come before; null: to the end.", { minimum: 1 })),
});

export const OrderBodySchema = strict({
  taskIds: Type.Array(integer("A task's number.", { minimum: 1 }), { maxItems: MAX_TASKS_PER_REQUEST }),
});

export const EquipBodySchema = strict({
  slot: Id("A slot of the catalog."),
  item: nullable(Id("An item; null empties the slot.")),
});

export const ClaimBodySchema = strict({
  items: Type.Optional(amounts("What to take out of the stash. Left out: all that fits.", { minimum: 1 })),
});

export const AdjustBodySchema = strict({
  items: Type.Optional(amounts("In (positive) or out (negative).", { minimum: -Number.MAX_SAFE_INTEGER })),
  xp: Type.Optional(amounts("In (positive) or out (negative).", { minimum: -Number.MAX_SAFE_INTEGER })),
  effects: Type.Optional(
    Type.Array(
      strict({
        stat: oneOf(STAT_WORDS, "The statistic that it changes."),
        add: Type.Number({ description: "0.25 is a quarter more. At most six decimal places." }),
        kind: Type.Optional(Id("Only for activities of this kind.")),
        activity: Type.Optional(Id("Only for this activity.")),
        untilMs: instant("It holds before this instant (player time)."),
      }),
      { maxItems: MAX_TIMED_EFFECTS },
    ),
  ),
  atMost: Type.Optional(
    Type.Boolean({ description: "Take what is there instead of refusing when there is less." }),
  ),
  reason: Type.Optional(Type.String({ maxLength: 512, description: "Why, for the journal." })),
});

export const FastForwardBodySchema = strict({
  byMs: integer("By how much to put the player's clock ahead.", { minimum: 1, maximum: MAX_FAST_FORWARD_MS }),
});

const outcomeFields = {
  replayed: Type.Boolean({ description: "The key was known: nothing was done again." }),
  returned: amounts("What was given back."),
  stashed: amounts("Of what was given back or put in, what went to the stash for want of room."),
};

export const QueueOutcomeSchema = strict({ ...outcomeFields, queue: ref(QueueSchema) });

export const EnqueueOutcomeSchema = strict({
  task: Type.Optional(ref(QueuedTaskSchema)),
  tasks: Type.Optional(Type.Array(ref(QueuedTaskSchema))),
  ...outcomeFields,
  queue: ref(QueueSchema),
});

export const PlayerOutcomeSchema = strict({
  ...outcomeFields,
  claimed: Type.Optional(amounts("What was moved from the stash to the items.")),
  items: Type.Optional(amounts("By how much items changed.", { minimum: -Number.MAX_SAFE_INTEGER })),
  xp: Type.Optional(amounts("By how much xp changed.", { minimum: -Number.MAX_SAFE_INTEGER })),
  player: ref(PlayerSchema),
});

export const FastForwardOutcomeSchema = strict({
  clockOffsetMs: integer("How far the player's clock is ahead of the server's now."),
  replayed: Type.Boolean(),
  queue: ref(QueueSchema),
});
