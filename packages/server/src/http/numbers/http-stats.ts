/** What the server counts of its requests: beside `PerformanceStats`, which knows nothing of HTTP. */
import type { LatencyStats, PerformanceStats } from "@mainspring/engine";

export interface RouteStats extends Omit<LatencyStats, "count"> {
  readonly requests: number;
  /** By class of status: 2xx, 3xx (nothing new), 4xx (and those whose client went away before the answer), 5xx. */
  readonly successes: number;
  readonly unchanged: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

export interface CachedReadStats extends Omit<LatencyStats, "count"> {
  readonly requests: number;
}

/** Counters since the start; percentiles of the last minute. From arrival to answer, the wait in the turn of the event loop included. */
export interface HttpStats {
  /** By method and template, `GET /v1/players/:id/queue` for example. Those that were asked for. */
  readonly byRoute: Readonly<Record<string, RouteStats>>;
  /** Reads that were at hand, answered before the router. They are in `byRoute` as well. */
  readonly cachedReads: CachedReadStats;
  readonly connections: { readonly open: number; readonly accepted: number };
}

/** All numbers of a server: what `/v1/admin/performance` shows, and what metrics are made of. */
export interface ServerStats extends PerformanceStats {
  readonly httpStats: HttpStats;
}

/** What stands for the address where there is none: no such address, refused at the door for load, and no HTTP at all. */
export const UNKNOWN_ROUTE = "(unknown)";
export const REFUSED_ROUTE = "(refused)";
export const BROKEN_ROUTE = "(broken)";

/** The status of a request whose client went away before its answer. */
export const CLIENT_GONE = 499;
