/** What players ask for, how it is answered, and what has to be refused. */
import type { Performance } from "../api/performance.js";
import type { Panel, Section, Series } from "../readings/panel.js";
import { gauge, growth, perSecond, type Step } from "../readings/step.js";
import { above, act, byState, fine, noRule, watch } from "../readings/verdict.js";

/** Codes that say that the fault is ours: the category `service` of the error table, without what asks somebody to slow down. */
export const OUR_FAULTS: readonly string[] = [
  "NO_CATALOG",
  "STORE_UNAVAILABLE",
  "UPGRADE_REQUIRED",
  "RECORD_CORRUPT",
  "RECORD_TOO_LARGE",
  "DATA_FOLDER_IN_USE",
  "KEYS_UNAVAILABLE",
  "HEAP_SNAPSHOT_FAILED",
  "INTERNAL",
];

const WATCHED_FAULTS = 0.01;
const FAULTS_TO_ACT = 0.05;

/** More codes than these are told as one. */
const SHOWN_CODES = 5;

function requestsOf({ serviceStats: { reads, commands } }: Performance): number {
  return reads + commands;
}

function faultsOf({ serviceStats: { errors } }: Performance): number {
  return OUR_FAULTS.reduce((sum, code) => sum + (errors[code] ?? 0), 0);
}

function errorsOf({ serviceStats: { errors } }: Performance): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** As the alert counts: what was answered at /v1, the engine asked or not. `null`: the server doesn't count its requests. */
function answersOf({ httpStats }: Performance, which: "requests" | "serverErrors"): number | null {
  const routes = Object.entries(httpStats?.byRoute ?? {});
  if (routes.length === 0) return null;
  return routes.filter(([name]) => name.includes(" /v1/")).reduce((sum, [, route]) => sum + route[which], 0);
}

function faultShare(step: Step): number | null {
  const faults = growth(step, (now) => answersOf(now, "serverErrors") ?? faultsOf(now));
  const requests = growth(step, (now) => answersOf(now, "requests") ?? requestsOf(now));
  if (faults === null || requests === null) return null;
  return requests === 0 ? 0 : Math.min(1, faults / requests);
}

export const requestRates: Panel = {
  id: "request-rates",
  title: "Requests",
  unit: "per-second",
  seriesOf: () => [
    { id: "reads", label: "reads", of: (step) => perSecond(step, (now) => now.serviceStats.reads) },
    { id: "commands", label: "commands", of: (step) => perSecond(step, (now) => now.serviceStats.commands) },
    { id: "commits", label: "commits", of: (step) => perSecond(step, (now) => now.serviceStats.commits) },
  ],
  rule: noRule,
  meaning:
    "What this process is asked for: reads show a player, commands change one, and a commit is a durable write that a command or a milestone caused.",
  advice:
    "A sudden drop to nothing is a network or a client in trouble. Far more reads than players with a queue: clients poll too often. Commits far above commands: many milestones, so look at the checkpoint switch.",
};

export const faults: Panel = {
  id: "faults",
  title: "Failures of ours",
  unit: "share",
  seriesOf: () => [{ id: "fault-share", label: "of all requests", of: faultShare }],
  rule: above({ unit: "share", watch: WATCHED_FAULTS, act: FAULTS_TO_ACT }),
  meaning:
    "The share of requests that failed by a fault of the service: the store didn't answer, a record was damaged, a bug. Requests that players got wrong don't count.",
  advice:
    "Look at “Errors by code” for which one it is. STORE_UNAVAILABLE: look at the store and its connections. RECORD_CORRUPT: restore the player. INTERNAL: look for the request id in the log. Did it begin with a switch? Then switch back.",
};

export const errorsByCode: Panel = {
  id: "errors",
  title: "Errors by code",
  unit: "per-second",
  seriesOf: errorSeries,
  rule: noRule,
  meaning:
    "All requests that were answered with an error, the most frequent codes since the start first. Most of them are a player's or a client's mistake and no trouble.",
  advice:
    "Look up the code in docs/errors.md: it says whose fault it is. VERSION_CONFLICT in numbers: clients that edit an old state. UNAUTHENTICATED in numbers: expired tokens, or somebody trying.",
};

function errorSeries({ serviceStats: { errors } }: Performance): Series[] {
  const codes = Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_CODES)
    .map(([code]) => code);
  const each = codes.map(
    (code): Series => ({
      id: `error ${code}`,
      label: code,
      of: (step) => perSecond(step, (now) => now.serviceStats.errors[code] ?? 0),
    }),
  );
  return [{ id: "errors", label: "all", of: (step) => perSecond(step, errorsOf) }, ...each];
}

const withoutLimit = ({ overloadStats }: Performance): string | null =>
  overloadStats?.isOn === true ? null : "The overload limit is off on this server: everything is let in.";

export const underWay: Panel = {
  id: "under-way",
  title: "Under way, and the limit",
  unit: "count",
  seriesOf: () => [
    { id: "in-flight", label: "under way", of: (step) => gauge(step, (now) => now.overloadStats?.inFlight) },
    {
      id: "limit",
      label: "limit",
      isLimit: true,
      of: (step) => gauge(step, (now) => now.overloadStats?.limit),
    },
  ],
  absentBecause: withoutLimit,
  rule: byState(
    "Watch: step 1, what is low is refused. Act: step 2 or 3, reads or even commands are refused.",
    (now) => {
      const step = now.overloadStats?.step;
      if (step === undefined) return null;
      if (step === 0) return fine;
      if (step === 1) return watch("Step 1: what is low is refused");
      return act(step === 2 ? "Step 2: reads are refused" : "Step 3: even commands are refused");
    },
  ),
  meaning:
    "How many requests are being worked on, and how many may be. The server finds the limit by itself: it goes down when answers begin to queue, and up again when there is room.",
  advice:
    "At the limit for long: share the players among more servers, or find what became slow: store, disk, neighbours on the machine. See docs/overload.md.",
};

