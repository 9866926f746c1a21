/** How players' records get to where they are safe. */
import type { Performance } from "../api/performance.js";
import type { Panel, Section } from "../readings/panel.js";
import { gauge, growth, perSecond, ratio, type Step } from "../readings/step.js";
import { above, act, byState, fine, noRule, watch } from "../readings/verdict.js";

export const storeRates: Panel = {
  id: "store-rates",
  title: "Reads and writes",
  unit: "per-second",
  seriesOf: () => [
    {
      id: "store-reads",
      label: "records read",
      of: (step) => perSecond(step, (now) => now.storeStats.reads),
    },
    {
      id: "store-writes",
      label: "records written",
      of: (step) => perSecond(step, (now) => now.storeStats.writes),
    },
    {
      id: "store-conflicts",
      label: "conflicts",
      of: (step) => perSecond(step, (now) => now.storeStats.conflicts),
    },
  ],
  rule: noRule,
  meaning:
    "What reaches the store itself, after cache and batches. A conflict is a write that found another version there.",
  advice:
    "Reads near the rate of requests: the cache is off or doesn't help. Writes near that of commands are right under commit before reveal.",
};

export const batchSizes: Panel = {
  id: "batch-sizes",
  title: "Batch size",
  unit: "count",
  seriesOf: () => [
    {
      id: "batch-size",
      label: "operations a batch",
      of: (step) =>
        ratio(
          step,
          (now) => now.batchStats.operations,
          (now) => now.batchStats.batches,
        ),
    },
  ],
  rule: noRule,
  meaning:
    "How many operations travel together. Each batch is one transaction, or one request to the database.",
  advice:
    "It grows with load by itself: that is what carries the peak. Near 1 at all times only says that there is little to do.",
};

const LONG_BACKLOG = 500;
const TOO_LONG_BACKLOG = 1_000;

export const backlog: Panel = {
  id: "backlog",
  title: "Backlog",
  unit: "count",
  seriesOf: ({ batchStats: { waiting } }) => [
    { id: "pending", label: "not answered yet", of: (step) => gauge(step, (now) => now.batchStats.pending) },
    ...(waiting === undefined
      ? []
      : ["commands", "milestones", "bulk"].map((label, priority) => ({
          id: `waiting ${label}`,
          label: `${label} waiting`,
          of: (step: Step) => gauge(step, (now) => now.batchStats.waiting?.[priority]),
        }))),
  ],
  rule: above({ unit: "count", watch: LONG_BACKLOG, act: TOO_LONG_BACKLOG, of: (id) => id === "pending" }),
  meaning: "Operations that were given to the store and are not answered yet, by how urgent they are.",
  advice:
    "A backlog that goes up and down is a peak being carried. One that only grows means that the store takes less than is asked: raise batch.maxConcurrentBatches, give the database more, or share the players among more servers.",
};

const withoutCalls = ({ storeStats }: Performance): string | null =>
  storeStats.calls === undefined ? "Calls of this store are not measured." : null;

const SLOW_CALL_MS = 50;
const VERY_SLOW_CALL_MS = 500;

export const calls: Panel = {
  id: "store-calls",
  title: "Time of the store",
  unit: "ms",
  seriesOf: () => [
    {
      id: "commit-p99",
      label: "commit, p99",
      of: (step) => gauge(step, (now) => now.storeStats.calls?.commit.p99Ms),
    },
    {
      id: "commit-p50",
      label: "commit, p50",
      of: (step) => gauge(step, (now) => now.storeStats.calls?.commit.p50Ms),
    },
    {
      id: "read-p99",
      label: "read, p99",
      of: (step) => gauge(step, (now) => now.storeStats.calls?.read.p99Ms),
    },
    {
      id: "read-p50",
      label: "read, p50",
      of: (step) => gauge(step, (now) => now.storeStats.calls?.read.p50Ms),
    },
  ],
  absentBecause: withoutCalls,
  rule: above({ unit: "ms", watch: SLOW_CALL_MS, act: VERY_SLOW_CALL_MS, of: (id) => id.endsWith("p99") }),
  meaning:
    "How long calls of the bare store took in the last minute, below cache and batches: the disk, or the database and the way to it.",
  advice:
    "Slow commits on LMDB: the disk is slow to flush, or somebody else uses it. Slow calls on DynamoDB: look at “Throttles and retries” and at the network.",
};

