/**
 * Which content of a player an answer shows, over HTTP: `Player-Version: <incarnation>.<version>`. A session that sends the last one it
 * got as `Player-At-Least` never sees an older one, whichever instance answers.
 */
import type { Stamp } from "@mainspring/engine";
import type { FastifyReply } from "fastify";

export const PLAYER_VERSION = "player-version";

export const PLAYER_AT_LEAST = "player-at-least";

const WHOLE_NUMBER = "(?:0|[1-9][0-9]{0,15})";

export const STAMP_PATTERN = `^${WHOLE_NUMBER}\\.${WHOLE_NUMBER}$`;

const STAMP = new RegExp(STAMP_PATTERN);

export function stampText({ incarnation, version }: Stamp): string {
  return `${incarnation}.${version}`;
}

/** The version that a header names; `null` if that isn't its form. */
export function stampOf(text: string): Stamp | null {
  if (!STAMP.test(text)) return null;
  const dot = text.indexOf(".");
  return { incarnation: Number(text.slice(0, dot)), version: Number(text.slice(dot + 1)) };
}

/** What a request demands, ready to be passed to the engine. Its form was checked by the route's schema. */
export function demandOf({ headers }: { readonly headers: { readonly [PLAYER_AT_LEAST]?: string } }): {
  readonly atLeast?: Stamp;
} {
  const text = headers[PLAYER_AT_LEAST];
  const atLeast = text === undefined ? null : stampOf(text);
  return atLeast === null ? {} : { atLeast };
}

/** The tag of an answer that shows a player at this revision. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** Gives an answer that shows or changes a player its version. */
export function tellVersion(reply: FastifyReply, shown: Stamp): void {
  reply.header(PLAYER_VERSION, stampText(shown));
}
