/** Counts what Fastify answers, and the connections. What is answered before Fastify counts itself. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./app.js";
import type { HttpNumbers, RouteNumbers } from "./numbers/http-numbers.js";
import { CLIENT_GONE } from "./numbers/http-stats.js";

declare module "fastify" {
  interface FastifyRequest {
    /** By the clock of the numbers. */
    arrivedAtMs: number;
    /** Those of its route; `null`: it hasn't come so far. */
    routeNumbers: RouteNumbers | null;
  }
}

/** To be called before any route is added: each gets counters of its own, so that none has to be looked up for a request. */
export function countRequests(app: App, numbers: HttpNumbers): void {
  app.decorateRequest("arrivedAtMs", 0).decorateRequest("routeNumbers", null);
  app.addHook("onRequest", (request, reply, done) => {
    request.arrivedAtMs = numbers.arrivedAtMs();
    // It comes for every answer, and where there is nobody any more to answer: uncounted, the slowest requests would be missing.
    reply.raw.once("close", () => count(request, reply, numbers));
    done();
  });
  app.addHook("onRoute", (route) => {
    const counters = new Map(
      [route.method].flat().map((method) => [method, numbers.route(method, route.url)]),
    );
    const [only] = counters.size === 1 ? counters.values() : [];
    route.onRequest = [
      (request, _reply, done) => {
        request.routeNumbers = only ?? counters.get(request.method) ?? null;
        done();
      },
      ...[route.onRequest ?? []].flat(),
    ];
  });
  app.server.on("connection", (socket) => {
    numbers.connected();
    socket.once("close", () => numbers.disconnected());
  });
}

function count(request: FastifyRequest, reply: FastifyReply, numbers: HttpNumbers): void {
  const status = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_GONE;
  const counters = request.routeNumbers ?? numbersOfRoute(request, numbers);
  counters?.answered(status, request.arrivedAtMs);
}

/** Of a request that was refused before its route was asked; `null`: there is none, and who says so has counted it. */
function numbersOfRoute({ method, routeOptions }: FastifyRequest, numbers: HttpNumbers): RouteNumbers | null {
  return routeOptions.url === undefined ? null : numbers.route(method, routeOptions.url);
}
