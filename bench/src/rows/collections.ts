/**
 * Whether collections that are asked for are worth it: the same server under the same load, over a threshold that it crosses by what it uses and
 * not by what is live, with a governor that asks for them and with one that doesn't.
 */
import type { CollectionStats, PerformanceStats } from "@mainspring/engine";
import { ask, type Load, readsPerSecondOf, SHARE, type Target } from "../connected-players.js";
import { formatNumber, formatSummary } from "../format.js";
import { summarise } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import { lmdbPlace, type Place } from "../watched-places.js";
import { startWatchedServer, type WatchedServer } from "../watched-server.js";

const FULL: Load = { playerCount: 1000, tasksPerPlayer: 5, capacityMs: 3000, phaseMs: 15_000 };
const QUICK: Load = { ...FULL, capacityMs: 1000, phaseMs: 4000 };
const ROUNDS = 3;

/** Half a minute by default: nobody wants to measure for so long. */
const GC_INTERVAL_MS = 1000;

/** Of the threshold: what is live stays below the first level, so that nothing else is done about it. */
const LIVE_SHARE = 0.65;

/** Of so many requests one is a command; commands per second are so few because each takes as long as some reads. */
const COMMAND_SHARE = 0.02;

const MEBIBYTE = 1024 ** 2;

interface Run {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly commandP99Ms: number;
  readonly liveMib: number;
  readonly usedMib: number;
  readonly residentMib: number;
  readonly asked: CollectionStats;
  readonly fullCount: number;
  readonly fullPauseMs: number;
}

interface Arm {
  readonly name: string;
  readonly gcIntervalMs: number | null;
}

const ARMS: readonly Arm[] = [
  { name: "off", gcIntervalMs: null },
  { name: "on", gcIntervalMs: GC_INTERVAL_MS },
];

export const collections: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const place = lmdbPlace(context);
  const plan = { load, ...(await calibrate(context, place, load)) };
  const runs = new Map<Arm, Run[]>(ARMS.map((arm) => [arm, []]));
  for (let round = 0; round < (context.isQuick ? 1 : ROUNDS); round += 1) {
    for (const arm of round % 2 === 0 ? ARMS : [...ARMS].reverse()) {
      runs.get(arm)?.push(await runOne(context, place, { ...plan, arm }));
    }
  }
  return [...runs].map(([arm, played]) => findingOf(arm, played, plan));
};

interface Plan {
  readonly load: Load;
  readonly perSecond: number;
  readonly thresholdBytes: number;
}

/** What the server can do, and what is live in it, without any governor. */
async function calibrate(
  context: RowContext,
  place: Place,
  load: Load,
): Promise<Pick<Plan, "perSecond" | "thresholdBytes">> {
  const server = await startWatchedServer(context, { ...place.open(), load, execArgv: [] });
  const perSecond = SHARE * (await readsPerSecondOf(server.target));
  const { seen } = await server.watch(async () => play(server.target, perSecond));
  await server.stop();
  return { perSecond, thresholdBytes: Math.round(seen.liveBytes / LIVE_SHARE) };
}

async function play({ served, load, cannon }: Target, perSecond: number) {
  return ask(
    { served, load, cannon },
    {
      durationMs: load.phaseMs,
      perSecond: perSecond * (1 - COMMAND_SHARE),
      // Commands that leave a queue as long as it was: it is the same load at the end as at the beginning.
      beside: { requests: served.reorders, perSecond: perSecond * COMMAND_SHARE },
    },
  );
}

