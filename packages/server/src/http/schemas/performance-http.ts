/** The numbers of HTTP. */
import { integer, mapOf, strict } from "./common.js";
import { latencyParts } from "./performance-latency.js";

const requests = integer("Counter.");

export const httpStats = strict({
  byRoute: mapOf(
    strict({
      requests,
      successes: integer("Counter: status 2xx."),
      unchanged: integer("Counter: status 3xx, nothing new."),
      clientErrors: integer("Counter: status 4xx, or the client went away before the answer."),
      serverErrors: integer("Counter: status 5xx."),
      ...latencyParts,
    }),
    "By method and template, GET /v1/players/:id/queue for example; (unknown), (refused) and (broken) stand where there is none.",
  ),
  cachedReads: strict(
    { requests, ...latencyParts },
    { description: "Reads that were at hand, answered before the router. They are in byRoute as well." },
  ),
  connections: strict({ open: integer("Connections of clients now."), accepted: integer("Counter.") }),
});