const FAILED_TO_WATCH = 0.0001;
const FAILED_TO_ACT = 0.01;

export const storeErrors: Panel = {
  id: "store-errors",
  title: "Calls of the store that failed",
  unit: "share",
  seriesOf: ({ storeStats }) => [
    { id: "store-errors", label: "of all calls", of: failedShare(({ errors }) => sumOf(errors)) },
    ...Object.keys(storeStats.calls?.errors ?? {})
      .slice(0, SHOWN_CODES)
      .map((code) => ({
        id: `store-error ${code}`,
        label: code,
        of: failedShare(({ errors }) => errors[code] ?? 0),
      })),
  ],
  absentBecause: withoutCalls,
  rule: above({
    unit: "share",
    watch: FAILED_TO_WATCH,
    act: FAILED_TO_ACT,
    of: (id) => id === "store-errors",
  }),
  meaning:
    "The share of the bare store's calls that failed, by code. Each is tried again or told to whoever asked; nothing is lost.",
  advice:
    "Look at the store: is its disk full, its server down, are its tables throttled? The log has the words of the store.",
};

type Calls = NonNullable<Performance["storeStats"]["calls"]>;

function failedShare(failedOf: (calls: Calls) => number): (step: Step) => number | null {
  return (step) => {
    const failed = growth(step, ({ storeStats: { calls: made } }) => made && failedOf(made));
    const all = growth(
      step,
      ({ storeStats: { calls: made } }) => made && made.read.count + made.commit.count,
    );
    if (failed === null || all === null) return null;
    return all === 0 ? 0 : Math.min(1, failed / all);
  };
}

/** More codes than these are in the sum alone. */
const SHOWN_CODES = 4;

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const withoutPool = ({ poolStats, storeStats }: Performance): string | null =>
  poolStats === null || poolStats === undefined
    ? `The store (${storeStats.kind}) needs no connections, or the pool is not in use.`
    : null;

const BUSY_SHARE = 0.9;

export const connections: Panel = {
  id: "connections",
  title: "Connections",
  unit: "count",
  seriesOf: () => [
    { id: "pool-busy", label: "busy", of: (step) => gauge(step, (now) => now.poolStats?.connections.busy) },
    { id: "pool-open", label: "open", of: (step) => gauge(step, (now) => now.poolStats?.connections.open) },
    {
      id: "pool-waiting",
      label: "requests waiting",
      of: (step) => gauge(step, (now) => now.poolStats?.waiting),
    },
    {
      id: "pool-max",
      label: "most allowed",
      isLimit: true,
      of: (step) => gauge(step, (now) => now.poolStats?.maxConnections),
    },
  ],
  absentBecause: withoutPool,
  rule: byState(
    "Watch: all connections are busy. Act: over 90 % are busy, and requests wait for one.",
    ({ poolStats }) => {
      if (poolStats === null || poolStats === undefined) return null;
      const { connections: now, maxConnections, waiting } = poolStats;
      if (now.busy > maxConnections * BUSY_SHARE && waiting > 0) {
        return act(`${waiting} requests wait, and ${now.busy} of ${maxConnections} connections are busy`);
      }
      return now.busy >= maxConnections ? watch(`All ${maxConnections} connections are busy`) : fine;
    },
  ),
  meaning: "Connections to the database: those in use, those kept open, and requests that wait for one.",
  advice:
    "All busy for long: raise database.maxConnections if the database has room, or find out why answers take long. A few waiting in a peak is what the pool is for.",
};

