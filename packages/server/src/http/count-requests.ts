/** Counts what Fastify answers, and the connections. What is answered before Fastify counts itself. */
import type { App } from "./app.js";
import type { HttpNumbers } from "./numbers/http-numbers.js";

declare module "fastify" {
  interface FastifyRequest {
    /** By the clock of the numbers. */
    arrivedAtMs: number;
  }
}

/** To be called before any route is added: each gets counters of its own, so that none has to be looked up for a request. */
export function countRequests(app: App, numbers: HttpNumbers): void {
  app.decorateRequest("arrivedAtMs", 0);
  app.addHook("onRequest", (request, _reply, done) => {
    request.arrivedAtMs = numbers.arrivedAtMs();
    done();
  });
  app.addHook("onRoute", (route) => {
    const counters = new Map(
      [route.method].flat().map((method) => [method, numbers.route(method, route.url)]),
    );
    const [only] = counters.size === 1 ? counters.values() : [];
    route.onResponse = [
      (request, reply, done) => {
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
