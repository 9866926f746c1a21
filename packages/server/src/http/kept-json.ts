/**
 * JSON kept with what it was made from. A queue is asked for again and again while nothing changes but the time: its text
 * is made once per state and only the instant at its end is new.
 */
import type { VisibleState } from "@mainspring/core";
import type { PlayerView } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import { etagOf } from "./command-options.js";

const JSON_TYPE = "application/json; charset=utf-8";

/** A body that ends with the instant at which it was true. */
interface Dated {
  readonly serverTimeMs: number;
}

interface Kept {
  readonly version: number;
  /** Up to the instant. */
  readonly head: string;
  readonly etag: string;
}

export interface KeptJson {
  send(reply: FastifyReply, view: PlayerView): FastifyReply;
}

/** `bodyOf` must depend on the record alone, apart from `serverTimeMs`, which its schema names last. */
export function createKeptJson(bodyOf: (view: PlayerView) => Dated): KeptJson {
  const kept = new WeakMap<VisibleState, Kept>();
  const make = (reply: FastifyReply, view: PlayerView): Kept => {
    const json = reply.serializeInput({ ...bodyOf(view), serverTimeMs: 0 }, "200") as string;
    const tail = "0}";
    if (!json.endsWith(`"serverTimeMs":${tail}`)) throw new Error("serverTimeMs must come last.");
    return { version: view.version, head: json.slice(0, -tail.length), etag: etagOf(view.state.revision) };
  };
  return {
    send(reply, view) {
      let found = kept.get(view.state);
      // A commit that changed nothing that is shown but the version.
      if (found === undefined || found.version !== view.version) {
        found = make(reply, view);
        kept.set(view.state, found);
      }
      return reply.header("etag", found.etag).type(JSON_TYPE).send(`${found.head}${view.nowMs}}`);
    },
  };
}