async function runOne(
  context: RowContext,
  place: Place,
  { load, perSecond, thresholdBytes, arm }: Plan & { readonly arm: Arm },
): Promise<Run> {
  const server = await startWatchedServer(context, {
    ...place.open(),
    load,
    execArgv: [],
    memory: { thresholdBytes, gcIntervalMs: arm.gcIntervalMs },
  });
  const capacity = await readsPerSecondOf(server.target);
  const before = await askedOf(server);
  const { found, seen } = await server.watch(async () => play(server.target, perSecond));
  const after = await askedOf(server);
  await server.stop();
  if (found.failedCount + (found.beside?.failedCount ?? 0) > 0) {
    throw new Error(`Requests failed: ${JSON.stringify(found.failed)}, ${found.trouble ?? ""}`);
  }
  return {
    perSecond: capacity,
    p50Ms: found.p50Ms,
    p99Ms: found.p99Ms,
    commandP99Ms: found.beside?.p99Ms ?? 0,
    liveMib: seen.liveBytes / MEBIBYTE,
    usedMib: seen.usedBytes / MEBIBYTE,
    residentMib: seen.residentBytes / MEBIBYTE,
    asked: {
      ...after,
      count: after.count - before.count,
      freedBytes: after.freedBytes - before.freedBytes,
      pauseMs: after.pauseMs - before.pauseMs,
      inVain: after.inVain - before.inVain,
    },
    fullCount: seen.full.count,
    fullPauseMs: seen.full.pauseMs,
  };
}

async function askedOf({ target: { served } }: WatchedServer): Promise<CollectionStats> {
  const response = await fetch(served.url + served.performance.path, { headers: served.performance.headers });
  const { memoryStats } = (await response.json()) as PerformanceStats;
  if (memoryStats.governor === null) throw new Error("The server has no governor.");
  return memoryStats.governor.collections;
}

function findingOf(
  { name }: Arm,
  played: readonly Run[],
  { load, perSecond, thresholdBytes }: Plan,
): Finding {
  const of = (what: (run: Run) => number) => summarise(played.map(what));
  const [p99Ms, p50Ms, commandP99Ms] = [
    of((run) => run.p99Ms),
    of((run) => run.p50Ms),
    of((run) => run.commandP99Ms),
  ];
  const [live, used, resident] = [
    of((run) => run.liveMib),
    of((run) => run.usedMib),
    of((run) => run.residentMib),
  ];
  const capacity = of((run) => run.perSecond);
  const count = played.reduce((sum, { asked }) => sum + asked.count, 0);
  const each = (what: "pauseMs" | "freedBytes"): number =>
    count === 0 ? 0 : played.reduce((sum, { asked }) => sum + asked[what], 0) / count;
  const inVain = played.reduce((sum, { asked }) => sum + asked.inVain, 0);
  const told =
    count === 0
      ? "none was asked for"
      : `${count} were asked for, each ${formatNumber(each("pauseMs"))} ms for ${formatNumber(each("freedBytes") / MEBIBYTE)} MiB, ${inVain} in vain`;
  return {
    what: `collections that the governor asks for: ${name}`,
    measured: `p99 ${formatSummary(p99Ms, { unit: "ms" })}, p50 ${formatSummary(p50Ms, { unit: "ms" })}, of commands p99 ${formatSummary(commandP99Ms, { unit: "ms" })}; at most ${formatNumber(Math.round(capacity.median))} per second; live ${formatSummary(live, { unit: "MiB" })}, used at the end ${formatSummary(used, { unit: "MiB" })}, resident ${formatSummary(resident, { unit: "MiB" })}; ${told}`,
    budget: null,
    isMet: null,
    how: `${formatNumber(load.playerCount)} connected players on LMDB with the cache's first tier, ${formatNumber(Math.round(perSecond))} requests per second for ${load.phaseMs / 1000} s, of which ${COMMAND_SHARE * 100} % are commands; ${played.length} servers each, in turns; a threshold of ${formatNumber(thresholdBytes / MEBIBYTE)} MiB, of which ${LIVE_SHARE * 100} % is live, and at most one each ${GC_INTERVAL_MS / 1000} s instead of each 30 s. V8's own and these together: ${formatNumber(of((run) => run.fullCount).median)} full collections and steps towards one, ${formatNumber(of((run) => run.fullPauseMs).median)} ms in all`,
    figures: {
      p99Ms,
      p50Ms,
      commandP99Ms,
      perSecond: capacity,
      liveMib: live,
      usedMib: used,
      residentMib: resident,
      askedCount: count,
      askedInVain: inVain,
      pauseMsEach: each("pauseMs"),
      freedBytesEach: each("freedBytes"),
    },
  };
}
