/** Who may do what. Looked at before a body is read. */
import { MainspringError } from "@mainspring/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../auth/authenticate.js";
import type { Access, App } from "./app.js";
import type { Callers } from "./fast-reads/callers.js";

/**
 * Puts a guard before every route that is added from now on: it finds out who is calling and turns away who may not, without
 * a turn of the event loop where it can. One for each route, since to look up a route's settings costs more than the guard.
 */
export function guardRoutes(app: App, callers: Callers): void {
  app.addHook("onRoute", (route) => {
    // A route that says nothing is for admins: to forget it must not open a door.
    const access = route.config?.access ?? "admin";
    if (access === "open") return;
    route.onRequest = [guard(callers, access), ...[route.onRequest ?? []].flat()];
  });
}

function guard(callers: Callers, access: Access) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const step = request.look?.trace.begin("auth");
    const admit = (caller: Caller): void => {
      step?.end();
      request.caller = caller;
      done(refusal(caller, access, request));
    };
    const refuse = (error: Error): void => {
      step?.end(error);
      done(error);
    };
    try {
      const found = callers.find(request);
      if ("then" in found) found.then(admit, refuse);
      else admit(found);
    } catch (error) {
      refuse(error as Error);
    }
  };
}

function refusal(caller: Caller, access: Access, request: FastifyRequest): MainspringError | undefined {
  if (caller.isAdmin || access === "known") return undefined;
  if (access === "admin") return new MainspringError("FORBIDDEN", "This needs a token with the scope admin.");
  if (caller.playerId === idOf(request)) return undefined;
  return new MainspringError("FORBIDDEN", "The token is another player's.");
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

/** The caller of a request that the guard let in. */
export function callerOf(request: { readonly caller: Caller | null }): Caller {
  if (request.caller === null)
    throw new MainspringError("INTERNAL", "A route without a caller asks for one.");
  return request.caller;
}

/** Whether a request is the player's own: then the player counts as seen, and is made if there is none. */
export function isOwn(request: {
  readonly caller: Caller | null;
  readonly params: { readonly id: string };
}): boolean {
  return callerOf(request).playerId === request.params.id;
}
