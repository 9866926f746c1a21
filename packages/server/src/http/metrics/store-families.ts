/** The store, the batches in front of it, and the connections to it. */
import { counter, counters, durations, type Family, gauge, gauges } from "./family.js";
import type { ServerStats } from "../numbers/http-stats.js";

/** Where the batcher is on. */
function batcherOf({ storeStats }: ServerStats) {
  return storeStats.batcher;
}

const PRIORITIES = ["command", "milestone", "bulk"] as const;

const batchFamilies: readonly Family[] = [
  counter("batches", "Batches sent.", ({ batchStats }) => batchStats.batches),
  counter("batch_operations", "Operations in them.", ({ batchStats }) => batchStats.operations),
  gauge("batch_backlog", "Operations given and not answered yet.", ({ batchStats }) => batchStats.pending),
  gauge("batch_backlog_bytes", "What they hold.", (numbers) => batcherOf(numbers)?.pendingBytes),
  gauge("batches_in_flight", "Batches under way.", (numbers) => batcherOf(numbers)?.inFlightBatches),
  gauges(["batch_waiting", "priority"], "Operations that wait to be sent, by priority.", (numbers) => {
    const waiting = batcherOf(numbers)?.waiting;
    return waiting && Object.fromEntries(PRIORITIES.map((name, index) => [name, waiting[index] ?? 0]));
  }),
  counter(
    "batch_refused",
    "Operations refused since too many waited already.",
    (numbers) => batcherOf(numbers)?.refused,
  ),
  counter("batch_retried", "Operations that were sent again.", (numbers) => batcherOf(numbers)?.retried),
  counter(
    "batch_coalesced",
    "Operations that travelled as part of another.",
    (numbers) => batcherOf(numbers)?.coalesced,
  ),
];

const poolFamilies: readonly Family[] = [
  gauges(["pool_connections", "state"], "Connections to the store.", ({ poolStats }) => {
    if (poolStats === null) return null;
    const { busy, idle, checking, connecting } = poolStats.connections;
    return { busy, idle, checking, connecting };
  }),
  gauge("pool_max_connections", "database.maxConnections.", ({ poolStats }) => poolStats?.maxConnections),
  gauge("pool_waiting", "Requests without a connection.", ({ poolStats }) => poolStats?.waiting),
  gauge(
    "pool_max_waiting",
    "Requests that may wait for a connection.",
    ({ poolStats }) => poolStats?.maxWaiting,
  ),
  counter(
    "pool_requests",
    "Requests to the store by way of the pool.",
    ({ poolStats }) => poolStats?.requests,
  ),
  counters(["pool_failures", "cause"], "Requests without an answer.", ({ poolStats }) => poolStats?.failures),
  counter("pool_opened", "Connections opened.", ({ poolStats }) => poolStats?.opened),
  counter(
    "pool_opening_failures",
    "Connections that could not be opened.",
    ({ poolStats }) => poolStats?.openingFailures,
  ),
  counters(["pool_closed", "cause"], "Connections closed.", ({ poolStats }) => poolStats?.closed),
];

const databaseFamilies: readonly Family[] = [
  counters(
    ["database_requests", "operation"],
    "Requests sent to the database.",
    ({ storeStats }) => storeStats.database?.requests,
  ),
  counters(
    ["database_units", "kind"],
    "Capacity units, as the database tells.",
    ({ storeStats: { database } }) => database && { read: database.readUnits, write: database.writeUnits },
  ),
  counter(
    "database_retries",
    "Requests that were sent again.",
    ({ storeStats }) => storeStats.database?.retries,
  ),
  counter(
    "database_throttles",
    "Answers that asked for less.",
    ({ storeStats }) => storeStats.database?.throttles,
  ),
  gauge(
    "database_unsaved_events",
    "Events that only records hold so far.",
    ({ storeStats }) => storeStats.database?.unsavedEvents,
  ),
];

export const storeFamilies: readonly Family[] = [
  counter("store_records_read", "Records read.", ({ storeStats }) => storeStats.reads),
  counter("store_records_written", "Records written.", ({ storeStats }) => storeStats.writes),
  counter("store_conflicts", "Writes that found another version.", ({ storeStats }) => storeStats.conflicts),
  gauge("store_pending", "Writes waiting or under way.", ({ storeStats }) => storeStats.pending),
  durations(
    "store_call_duration",
    "Calls of the bare store, below all layers: read and commit.",
    ({ storeStats: { calls } }) =>
      calls === undefined
        ? []
        : [
            { labels: { call: "read" }, ...calls.read },
            { labels: { call: "commit" }, ...calls.commit },
          ],
  ),
  counters(
    ["store_errors", "code"],
    "Calls of the bare store that failed, by code.",
    ({ storeStats }) => storeStats.calls?.errors,
  ),
  ...batchFamilies,
  ...poolFamilies,
  ...databaseFamilies,
];
