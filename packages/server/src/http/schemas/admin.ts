/** What operators send and get. */
import { type Static, Type } from "typebox";
import { amounts, instant, integer, nullable, nullableInstant, ref, strict, text } from "./common.js";
import { PlayerSchema } from "./player.js";
import { QueueSchema } from "./queue.js";

export const ProposeBodySchema = strict({
  catalog: Type.Unknown({ description: "The catalog's document." }),
  activateAtMs: Type.Optional(integer("Server time. Default: 60 s ahead, or after all earlier activations.")),
});

export const ActivationSchema = strict({
  hash: Type.String(),
  name: Type.String(),
  activeAtMs: instant("From then on it is the active one (server time)."),
  isUnchanged: Type.Boolean({ description: "It was the last of the timeline already." }),
});

export const TimelineSchema = strict({
  active: strict({ hash: Type.String(), name: Type.String() }),
  timeline: Type.Array(strict({ atMs: instant("Server time."), hash: Type.String() })),
});

export const InspectSchema = strict({
  player: ref(PlayerSchema),
  queue: ref(QueueSchema),
  incarnation: instant("When the player was made."),
  catalogAtMs: instant("When the player's catalog became active (server time)."),
  clockOffsetMs: integer("How far the player's clock is ahead of the server's."),
  settledAtMs: instant("The last boundary or command."),
  eventCount: Type.Integer(),
  nextTask: Type.Integer(),
  tasks: Type.Array(
    strict({
      taskId: Type.Integer(),
      startedAtMs: nullableInstant("Null before the first cycle."),
      cyclesDone: Type.Integer(),
      failures: Type.Integer(),
      ranMs: Type.Integer(),
      rareFinds: Type.Integer(),
      gave: amounts("Given by cycles."),
      took: amounts("Taken by cycles."),
      stashed: amounts("Went to the stash."),
      discarded: amounts("Thrown away."),
      xp: amounts("By skill."),
    }),
  ),
  cycle: nullable(
    strict({
      startedAtMs: Type.Integer(),
      durationMs: Type.Integer(),
      successPpm: Type.Integer(),
      yieldPpm: Type.Integer(),
      xpPpm: Type.Integer(),
      catalog: text("Hash of the catalog that it started under."),
    }),
  ),
});

export type InspectBody = Static<typeof InspectSchema>;

export const RestoreBodySchema = strict({
  reason: Type.Optional(Type.String({ maxLength: 512, description: "Why, for the log." })),
});

export const RestorationSchema = strict({
  version: integer("Of the restored record."),
  lastVersion: integer(
    "Of the last commit that snapshot and journal tell of: the record is as that one left it.",
  ),
  missingCommits: nullable(
    integer(
      "Later commits that the damaged record had seen, of which nothing is known; null if it was gone.",
    ),
  ),
  snapshotVersion: integer("Of the snapshot that it began with."),
  commits: integer("Commits that were played again."),
  eventCount: integer("Events of the player so far."),
  settledAtMs: instant("The last boundary or command."),
});
