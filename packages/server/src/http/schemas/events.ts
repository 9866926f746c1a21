/** The journal as it is shown. */
import { type Static, Type } from "typebox";
import { DEFAULT_EVENTS_PER_PAGE, MAX_EVENTS_PER_PAGE } from "../../limits.js";
import { amounts, instant, integer, nullable, ref, strict, text } from "./common.js";
import { BlockSchema } from "./queue.js";

export const EventsQuerySchema = strict({
  after: Type.Optional(integer("Events with a greater number. Default 0.")),
  limit: Type.Optional(
    integer(`Default ${DEFAULT_EVENTS_PER_PAGE}.`, { minimum: 1, maximum: MAX_EVENTS_PER_PAGE }),
  ),
});

const TotalsSchema = strict({
  cyclesDone: Type.Integer(),
  failures: Type.Integer(),
  ranMs: Type.Integer(),
  rareFinds: Type.Integer(),
  gave: amounts("Given by cycles, wherever it went."),
  took: amounts("Taken by cycles."),
  stashed: amounts("Of what was given, what went to the stash."),
  discarded: amounts("Of what was given, what was thrown away."),
  xp: amounts("By skill."),
});

/** One object for all types of events; `type` says which fields there are. */
export const EventSchema = strict(
  {
    number: integer("Per player, from 1, without gaps.", { minimum: 1 }),
    atMs: instant("When, in player time."),
    type: text(
      "task-started, task-ended, task-blocked, task-unblocked, level-reached, rare-find, overflow, at-maximum, away, resumed, catalog-moved or command.",
    ),
    taskId: Type.Optional(Type.Integer()),
    activity: Type.Optional(Type.String()),
    reason: Type.Optional(
      text(
        "Of a task's end: done, until, limit, skipped, cancelled, stopped or removed. Of a command: why it was given.",
      ),
    ),
    block: Type.Optional(nullable(BlockSchema)),
    totals: Type.Optional(TotalsSchema),
    skill: Type.Optional(Type.String()),
    fromLevel: Type.Optional(Type.Integer()),
    level: Type.Optional(Type.Integer()),
    item: Type.Optional(Type.String()),
    amount: Type.Optional(Type.Integer()),
    to: Type.Optional(text("Of an overflow: stash or discarded. Of a catalog move: the new hash.")),
    from: Type.Optional(text("Of a catalog move: the old hash.")),
    of: Type.Optional(text("Of a number at its maximum: items, stash or xp.")),
    id: Type.Optional(Type.String()),
    revision: Type.Optional(Type.Integer()),
    actor: Type.Optional(text("Who commanded.")),
    command: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: "object",
        additionalProperties: true,
        description: "What was commanded, with defaults filled in, and what it did.",
      }),
    ),
  },
  { $id: "Event" },
);

export type EventBody = Static<typeof EventSchema>;

export const EventsPageSchema = strict({
  events: Type.Array(ref(EventSchema)),
  lastNumber: integer("Number of the newest event there is: go on with after until it is reached."),
});
