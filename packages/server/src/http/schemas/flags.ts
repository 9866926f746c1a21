/** The switches of the layers, as operators see and set them. */
import { PLAYER_ID_PATTERN } from "@mainspring/engine";
import { type Layer, LAYERS } from "@mainspring/engine/flags";
import { type Static, Type } from "typebox";
import { instant, integer, nullable, nullableInstant, oneOf, strict, text } from "./common.js";

const playerList = (description: string) =>
  Type.Array(Type.String({ pattern: PLAYER_ID_PATTERN }), { maxItems: 1_000, description });

const share = Type.Number({
  minimum: 0,
  maximum: 100,
  description:
    "On for this share of the players, always the same ones; a larger share contains the smaller. Two decimals.",
});

const setting = {
  percent: share,
  players: playerList("And for these."),
  except: playerList("But never for these."),
};

const outline = {
  percent: share,
  playerCount: integer("Players for whom it is on in any case."),
  exceptCount: integer("Players for whom it is never on."),
};

const nullableMs = (description: string) => nullable(Type.Number({ minimum: 0, description }));

const arm = strict({
  requests: integer("Of the last 30 s, of this process."),
  errors: integer("Ended with an error that is ours, or were refused for overload."),
  wrong: integer("Answers that the plain path contradicts. Only a sample is checked."),
  p50Ms: nullableMs("Half of them took no longer. Null without any."),
  p99Ms: nullableMs("All but one in a hundred took no longer."),
});

const facts = {
  isGuarded: Type.Boolean({
    description: "The guard takes a change back when those whom it reached fare worse.",
  }),
  isBuiltIn: Type.Boolean({ description: "Whether this instance can switch it on." }),
  notBuiltInBecause: nullable(text("Why not, and what helps.")),
  isOfWholeProcess: Type.Boolean({ description: "It is on or off for everybody." }),
  changedAtMs: nullableInstant("When it was switched (server time). Null: it is as configured."),
  changedBy: nullable(text("An administrator, guard, or configuration.")),
  reason: nullable(text("Why.")),
  reverts: strict(
    {
      errors: integer("More requests failed."),
      slowness: integer("The slowest requests took longer."),
      wrongAnswers: integer("Answers differed from those of the plain path."),
    },
    { description: "How often the guard of this process took a change back, by what it found." },
  ),
  arms: Type.Unsafe<{ on: Static<typeof arm>; off: Static<typeof arm> } | null>({
    ...strict({ on: arm, off: arm }),
    type: ["object", "null"],
    description:
      "How requests of those fare for whom it is on, and off. Null unless it is partly rolled out.",
  }),
};

const layers = <T>(schema: object): ReturnType<typeof Type.Unsafe<Readonly<Record<Layer, T>>>> =>
  Type.Unsafe<Readonly<Record<Layer, T>>>({
    type: "object",
    additionalProperties: false,
    required: [...LAYERS],
    properties: Object.fromEntries(LAYERS.map((layer) => [layer, schema])),
    description: "By layer.",
  });

const whole = {
  version: integer("Of the stored switches, for ifVersion. 0: nothing was ever switched."),
  reverts: integer("Changes that the guard of this process took back."),
  history: Type.Array(
    strict({
      atMs: instant("Server time."),
      layer: text("Which one."),
      by: text("An administrator, guard, or configuration."),
      reason: nullable(text("Why.")),
      from: strict(outline),
      to: strict(outline),
    }),
    { description: "Newest first, at most 50." },
  ),
};

const viewedLayer = strict({ ...setting, ...facts, configured: strict(setting) });
const countedLayer = strict({ ...outline, ...facts, configured: strict(outline) });

export const FlagsSchema = Type.Object(
  { ...whole, layers: layers<Static<typeof viewedLayer>>(viewedLayer) },
  { $id: "Flags", additionalProperties: false },
);

/** Without anybody's id. */
export const FlagStatsSchema = Type.Object(
  { ...whole, layers: layers<Static<typeof countedLayer>>(countedLayer) },
  { $id: "FlagStats", additionalProperties: false },
);

export const FlagParams = strict({ layer: oneOf(LAYERS, "Which layer.") });

const change = {
  reason: Type.Optional(Type.String({ maxLength: 512, description: "Why, for the history." })),
  ifVersion: Type.Optional(integer("Refuse unless the switches still have this version.")),
};

export const SetFlagBodySchema = strict({
  percent: share,
  players: Type.Optional(setting.players),
  except: Type.Optional(setting.except),
  isGuarded: Type.Optional(Type.Boolean({ description: "Default: true." })),
  ...change,
});

export const ResetFlagBodySchema = strict(change);
