/**
 * JSON kept with what it was made from. A queue is asked for again and again while nothing changes but the time: its text
 * is made once per state and only the instants at its end are new.
 */
import { Buffer } from "node:buffer";
import type { VisibleState } from "@mainspring/core";
import type { PlayerView } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import { etagOf, PLAYER_VERSION, stampText } from "./player-version.js";

export const JSON_TYPE = "application/json; charset=utf-8";

/** What is shown apart from the text: of whom it is, and what the tag says. */
interface Shown {
  readonly incarnation: number;
  readonly version: number;
  readonly revision: number;
}

export interface Kept {
  readonly version: number;
  /** Up to the instant. */
  readonly head: string;
  readonly headBytes: number;
  readonly etag: string;
  /** `<incarnation>.<version>` */
  readonly playerVersion: string;
}

export interface KeptJson {
  /** The text for this view, made before or now; `null`: nothing of its kind was made yet. */
  find(view: PlayerView): Kept | null;
  /** The text for this view. */
  make(reply: unknown, view: PlayerView): Kept;
  send(reply: FastifyReply, view: PlayerView): FastifyReply;
}

type Serialize = (body: Readonly<Record<string, unknown>>) => string;

/** `bodyOf` must depend on the record alone, apart from `serverTimeMs`, which its schema names last. */
export function createKeptJson(bodyOf: (view: PlayerView) => object): KeptJson {
  const kept = new WeakMap<VisibleState, Kept>();
  let serialize: Serialize | null = null;
  const keep = (view: PlayerView, by: Serialize): Kept => {
    const { state, version } = view;
    const found = kept.get(state);
    // A commit that changed nothing that is shown but the version.
    if (found?.version === version) return found;
    const head = headOf(by, bodyOf(view), ["serverTimeMs"]);
    const made = {
      version,
      head,
      headBytes: Buffer.byteLength(head),
      etag: etagOf(state.revision),
      playerVersion: stampText(view),
    };
    kept.set(state, made);
    return made;
  };
  const make: KeptJson["make"] = (reply, view) => keep(view, (serialize ??= serializerOf(reply)));
  return {
    find(view) {
      try {
        return serialize && keep(view, serialize);
      } catch {
        // On Fastify's way it fails again, and there it has an answer.
        return null;
      }
    },
    make,
    send: (reply, view) => {
      const { state, nowMs, incarnation, version } = view;
      const { head } = make(reply, view);
      return sendJson(reply, { incarnation, version, revision: state.revision }, `${head}${nowMs}}`);
    },
  };
}

/** The text of a body up to the instants that its schema names last. They follow, the first one's name being there already. */
export function headOf(serialize: Serialize, body: object, instants: readonly string[]): string {
  const zeros = instants.map((name) => `"${name}":0`).join(",");
  const json = serialize({ ...body, ...Object.fromEntries(instants.map((name) => [name, 0])) });
  if (!json.endsWith(`${zeros}}`)) throw new Error(`${instants.join(", ")} must come last.`);
  return json.slice(0, json.length - zeros.length - "}".length) + `"${instants[0] ?? ""}":`;
}

/** What makes the text of a route's answers, by its schema. */
export function serializerOf(reply: unknown): Serialize {
  const serialize = (reply as FastifyReply).getSerializationFunction("200");
  if (serialize === undefined) throw new Error("The route has a schema for its answers.");
  return serialize;
}

export function sendJson(reply: FastifyReply, shown: Shown, json: string): FastifyReply {
  return reply
    .header(PLAYER_VERSION, stampText(shown))
    .header("etag", etagOf(shown.revision))
    .type(JSON_TYPE)
    .send(json);
}
