/** What is shown of a queue. */
import { type Static, Type } from "typebox";
import {
  amounts,
  exact,
  instant,
  integer,
  nullable,
  nullableInstant,
  oneOf,
  strict,
  text,
} from "./common.js";

const UntilSchema = strict({
  skills: amounts("Levels reached."),
  items: amounts("Amounts in the inventory."),
});

const taskFields = {
  taskId: integer("The task's number, never used again for this player.", { minimum: 1 }),
  activity: Type.String(),
  cyclesDone: Type.Integer(),
  cyclesTotal: nullable(integer("How often it repeats; null: unlimited.")),
  until: nullable(UntilSchema),
  onBlocked: oneOf(["wait", "skip"], "What it does when it can't go on."),
};

export const QueuedTaskSchema = strict(
  {
    ...taskFields,
    cyclesDone: nullable(integer("Null: it has left the queue.")),
    startsAtMs: nullableInstant("When it starts, or started; null: never, or it can't be known."),
    startsExact: exact("it"),
    endsAtMs: nullableInstant("When it ends; null: never, or it can't be known."),
    endsExact: exact("it"),
    hasEnded: Type.Boolean({
      description: "It has left the queue already (when a repeated request is answered).",
    }),
  },
  { $id: "QueuedTask" },
);

export const CurrentTaskSchema = strict({
  ...taskFields,
  startedAtMs: nullableInstant("When its first cycle started; null: none has."),
  cycleStartedAtMs: nullableInstant("When the cycle in flight started; null: none is in flight."),
  cycleEndsAtMs: nullableInstant(
    "When the cycle in flight ends; null: none is in flight, or the queue is paused.",
  ),
  cycleDurationMs: nullable(integer("How long the cycle in flight takes; null: none is in flight.")),
  endsAtMs: nullableInstant("When the task ends; null: never, or it can't be known."),
  endsExact: exact("it"),
});

export const BlockSchema = strict({
  code: text("NOT_AVAILABLE, PREREQUISITES_NOT_MET, INSUFFICIENT_ITEMS or INVENTORY_FULL."),
  subject: text("The id of the activity, skill, slot or item that it is about."),
  retryAtMs: nullableInstant("When it may change by itself."),
});

export const ShortfallSchema = strict({
  taskId: Type.Integer(),
  code: Type.String(),
  subject: Type.String(),
  needed: nullable(integer("Wanted by the next cycle; null where it isn't about an amount.")),
  available: nullable(integer("There will be so much.")),
  atMs: nullableInstant("When the task will want it."),
  atExact: exact("it"),
  isSkipped: Type.Boolean({ description: "The task will be dropped, not wait." }),
});

export const WarningSchema = strict({
  code: oneOf(["QUEUE_LONG", "PAUSES_WHEN_AWAY"], "What to think of."),
  detail: Type.String(),
  atMs: instant("When the queue will end, or pause."),
});

export const STATUSES = ["idle", "running", "paused", "blocked"] as const;

export const QueueSchema = strict(
  {
    playerId: Type.String(),
    status: oneOf(STATUSES, "The first that applies of idle, paused, blocked, running."),
    reason: nullable(text("Why it is paused (COMMAND, AWAY) or blocked (the block's code).")),
    pausedSinceMs: nullableInstant("Null unless paused."),
    block: nullable(BlockSchema),
    current: nullable(CurrentTaskSchema),
    upcoming: Type.Array(QueuedTaskSchema),
    finishesAtMs: nullableInstant(
      "When the queue will be empty; null: it is, never will be, or it can't be known.",
    ),
    finishesExact: exact("it"),
    pausesAtMs: nullableInstant(
      "When the queue will pause unless the player is seen before; null: it won't.",
    ),
    shortfalls: Type.Array(ShortfallSchema),
    warnings: Type.Array(WarningSchema),
    maxTasks: integer("So many tasks a queue can hold."),
    revision: integer("Counts commands and catalog moves: the ETag."),
    version: integer("Counts commits."),
    // Last: all that comes before it changes only with the record.
    serverTimeMs: instant("Now, in player time."),
  },
  { $id: "Queue" },
);

export type QueueBody = Static<typeof QueueSchema>;
export type QueuedTaskBody = Static<typeof QueuedTaskSchema>;

export const ProgressSchema = strict(
  {
    status: oneOf(STATUSES, "See the queue."),
    taskId: nullable(Type.Integer()),
    activity: nullable(Type.String()),
    cyclesDone: Type.Integer(),
    cyclesTotal: nullable(Type.Integer()),
    cycleStartedAtMs: nullableInstant("Null: no cycle is in flight."),
    cycleEndsAtMs: nullableInstant("Null: no cycle is in flight, or the queue is paused."),
    tasks: integer("In the queue, the current one included."),
    finishesAtMs: nullableInstant("When the queue will be empty."),
    finishesExact: exact("it"),
    revision: Type.Integer(),
    version: Type.Integer(),
    serverTimeMs: instant("Now, in player time."),
  },
  { $id: "Progress" },
);

export type ProgressBody = Static<typeof ProgressSchema>;