const SEVERAL_PER_SECOND = 1;

export const refusals: Panel = {
  id: "refusals",
  title: "Refused",
  unit: "per-second",
  seriesOf: () => [
    {
      id: "refused-load",
      label: "refused for load",
      of: (step) => perSecond(step, (now) => now.overloadStats?.refusedForLoad),
    },
    {
      id: "refused-memory",
      label: "refused for memory",
      of: (step) => perSecond(step, (now) => now.overloadStats?.refusedForMemory),
    },
  ],
  absentBecause: withoutLimit,
  rule: above({ unit: "per-second", watch: 0, act: SEVERAL_PER_SECOND }),
  meaning:
    "Requests that were turned away at once with OVERLOADED and told when to come back, so that those let in are answered in time. The least urgent go first.",
  advice:
    "For load: more servers, or fewer polls by clients. For memory: look at “Memory”. A short peak after a restart is normal.",
};

export const activePlayers: Panel = {
  id: "active-queues",
  title: "Players with a running queue",
  unit: "count",
  seriesOf: () => [
    {
      id: "active-queues",
      label: "seen in five minutes",
      of: (step) => gauge(step, (now) => now.activeQueues),
    },
  ],
  rule: noRule,
  meaning:
    "Players whose queue runs and who were seen by this process in the last five minutes. Players who are away cost nothing and don't count.",
  advice: "This is the size of your game right now: hold other numbers against it.",
};

export const conflicts: Panel = {
  id: "conflicts",
  title: "Conflicts and repeats",
  unit: "per-second",
  seriesOf: () => [
    {
      id: "conflicts",
      label: "tried again",
      of: (step) => perSecond(step, (now) => now.serviceStats.conflicts),
    },
    { id: "replays", label: "repeated", of: (step) => perSecond(step, (now) => now.serviceStats.replays) },
  ],
  rule: noRule,
  meaning:
    "Commands that found another version of the player and were tried again, and commands whose key was known, which got the first one's answer.",
  advice:
    "Many conflicts: one player's requests reach several servers at once, so send a player to one server. Many repeats: clients lose answers, so look at the network between.",
};

/** Of the routes that players use, the slowest p99 of the last minute. */
function slowest(isOne: (method: string) => boolean): (step: Step) => number | null {
  return ({ now }) => {
    const routes = Object.entries(now.httpStats?.byRoute ?? {}).filter(([name]) => {
      const [method = "", path = ""] = name.split(" ");
      return path.startsWith("/v1/players/") && isOne(method);
    });
    const known = routes.map(([, { p99Ms }]) => p99Ms).filter((p99Ms) => p99Ms !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
}

const withoutHttp = ({ httpStats }: Performance): string | null =>
  httpStats === null || httpStats === undefined ? "This server doesn't measure its requests." : null;

const CACHED_TO_WATCH_MS = 5;
const CACHED_TO_ACT_MS = 10;

export const latency: Panel = {
  id: "latency",
  title: "Time to answer",
  unit: "ms",
  seriesOf: () => [
    {
      id: "cached-p99",
      label: "cached reads, p99",
      of: (step) => gauge(step, (now) => now.httpStats?.cachedReads.p99Ms),
    },
    {
      id: "cached-p50",
      label: "cached reads, p50",
      of: (step) => gauge(step, (now) => now.httpStats?.cachedReads.p50Ms),
    },
    { id: "reads-p99", label: "slowest read, p99", of: slowest((method) => method === "GET") },
    { id: "commands-p99", label: "slowest command, p99", of: slowest((method) => method !== "GET") },
  ],
  absentBecause: withoutHttp,
  rule: above({
    unit: "ms",
    watch: CACHED_TO_WATCH_MS,
    act: CACHED_TO_ACT_MS,
    of: (id) => id === "cached-p99",
  }),
  meaning:
    "How long requests of the last minute took, from their arrival to their answer. Half are faster than p50, and 99 of 100 faster than p99. Cached reads are those answered from what is at hand; of the others it is the slowest route.",
  advice:
    "Cached reads over 10 ms: the process is late, so look at “Process”. Commands alone: look at the store. “By route” below tells which one it is.",
};

const OPEN_TO_WATCH = 10_000;

export const clients: Panel = {
  id: "clients",
  title: "Connections of clients",
  unit: "count",
  seriesOf: () => [
    {
      id: "clients-open",
      label: "open",
      of: (step) => gauge(step, (now) => now.httpStats?.connections.open),
    },
    {
      id: "clients-accepted",
      label: "new each second",
      of: (step) => perSecond(step, (now) => now.httpStats?.connections.accepted),
    },
  ],
  absentBecause: withoutHttp,
  rule: above({ unit: "count", watch: OPEN_TO_WATCH, of: (id) => id === "clients-open" }),
  meaning:
    "Connections that clients, or the load balancer before them, hold to this process, and how many are new.",
  advice:
    "As many new ones as requests: somebody closes them after each answer, which costs both sides much. Let clients and the load balancer keep them open.",
};

export const requests: Section = {
  id: "requests",
  title: "Requests",
  about: "What players ask for, how fast it is answered, and what has to be refused.",
  panels: [
    requestRates,
    latency,
    faults,
    underWay,
    refusals,
    errorsByCode,
    clients,
    conflicts,
    activePlayers,
  ],
};