const LONG_WAIT_MS = 20;
const TOO_LONG_WAIT_MS = 200;

export const waits: Panel = {
  id: "pool-waits",
  title: "Wait for a connection",
  unit: "ms",
  seriesOf: () => [
    { id: "wait-mean", label: "mean", of: (step) => gauge(step, (now) => now.poolStats?.waits.meanMs) },
    { id: "wait-max", label: "longest", of: (step) => gauge(step, (now) => now.poolStats?.waits.maxMs) },
  ],
  absentBecause: withoutPool,
  rule: above({ unit: "ms", watch: LONG_WAIT_MS, act: TOO_LONG_WAIT_MS, of: (id) => id === "wait-mean" }),
  meaning:
    "How long requests waited for a connection in the pool's last period; those that found one at once count as 0.",
  advice: "See “Connections”. A long single wait after a quiet time is a connection being opened.",
};

export const database: Panel = {
  id: "database",
  title: "Throttles and retries",
  unit: "per-second",
  seriesOf: () => [
    {
      id: "throttles",
      label: "asked for less",
      of: (step) => perSecond(step, (now) => now.storeStats.database?.throttles),
    },
    {
      id: "retries",
      label: "sent again",
      of: (step) => perSecond(step, (now) => now.storeStats.database?.retries),
    },
  ],
  absentBecause: ({ storeStats: { database: numbers, kind } }) =>
    numbers === undefined
      ? `The store (${kind}) is part of this process: nothing is sent to a database server.`
      : null,
  rule: above({ unit: "per-second", watch: 0, act: 10, of: (id) => id === "throttles" }),
  meaning: "Answers of the database that asked for less, and requests that were sent again.",
  advice:
    "Throttles: give the tables more capacity, or switch them to on-demand. Retries alone: look at the network.",
};

const SETTLING_WAITS_AT = 64;

export const unsaved: Panel = {
  id: "units",
  title: "Capacity used",
  unit: "per-second",
  seriesOf: () => [
    {
      id: "write-units",
      label: "write units",
      of: (step) => perSecond(step, (now) => now.storeStats.database?.writeUnits),
    },
    {
      id: "read-units",
      label: "read units",
      of: (step) => perSecond(step, (now) => now.storeStats.database?.readUnits),
    },
  ],
  absentBecause: ({ storeStats: { database: numbers, kind } }) =>
    numbers === undefined
      ? `The store (${kind}) is part of this process: it is paid for with the machine.`
      : null,
  rule: noRule,
  meaning: "Capacity units that the database says requests used: what is paid for.",
  advice: `A record of up to 1 KiB is one write unit. If writes cost more than commands are sent, records have grown: events wait in them (up to ${SETTLING_WAITS_AT}) while the journal is behind.`,
};

export const damaged: Panel = {
  id: "damaged",
  title: "Damaged records",
  unit: "count",
  seriesOf: () => [
    {
      id: "quarantined",
      label: "put aside since the start",
      of: (step) => gauge(step, (now) => now.serviceStats.quarantined),
    },
  ],
  rule: byState("Act: any at all.", ({ serviceStats: { quarantined } }) =>
    quarantined === 0 ? fine : act(`${quarantined} records were put aside`),
  ),
  meaning:
    "Records that could not be decoded or broke an invariant. They are put aside untouched; their players get a clear error, and the others notice nothing.",
  advice:
    "Never normal: look for the cause (disk, a release that was taken back) before anything else, then restore the players from their snapshots. See docs/recovery.md.",
};

export const store: Section = {
  id: "store",
  title: "Store",
  about: "How players' records get to where they are safe: batches, backlog, connections.",
  panels: [
    storeRates,
    calls,
    storeErrors,
    batchSizes,
    backlog,
    connections,
    waits,
    database,
    unsaved,
    damaged,
  ],
};
