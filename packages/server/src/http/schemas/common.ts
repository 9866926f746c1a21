/** What the schemas are made of. They are the one source of validation, serialisation, OpenAPI and types. */
import { PLAYER_ID_PATTERN } from "@mainspring/engine";
import {
  type Static,
  type TInteger,
  type TObject,
  type TSchema,
  type TString,
  type TUnsafe,
  Type,
} from "typebox";

import { PLAYER_AT_LEAST, STAMP_PATTERN } from "../player-version.js";

/** Counts, amounts and instants are safe integers. */
const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** An object that knows all of its keys. */
export function strict<const T extends Record<string, TSchema>>(
  properties: T,
  options: { readonly $id?: string; readonly description?: string } = {},
): TObject<T> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

export function integer(description: string, { minimum = 0, maximum = MAX_INTEGER } = {}): TInteger {
  return Type.Integer({ minimum, maximum, description });
}

export function text(description: string): TString {
  return Type.String({ description });
}

/** One of several words. */
export function oneOf<const T extends readonly string[]>(words: T, description: string): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: "string", enum: [...words], description });
}

/** The same, or `null`. Not a union: a list of types is checked and written much faster. */
export function nullable<T extends TSchema & { readonly type: string }>(
  schema: T,
): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, "null"] });
}

/** A schema that others name by its `$id`. */
export function ref<T extends TSchema>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>(Type.Ref(idOf(schema)));
}

/** The same, or `null`. */
export function nullableRef<T extends TSchema>(schema: T, description: string): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ anyOf: [Type.Ref(idOf(schema)), { type: "null" }], description });
}

function idOf(schema: TSchema): string {
  const { $id } = schema as { readonly $id?: string };
  if ($id === undefined) throw new Error("Only a schema with an $id can be named by others.");
  return $id;
}

/** An object from ids to whole numbers. Any id is safe as a key. */
export function amounts(
  description: string,
  { minimum = 0, maximum = MAX_INTEGER } = {},
): TUnsafe<Readonly<Record<string, number>>> {
  return Type.Unsafe<Readonly<Record<string, number>>>({
    type: "object",
    additionalProperties: { type: "integer", minimum, maximum },
    description,
  });
}

/** An object from ids to something. */
export function mapOf<T extends TSchema>(
  schema: T,
  description: string,
): TUnsafe<Readonly<Record<string, Static<T>>>> {
  return Type.Unsafe<Readonly<Record<string, Static<T>>>>({
    type: "object",
    additionalProperties: schema,
    description,
  });
}

/** Instants are milliseconds since 1970 (UTC) in player time: the server's clock, except for fast-forwarded players. */
export const instant = (description: string): TInteger =>
  integer(`${description} Milliseconds since 1970, UTC.`);

export const nullableInstant = (description: string): TUnsafe<number | null> =>
  nullable(instant(description));

/** `isExact` of a forecast's time, beside it under a name of its own. */
export const exact = (of: string) =>
  Type.Boolean({ description: `Nothing but a command can change ${of}: no roll does.` });

export const PlayerParams = strict({
  id: Type.String({
    pattern: PLAYER_ID_PATTERN,
    description: "A player's id is 1 to 64 of A–Z a–z 0–9 . _ : @ | -.",
  }),
});

export const TaskParams = strict({
  ...PlayerParams.properties,
  taskId: integer("The task's number.", { minimum: 1 }),
});

const atLeast = {
  [PLAYER_AT_LEAST]: Type.Optional(
    Type.String({
      pattern: STAMP_PATTERN,
      description:
        "The Player-Version that an answer came with: <incarnation>.<version>, for example 1767225600000.7. No older content is an answer.",
    }),
  ),
};

/** Headers that every read of a player takes. */
export const ReadHeaders = Type.Object({ ...atLeast });

/** Headers that every command takes. A command is never decided on anything but the newest content. */
export const CommandHeaders = Type.Object({
  ...atLeast,
  "idempotency-key": Type.Optional(
    Type.String({
      pattern: "^[\\u0021-\\u007e]{1,128}$",
      description:
        "1 to 128 visible ASCII characters without blanks. A repeat with the same key gets the first one's answer.",
    }),
  ),
  "if-match": Type.Optional(
    Type.String({
      pattern: '^(\\*|(W/)?"(0|[1-9][0-9]{0,15})")$',
      description:
        'The ETag that an answer came with, for example "7", or *. The command is refused if the player\'s revision is another by now.',
    }),
  ),
});

/** An answer that isn't the one that was hoped for. */
export const ProblemSchema = Type.Object(
  {
    type: text("A name for the code: urn:mainspring:error:CODE."),
    title: text("What the code means."),
    status: Type.Integer(),
    code: text("Stable. See docs/errors.md."),
    detail: text("What is wrong with this request, and what helps."),
    canRetry: Type.Boolean({ description: "The same request may succeed later without being changed." }),
    requestId: Type.Optional(text("Names the request in the server's log.")),
  },
  { $id: "Problem", additionalProperties: true },
);

const problemAnswer = {
  description: "What went wrong.",
  content: { "application/problem+json": { schema: Type.Ref("Problem") } },
};

/** The answers of a route that can fail. */
export const PROBLEMS = { "4xx": problemAnswer, "5xx": problemAnswer } as const;
