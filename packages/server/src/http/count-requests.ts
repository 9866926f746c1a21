/** Counts what Fastify answers, and the connections. What is answered before Fastify counts itself. */
import type { App } from "./app.js";
import type { HttpNumbers } from "./numbers/http-numbers.js";
import { CLIENT_GONE } from "./numbers/http-stats.js";

declare module "fastify" {
  interface FastifyRequest {
    /** By the clock of the numbers. */
    arrivedAtMs: number;
    isCounted: boolean;
  }
}

/** To be called before any route is added: each gets counters of its own, so that none has to be looked up for a request. */
export function countRequests(app: App, numbers: HttpNumbers): void {
  app.decorateRequest("arrivedAtMs", 0).decorateRequest("isCounted", false);
  app.addHook("onRequest", (request, reply, done) => {
    request.arrivedAtMs = numbers.arrivedAtMs();
    // Nobody is told of an answer that had nobody to go to. Uncounted, the slowest requests would be missing: those given up.
    reply.raw.once("close", () => {
      const { url } = request.routeOptions;
      if (request.isCounted || reply.raw.writableFinished || url === undefined) return;
      request.isCounted = true;
      numbers.route(request.method, url).answered(CLIENT_GONE, request.arrivedAtMs);
    });
    done();
  });
  app.addHook("onRoute", (route) => {
    const counters = new Map(
      [route.method].flat().map((method) => [method, numbers.route(method, route.url)]),
    );
    const [only] = counters.size === 1 ? counters.values() : [];
    route.onResponse = [
      (request, reply, done) => {
        if (request.isCounted) return done();
        request.isCounted = true;
        (only ?? counters.get(request.method))?.answered(reply.statusCode, request.arrivedAtMs);
        done();
      },
      ...[route.onResponse ?? []].flat(),
    ];
  });
  app.server.on("connection", (socket) => {
    numbers.connected();
    socket.once("close", () => numbers.disconnected());
  });
}
