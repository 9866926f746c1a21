/**
 * Counts requests: by route, method and class of status, with how long they took. What is counted costs two increments; everything else is
 * computed when somebody looks.
 */
import { createLatencyHistogram, type LatencyHistogram } from "@mainspring/engine";
import type { Timers } from "@mainspring/engine/ports";
import { createArrivals } from "./arrivals.js";
import type { CachedReadStats, HttpStats, RouteStats } from "./http-stats.js";

/** Counts the requests of one route. */
export interface RouteNumbers {
  answered(status: number, arrivedAtMs: number): void;
}

export interface HttpNumbers {
  /** When the request that is looked at now arrived. */
  readonly arrivedAtMs: () => number;
  /** The same one for the same method and template. To be asked for once, not for each request. */
  route(method: string, template: string): RouteNumbers;
  /** Of a route, those that are answered before the router. */
  cachedReads(method: string, template: string): RouteNumbers;
  connected(): void;
  disconnected(): void;
  stats(): HttpStats;
}

/** Methods come from clients: one that isn't known is counted under this name. */
const OTHER_METHOD = "OTHER";
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function createHttpNumbers(timers: Timers): HttpNumbers {
  const routes = new Map<string, CountedRoute>();
  const cached = createLatencyHistogram(timers.nowMs());
  const connections = { open: 0, accepted: 0 };
  const find = (method: string, template: string): CountedRoute => {
    const name = `${METHODS.has(method) ? method : OTHER_METHOD} ${template}`;
    const found = routes.get(name);
    if (found !== undefined) return found;
    const made = createRoute(timers);
    routes.set(name, made);
    return made;
  };
  return {
    arrivedAtMs: createArrivals({ nowMs: () => timers.nowMs(), afterTurn: setImmediate }),
    route: find,
    cachedReads(method, template) {
      const route = find(method, template);
      return {
        answered(status, arrivedAtMs) {
          const nowMs = timers.nowMs();
          route.add(status, nowMs - arrivedAtMs, nowMs);
          cached.add(nowMs - arrivedAtMs, nowMs);
        },
      };
    },
    connected() {
      connections.open += 1;
      connections.accepted += 1;
    },
    disconnected() {
      connections.open -= 1;
    },
    stats() {
      const nowMs = timers.nowMs();
      const asked = [...routes].filter(([, route]) => route.isAsked());
      return {
        byRoute: Object.fromEntries(asked.map(([name, route]) => [name, route.stats(nowMs)])),
        cachedReads: requestsOf(cached, nowMs),
        connections: { ...connections },
      };
    },
  };
}

/** Counts nothing, and costs as much. */
export function createNoNumbers(): HttpNumbers {
  const ignore = (): void => undefined;
  const uncounted: RouteNumbers = { answered: ignore };
  const nothing = createHttpNumbers({ nowMs: () => 0, after: () => ignore });
  return {
    arrivedAtMs: () => 0,
    route: () => uncounted,
    cachedReads: () => uncounted,
    connected: ignore,
    disconnected: ignore,
    stats: () => nothing.stats(),
  };
}

interface CountedRoute extends RouteNumbers {
  add(status: number, durationMs: number, nowMs: number): void;
  isAsked(): boolean;
  stats(nowMs: number): RouteStats;
}

function createRoute(timers: Timers): CountedRoute {
  // By the first digit of the status.
  const byClass = new Float64Array(10);
  const latency = createLatencyHistogram(timers.nowMs());
  const add = (status: number, durationMs: number, nowMs: number): void => {
    const digit = (status / 100) | 0;
    byClass[digit] = (byClass[digit] ?? 0) + 1;
    latency.add(durationMs, nowMs);
  };
  return {
    add,
    answered(status, arrivedAtMs) {
      const nowMs = timers.nowMs();
      add(status, nowMs - arrivedAtMs, nowMs);
    },
    isAsked: () => byClass.some((count) => count > 0),
    stats(nowMs) {
      const [, informed = 0, successes = 0, unchanged = 0, clientErrors = 0, serverErrors = 0] = byClass;
      return {
        ...requestsOf(latency, nowMs),
        successes: informed + successes,
        unchanged,
        clientErrors,
        serverErrors,
      };
    },
  };
}

function requestsOf(latency: LatencyHistogram, nowMs: number): CachedReadStats {
  const { count: requests, ...rest } = latency.stats(nowMs);
  return { requests, ...rest };
}
