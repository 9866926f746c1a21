/** Commands on their way to the engine: what their headers, and who sends them, mean to it. */
import type { Command } from "@mainspring/core";
import type { ApplyOptions, CommandOutcome, Engine } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import type { Caller } from "../auth/authenticate.js";
import { callerOf, isOwn } from "./access.js";
import { type CloseLook, tracedBy } from "./close-looks.js";
import { etagOf, tellVersion } from "./player-version.js";

export interface CommandRequest {
  readonly caller: Caller | null;
  readonly id: string;
  readonly look: CloseLook | null;
  readonly params: { readonly id: string };
  readonly headers: { readonly "idempotency-key"?: string; readonly "if-match"?: string };
}

function applyOptions(request: CommandRequest, reason: string | undefined): ApplyOptions {
  const { "idempotency-key": key, "if-match": ifMatch } = request.headers;
  const revision = ifMatch === undefined ? null : revisionOf(ifMatch);
  return {
    asPlayer: isOwn(request),
    actor: callerOf(request).actor,
    ...tracedBy(request),
    ...(key === undefined ? {} : { key }),
    ...(revision === null ? {} : { ifRevision: revision }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Weak tags count as well: proxies that compress weaken them. `*` asks for nothing: a player that isn't there is refused anyway. */
function revisionOf(ifMatch: string): number | null {
  return ifMatch === "*" ? null : Number(/[0-9]+/.exec(ifMatch)?.[0]);
}

export type Apply = (
  exchange: { readonly request: CommandRequest; readonly reply: FastifyReply },
  command: Command,
  reason?: string,
) => Promise<CommandOutcome>;

/** Gives commands to the engine, and their answers the headers. */
export function createApply(engine: Engine): Apply {
  return async ({ request, reply }, command, reason) => {
    const outcome = await engine.apply(request.params.id, command, applyOptions(request, reason));
    tellVersion(reply, outcome.view);
    reply.header("etag", etagOf(outcome.view.state.revision));
    if (outcome.isReplayed) reply.header("idempotent-replayed", "true");
    return outcome;
  };
}
