/**
 * What the size of V8's young generation does to waits, throughput and resident memory: the same server with each size in turns, over and over, since
 * one run says little.
 */
import { ask, type Load, readsPerSecondOf, SHARE, withoutFailure } from "../connected-players.js";
import { formatNumber, formatSummary } from "../format.js";
import { summarise } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { Collections } from "../sides/watched-http.js";
import { dynamoDbPlace, lmdbPlace, type Place } from "../watched-places.js";
import { startWatchedServer } from "../watched-server.js";

/** In MiB. 16 is what Node.js 20 takes by itself. */
const SIZES = [1, 16, 32, 64, 128] as const;
const QUICK_SIZES = [1, 16, 64] as const;
const DEFAULT_SIZE = 16;

const FULL: Load = { playerCount: 1000, tasksPerPlayer: 5, capacityMs: 3000, phaseMs: 8000 };
const QUICK: Load = { ...FULL, capacityMs: 1000, phaseMs: 2000 };
const ROUNDS = 3;

const MEBIBYTE = 1024 ** 2;

/** One server with one size. */
interface Run {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMib: number;
  readonly scavengesPerSecond: number;
  readonly scavengeShare: number;
  readonly longestScavengeMs: number;
  readonly fullPerSecond: number;
  readonly fullShare: number;
}

export const semiSpace: Row = async (context) => [
  ...(await measurePlace(context, lmdbPlace(context))),
  ...(await measurePlace(context, await dynamoDbPlace(context))),
];

async function measurePlace(context: RowContext, place: Place): Promise<readonly Finding[]> {
  const { isQuick } = context;
  const sizes: readonly number[] = isQuick ? QUICK_SIZES : SIZES;
  const load = isQuick ? QUICK : FULL;
  const runs = new Map<number, Run[]>(sizes.map((size) => [size, []]));
  // All get the same load, so that their waits can be compared: half of what the default can do, as measured once.
  const perSecond = SHARE * (await capacityOf(context, place, load));
  for (let round = 0; round < (isQuick ? 1 : ROUNDS); round += 1) {
    // Whoever comes first in one round comes last in another.
    const order = sizes.map((_, at) => sizes[(at + round) % sizes.length] ?? DEFAULT_SIZE);
    for (const size of order) runs.get(size)?.push(await runOne(context, place, { size, load, perSecond }));
  }
  return [...runs].map(([size, played]) => findingOf({ place, size, played, perSecond, load }));
}

async function capacityOf(context: RowContext, place: Place, load: Load): Promise<number> {
  const server = await startWatchedServer(context, {
    ...place.open(),
    load,
    execArgv: flagsOf(DEFAULT_SIZE),
  });
  const capacity = await readsPerSecondOf(server.target);
  await server.stop();
  return capacity;
}

interface Order {
  readonly size: number;
  readonly load: Load;
  readonly perSecond: number;
}

async function runOne(context: RowContext, place: Place, { size, load, perSecond }: Order): Promise<Run> {
  const server = await startWatchedServer(context, { ...place.open(), load, execArgv: flagsOf(size) });
  const { target } = server;
  const capacity = await readsPerSecondOf(target);
  const { found, seen } = await server.watch(async () =>
    ask(target, { durationMs: load.phaseMs, perSecond }),
  );
  withoutFailure(found);
  await server.stop();
  const { durationMs, scavenges, full, residentBytes } = seen;
  const rate = ({ count }: Collections): number => (count / durationMs) * 1000;
  return {
    perSecond: capacity,
    p50Ms: found.p50Ms,
    p99Ms: found.p99Ms,
    residentMib: residentBytes / MEBIBYTE,
    scavengesPerSecond: rate(scavenges),
    scavengeShare: scavenges.pauseMs / durationMs,
    longestScavengeMs: scavenges.longestMs,
    fullPerSecond: rate(full),
    fullShare: full.pauseMs / durationMs,
  };
}

const flagsOf = (sizeMib: number): readonly string[] => [`--max-semi-space-size=${sizeMib}`];

interface Played {
  readonly place: Place;
  readonly size: number;
  readonly played: readonly Run[];
  readonly perSecond: number;
  readonly load: Load;
}

function findingOf({ place, size, played, perSecond, load }: Played): Finding {
  const of = (what: keyof Run) => summarise(played.map((run) => run[what]));
  const [p99Ms, p50Ms, capacity, residentMib] = [
    of("p99Ms"),
    of("p50Ms"),
    of("perSecond"),
    of("residentMib"),
  ];
  const percent = (what: keyof Run): string => `${formatNumber(of(what).median * 100)} %`;
  return {
    what: `semi-space of ${size} MiB${size === DEFAULT_SIZE ? " (the default)" : ""}, ${formatNumber(load.playerCount)} connected players, on ${place.name}`,
    measured: `p99 ${formatSummary(p99Ms, { unit: "ms" })}, p50 ${formatSummary(p50Ms, { unit: "ms" })}; at most ${formatNumber(Math.round(capacity.median))} (${formatNumber(Math.round(capacity.min))}–${formatNumber(Math.round(capacity.max))}) per second; resident ${formatSummary(residentMib, { unit: "MiB" })}`,
    budget: null,
    isMet: null,
    how: `reads of queues at random times, ${formatNumber(Math.round(perSecond))} per second for all sizes: half of what the default could do; ${played.length} servers of each size, in turns. ${formatNumber(of("scavengesPerSecond").median)} collections of the young generation per second took ${percent("scavengeShare")} of the time, the longest ${formatNumber(of("longestScavengeMs").median)} ms; ${formatNumber(of("fullPerSecond").median)} of the whole heap, and steps towards one, per second took ${percent("fullShare")}`,
    figures: {
      sizeMib: size,
      p99Ms,
      p50Ms,
      perSecond: capacity,
      residentMib,
      scavengesPerSecond: of("scavengesPerSecond"),
      scavengeShare: of("scavengeShare"),
      longestScavengeMs: of("longestScavengeMs"),
      fullPerSecond: of("fullPerSecond"),
      fullShare: of("fullShare"),
    },
  };
}
