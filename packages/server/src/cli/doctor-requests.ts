/** What the numbers of a running server say of its requests, of the calls of its store, and of its switches. */
import type { ServerStats } from "../http/numbers/http-stats.js";
import { THRESHOLDS } from "../thresholds.js";
import { percent, whyLate } from "./doctor-causes.js";
import type { Finding } from "./finding.js";

/** Shares of fewer say nothing. */
const FEW = 100;

const MS_PER_SECOND = 1_000;

export function requestFindings(stats: ServerStats): Finding[] {
  return [
    ...failureFindings(stats),
    ...storeErrorFindings(stats),
    ...cachedReadFindings(stats),
    ...loopFindings(stats),
    ...backlogFindings(stats),
    ...poolFindings(stats),
    ...revertFindings(stats),
  ];
}

function failureFindings({ httpStats, serviceStats }: ServerStats): Finding[] {
  let [requests, failures] = [0, 0];
  for (const [name, route] of Object.entries(httpStats.byRoute)) {
    if (!name.includes(" /v1/")) continue;
    requests += route.requests;
    failures += route.serverErrors;
  }
  if (requests < FEW || failures / requests <= THRESHOLDS.MainspringTaskFailures) return [];
  const [code] = most(serviceStats.errors);
  return [
    {
      state: "fail",
      what: `${percent(failures / requests)} of all requests ended with an error that is ours.`,
      remedy: `The server's log says why${code === undefined ? "" : `; most errors were ${code}, see docs/errors.md`}.`,
    },
  ];
}

function storeErrorFindings({ storeStats }: ServerStats): Finding[] {
  const { calls } = storeStats;
  if (calls === undefined) return [];
  const count = calls.read.count + calls.commit.count;
  const failed = Object.values(calls.errors).reduce((sum, each) => sum + each, 0);
  if (count < FEW || failed / count <= THRESHOLDS.MainspringStoreErrors) return [];
  const [code = "STORE_UNAVAILABLE"] = most(calls.errors);
  const { database } = storeStats;
  const isThrottled = database !== undefined && database.throttles > 0;
  return [
    {
      state: "fail",
      what: `${percent(failed / count)} of the store's calls failed, most with ${code}.`,
      remedy: isThrottled
        ? `The database asked for less ${database.throttles} times: give its tables more capacity.`
        : "Look at the store and the way to it: is its disk full, does its network hold? The server's log says more.",
    },
  ];
}

function cachedReadFindings(stats: ServerStats): Finding[] {
  const { p99Ms } = stats.httpStats.cachedReads;
  if (p99Ms === null || p99Ms <= THRESHOLDS.MainspringCachedReadsSlow * MS_PER_SECOND) return [];
  return [
    {
      state: "warn",
      what: `Reads that are at hand take long: one in a hundred took ${p99Ms} ms or more in the last minute.`,
      remedy: whyLate(stats),
    },
  ];
}

function loopFindings(stats: ServerStats): Finding[] {
  const { eventLoopDelayP99Ms } = stats.memoryStats;
  if (eventLoopDelayP99Ms <= THRESHOLDS.MainspringEventLoopLate * MS_PER_SECOND) return [];
  return [
    {
      state: "warn",
      what: `The server is late: 1 % of its turns waited ${eventLoopDelayP99Ms} ms or more, within the last minute.`,
      remedy: whyLate(stats),
    },
  ];
}

function backlogFindings({ batchStats: { pending }, storeStats }: ServerStats): Finding[] {
  if (pending <= THRESHOLDS.MainspringBatchBacklog) return [];
  const p99Ms = storeStats.calls?.commit.p99Ms ?? null;
  const slow = p99Ms === null ? "" : ` (one commit in a hundred takes ${p99Ms} ms)`;
  return [
    {
      state: "warn",
      what: `${pending} operations wait for the store${slow}.`,
      remedy:
        storeStats.kind === "lmdb"
          ? "The disk doesn't keep up: use a faster one."
          : "Raise batch.maxConcurrentBatches if the store can take more, or share the players among more servers.",
    },
  ];
}

function poolFindings({ poolStats, storeStats }: ServerStats): Finding[] {
  if (poolStats === null || poolStats.waiting === 0) return [];
  const { connections, maxConnections, waiting } = poolStats;
  if (connections.busy / maxConnections <= THRESHOLDS.MainspringPoolSaturated) return [];
  const p50Ms = storeStats.calls?.read.p50Ms ?? null;
  return [
    {
      state: "warn",
      what: `${connections.busy} of ${maxConnections} connections to the store are busy, and ${waiting} requests wait for one${p50Ms === null ? "" : ` (a read takes ${p50Ms} ms)`}.`,
      remedy: "Raise database.maxConnections if the store answers fast; else look there first.",
    },
  ];
}

function revertFindings({ flagStats }: ServerStats): Finding[] {
  if (flagStats === null || flagStats.reverts <= THRESHOLDS.MainspringRolloutReverted) return [];
  const last = flagStats.history.find(({ by }) => by === "guard");
  const why = last === undefined ? "" : `, the last time ${last.layer}: ${last.reason ?? "no reason given"}`;
  return [
    {
      state: "warn",
      what: `The guard took a switch back ${flagStats.reverts} times${why}.`,
      remedy: "Find the cause before you switch it on again; mainspring flags shows the history.",
    },
  ];
}

/** The name with the greatest count. */
function most(counts: Readonly<Record<string, number>>): readonly [string?, number?] {
  return Object.entries(counts).sort(([, one], [, other]) => other - one)[0] ?? [];
}
