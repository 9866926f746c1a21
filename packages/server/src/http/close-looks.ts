/**
 * Which requests are looked at closely: those that are traced, and those whose client wants to know how long the steps took. It is decided
 * once for each request; for all others nothing is done.
 */
import type { IncomingMessage } from "node:http";
import type { Trace, Traced, TraceFacts } from "@mainspring/engine";
import type { FastifyRequest } from "fastify";
import type { RequestTrace, Tracing } from "../tracing/tracing.js";
import type { App } from "./app.js";
import { CLIENT_GONE } from "./numbers/http-stats.js";
import { createServerTiming, prefersServerTiming, type ServerTiming } from "./server-timing.js";

export interface CloseLook {
  /** Told of each step. */
  readonly trace: Trace;
  /** `null`: it isn't traced. */
  readonly traced: RequestTrace | null;
  /** `null`: its client doesn't ask. */
  readonly timing: ServerTiming | null;
}

export interface CloseLooks {
  /** `null`: it isn't looked at. */
  of(request: IncomingMessage): CloseLook | null;
}

const LOOK = Symbol("close look");

export function createCloseLooks(tracing: Tracing | null, nowMs: () => number): CloseLooks {
  /** Nearly all are not looked at, and a mark on each would cost more than all else here. It is asked for again in the same turn, if at all. */
  let lastUnseen: IncomingMessage | null = null;
  return {
    of(request) {
      if (request === lastUnseen) return null;
      const decided = (request as { [LOOK]?: CloseLook })[LOOK];
      if (decided !== undefined) return decided;
      const { prefer } = request.headers;
      const timing = prefer !== undefined && prefersServerTiming(prefer) ? createServerTiming(nowMs) : null;
      if (tracing === null && timing === null) return null;
      const traced = tracing?.begin(request) ?? null;
      const trace = together(traced, timing);
      if (trace === null) {
        lastUnseen = request;
        return null;
      }
      const look = { trace, traced, timing };
      (request as { [LOOK]?: CloseLook })[LOOK] = look;
      return look;
    },
  };
}

function together(one: Trace | null, other: Trace | null): Trace | null {
  if (one === null || other === null) return one ?? other;
  return both(one, other);
}

function both(one: Trace, other: Trace): Trace {
  return {
    begin: (name: string, facts?: TraceFacts) => both(one.begin(name, facts), other.begin(name, facts)),
    end(error) {
      one.end(error);
      other.end(error);
    },
  };
}

declare module "fastify" {
  interface FastifyRequest {
    /** `null`: as most requests, it isn't looked at. */
    look: CloseLook | null;
  }
}

/** What the engine is to be told of a request. */
export function tracedBy({ id, look }: Pick<FastifyRequest, "id" | "look">): Traced {
  return look === null ? { requestId: id } : { requestId: id, trace: look.trace };
}

/** To be called before any route is added. */
export function lookClosely(app: App, looks: CloseLooks): void {
  app.decorateRequest("look", null);
  app.addHook("onRequest", (request, reply, done) => {
    const look = looks.of(request.raw);
    if (look === null) return done();
    request.look = look;
    look.timing?.tellWith(reply.raw);
    // Ended or broken off.
    reply.raw.once("close", () => {
      const { method, id: requestId, routeOptions } = request;
      const route = routeOptions.url ?? "(unknown)";
      const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_GONE;
      look.traced?.answered({ method, route, status, requestId });
      look.trace.end();
    });
    done();
  });
}
