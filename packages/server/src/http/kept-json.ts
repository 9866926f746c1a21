/**
 * JSON kept with what it was made from. A queue is asked for again and again while nothing changes but the time: its text
 * is made once per state and only the instant at its end is new.
 */
import { Buffer } from "node:buffer";
import type { VisibleState } from "@mainspring/core";
import type { PlayerView } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import { etagOf, PLAYER_VERSION, stampText } from "./player-version.js";

export const JSON_TYPE = "application/json; charset=utf-8";

/** A body that ends with the instant at which it was true. */
interface Dated {
  readonly serverTimeMs: number;
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
  /** What was made for this view before; `null`: nothing yet. */
  find(view: PlayerView): Kept | null;
  send(reply: FastifyReply, view: PlayerView): FastifyReply;
}

/** `bodyOf` must depend on the record alone, apart from `serverTimeMs`, which its schema names last. */
export function createKeptJson(bodyOf: (view: PlayerView) => Dated): KeptJson {
  const kept = new WeakMap<VisibleState, Kept>();
  const find = (view: PlayerView): Kept | null => {
    const found = kept.get(view.state);
    // A commit that changed nothing that is shown but the version.
    return found?.version === view.version ? found : null;
  };
  const make = (reply: FastifyReply, view: PlayerView): Kept => {
    const json = reply.serializeInput({ ...bodyOf(view), serverTimeMs: 0 }, "200") as string;
    const tail = "0}";
    if (!json.endsWith(`"serverTimeMs":${tail}`)) throw new Error("serverTimeMs must come last.");
    const head = json.slice(0, -tail.length);
    const made = {
      version: view.version,
      head,
      headBytes: Buffer.byteLength(head),
      etag: etagOf(view.state.revision),
      playerVersion: stampText(view),
    };
    kept.set(view.state, made);
    return made;
  };
  return {
    find,
    send(reply, view) {
      const { head, etag, playerVersion } = find(view) ?? make(reply, view);
      return reply
        .header(PLAYER_VERSION, playerVersion)
        .header("etag", etag)
        .type(JSON_TYPE)
        .send(`${head}${view.nowMs}}`);
    },
  };
}
