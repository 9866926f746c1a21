/** What is shown of a player. */
import { type Static, Type } from "typebox";
import { amounts, instant, integer, mapOf, nullable, strict, text } from "./common.js";

export const STAT_WORDS = ["speed", "success", "yield", "xp"] as const;

export const EffectSchema = strict({
  stat: text("speed, success, yield or xp."),
  add: Type.Number({ description: "0.25 is a quarter more." }),
  kind: nullable(text("Only for activities of this kind.")),
  activity: nullable(text("Only for this activity.")),
  untilMs: instant("It holds before this instant."),
});

export const PlayerSchema = strict(
  {
    playerId: Type.String(),
    catalog: text("Hash of the catalog that the player runs under."),
    skills: mapOf(
      strict({
        level: Type.Integer(),
        xp: Type.Integer(),
        nextLevelXp: nullable(
          Type.Integer({ description: "The xp that the next level asks for; null at the highest." }),
        ),
      }),
      "By skill.",
    ),
    items: amounts("What is in the inventory."),
    stash: amounts("What did not fit and waits to be claimed."),
    equipped: mapOf(Type.String(), "Item by slot."),
    effects: Type.Array(EffectSchema),
    lastSeenMs: instant("When the player was last seen, as stored: up to 12 hours old."),
    revision: integer("Counts commands and catalog moves: the ETag."),
    version: integer("Counts commits."),
    serverTimeMs: instant("Now, in player time."),
  },
  { $id: "Player" },
);

export type PlayerBody = Static<typeof PlayerSchema>;

export const KindTotalsSchema = strict({
  tasks: integer("Tasks that ended."),
  cycles: integer("Finished cycles."),
  failures: integer("Those of them that failed."),
  timeMs: integer("Their time."),
  rewards: amounts("Items that cycles gave."),
});

export const StatsSchema = strict(
  {
    kinds: mapOf(KindTotalsSchema, "Lifetime totals by kind of activity."),
    total: strict({
      tasks: Type.Integer(),
      cycles: Type.Integer(),
      failures: Type.Integer(),
      timeMs: Type.Integer(),
    }),
    revision: Type.Integer(),
    version: Type.Integer(),
    // Last: all that comes before them changes only with the record.
    asOfMs: instant(
      "The totals are as of this instant, in player time: now when the player asks; for others up to 10 minutes ago where a cache keeps them.",
    ),
    serverTimeMs: instant("Now, in player time."),
  },
  { $id: "Stats" },
);

export type StatsBody = Static<typeof StatsSchema>;
