/** Requests over HTTP. */
import { counter, counters, durations, type Family, gauge, type Sample } from "./family.js";
import type { ServerStats } from "../numbers/http-stats.js";

function routesOf({ httpStats }: ServerStats) {
  return Object.entries(httpStats.byRoute).map(([name, stats]) => {
    const [method = "", route = ""] = name.split(" ");
    return { labels: { method, route }, stats };
  });
}

const requests: Family = {
  name: "mainspring_http_requests_total",
  type: "counter",
  help: "Requests answered, by method, route and class of status (4xx also: the client went away before the answer); (refused) at the door for load, (unknown) without a route, (broken) no HTTP.",
  samples: (numbers) =>
    routesOf(numbers).flatMap(({ labels, stats }): Sample[] => {
      const { successes, unchanged, clientErrors, serverErrors } = stats;
      const byClass = { "2xx": successes, "3xx": unchanged, "4xx": clientErrors, "5xx": serverErrors };
      return Object.entries(byClass).map(([status, value]) => ({ labels: { ...labels, status }, value }));
    }),
};

export const httpFamilies: readonly Family[] = [
  requests,
  durations(
    "http_request_duration",
    "From the arrival of a request to its answer, by method and route.",
    (numbers) =>
      routesOf(numbers).map(({ labels, stats: { requests: count, totalMs, atMost } }) => ({
        labels,
        count,
        totalMs,
        atMost,
      })),
  ),
  durations(
    "http_cached_read_duration",
    "The same of reads that were at hand: answered before the router, from the cache.",
    ({ httpStats }) => {
      const { requests: count, totalMs, atMost } = httpStats.cachedReads;
      return [{ labels: {}, count, totalMs, atMost }];
    },
  ),
  gauge(
    "http_connections",
    "Connections of clients that are open.",
    ({ httpStats }) => httpStats.connections.open,
  ),
  counter(
    "http_connections_accepted",
    "Connections of clients.",
    ({ httpStats }) => httpStats.connections.accepted,
  ),
  gauge(
    "overload_step",
    "What is refused for load: 0 nothing, 1 low priority, 2 reads too, 3 even commands.",
    ({ overloadStats }) => overloadStats?.step,
  ),
  gauge("overload_limit", "Requests that may be under way.", ({ overloadStats }) => overloadStats?.limit),
  gauge(
    "overload_in_flight",
    "Requests under way, as the limit counts them.",
    ({ overloadStats }) => overloadStats?.inFlight,
  ),
  counters(["overload_admitted", "priority"], "Requests that the limit let in, by priority.", (numbers) =>
    byPriority(numbers, "admitted"),
  ),
  counters(["overload_refused", "priority"], "Requests that the limit refused, by priority.", (numbers) =>
    byPriority(numbers, "refused"),
  ),
  counters(
    ["overload_refusals", "reason"],
    "Requests that the limit refused, by reason.",
    ({ overloadStats }) =>
      overloadStats && { load: overloadStats.refusedForLoad, memory: overloadStats.refusedForMemory },
  ),
  counters(
    ["overload_steps_entered", "step"],
    "How often each step was entered from below.",
    ({ overloadStats }) => overloadStats?.stepsEntered,
  ),
];

function byPriority({ overloadStats }: ServerStats, what: "admitted" | "refused") {
  if (overloadStats === null) return null;
  const { command, read, low } = overloadStats.byPriority;
  return { command: command[what], read: read[what], low: low[what] };
}
