/** The rows of the budget table in their order. Each is loaded only in the process that measures it. */
import type { Row } from "./row.js";

export interface RowEntry {
  readonly name: string;
  /** Takes long to prepare: measured only when asked for by name or flag. */
  readonly isOnDemand: boolean;
  readonly load: () => Promise<Row>;
}

export const ROWS: readonly RowEntry[] = [
  {
    name: "settle-idle",
    isOnDemand: false,
    load: async () => (await import("./rows/settle-idle.js")).settleIdle,
  },
  {
    name: "settle-week",
    isOnDemand: false,
    load: async () => (await import("./rows/settle-week.js")).settleWeek,
  },
  {
    name: "settle-week-by-chance",
    isOnDemand: false,
    load: async () => (await import("./rows/settle-week-by-chance.js")).settleWeekByChance,
  },
  {
    name: "task-cpu",
    isOnDemand: false,
    load: async () => (await import("./rows/task-cpu.js")).taskCpu,
  },
  {
    name: "durable-commands",
    isOnDemand: false,
    load: async () => (await import("./rows/durable-commands.js")).durableCommands,
  },
  {
    name: "batched-commits",
    isOnDemand: false,
    load: async () => (await import("./rows/batched-commits.js")).batchedCommits,
  },
  {
    name: "cached-reads",
    isOnDemand: false,
    load: async () => (await import("./rows/cached-reads.js")).cachedReads,
  },
  {
    name: "http-p99",
    isOnDemand: false,
    load: async () => (await import("./rows/http-p99.js")).httpP99,
  },
  {
    name: "overload",
    isOnDemand: true,
    load: async () => (await import("./rows/overload.js")).overload,
  },
  {
    name: "telemetry",
    isOnDemand: true,
    load: async () => (await import("./rows/telemetry.js")).telemetry,
  },
  {
    name: "cache-peers",
    isOnDemand: false,
    load: async () => (await import("./rows/cache-peers.js")).cachePeers,
  },
  {
    name: "cache-races",
    isOnDemand: false,
    load: async () => (await import("./rows/cache-races.js")).cacheRaces,
  },
  {
    name: "record-size",
    isOnDemand: false,
    load: async () => (await import("./rows/record-size.js")).recordSize,
  },
  {
    name: "sdk-pool",
    isOnDemand: false,
    load: async () => (await import("./rows/sdk-pool.js")).sdkPool,
  },
  {
    name: "round-trips",
    isOnDemand: true,
    load: async () => (await import("./rows/round-trips.js")).roundTrips,
  },
  {
    name: "cache-hour",
    isOnDemand: true,
    load: async () => (await import("./rows/cache-hour.js")).cacheHour,
  },
  {
    name: "returning-crowd",
    isOnDemand: true,
    load: async () => (await import("./rows/returning-crowd.js")).returningCrowd,
  },
  {
    name: "semi-space",
    isOnDemand: true,
    load: async () => (await import("./rows/semi-space.js")).semiSpace,
  },
  {
    name: "collections",
    isOnDemand: true,
    load: async () => (await import("./rows/collections.js")).collections,
  },
  {
    name: "buffers",
    isOnDemand: true,
    load: async () => (await import("./rows/buffers.js")).buffers,
  },
  {
    name: "million-players",
    isOnDemand: true,
    load: async () => (await import("./rows/million-players.js")).millionPlayers,
  },
];
