/**
 * What a request allocates, and who does it: a profile of reads and of commands, as the ground for whatever is to be pooled. And the one buffer of
 * our own that is made anew for each command, beside the same from a pool.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ask, type Load, withoutFailure } from "../connected-players.js";
import { OWN_BUFFER, slabs } from "../fixtures/record-bytes.js";
import { formatNumber, formatSummary } from "../format.js";
import { nsPerCall } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { Allocator } from "../allocations.js";
import type { LoadAnswer } from "../sides/http-load.js";
import { dynamoDbPlace, lmdbPlace, type Place } from "../watched-places.js";
import { startWatchedServer, type WatchedServer } from "../watched-server.js";

const FULL: Load = { playerCount: 1000, tasksPerPlayer: 5, capacityMs: 1000, phaseMs: 4000 };
const QUICK: Load = { ...FULL, phaseMs: 1000 };

/** Of commands, for each second: the queues have room for no more. */
const COMMANDS_MS = 1000;
/** dynalite takes far longer for a commit than anything that is looked at here. */
const DYNAMO_COMMANDS_PER_SECOND = 200;

const TOLD_OWN = 8;
const TOLD_OWNERS = 5;

/** Something that is asked for while everybody who allocates is written down. */
interface Profile {
  readonly what: string;
  readonly play: (server: WatchedServer) => Promise<LoadAnswer>;
}

const READS: Profile = {
  what: "a read of a queue, at hand",
  play: async ({ target }) => ask(target, { durationMs: target.load.phaseMs, perSecond: null }),
};

const commands = (perSecond: number | null): Profile => ({
  what: "a command (one more task)",
  play: async ({ target }) =>
    ask(target, { durationMs: COMMANDS_MS, perSecond, requests: target.served.commands }),
});

export const buffers: Row = async (context) => [
  ...(await profilePlace(context, lmdbPlace(context), [READS, commands(null)])),
  ...(await profilePlace(context, await dynamoDbPlace(context), [commands(DYNAMO_COMMANDS_PER_SECOND)])),
  await recordBytes(context),
];

async function profilePlace(
  context: RowContext,
  place: Place,
  profiles: readonly Profile[],
): Promise<readonly Finding[]> {
  const load = context.isQuick ? QUICK : FULL;
  const server = await startWatchedServer(context, { ...place.open(), load, execArgv: [] });
  const findings: Finding[] = [];
  for (const profile of profiles) {
    const { found, seen } = await server.watch(async () => profile.play(server), { isProfiled: true });
    withoutFailure(found);
    if (seen.allocations === null) throw new Error("No profile was taken.");
    const { totalBytes, own, owners } = seen.allocations;
    const perRequest = ({ bytes }: Pick<Allocator, "bytes">): number => bytes / found.okCount;
    const told = (allocators: readonly Allocator[], count: number): string =>
      allocators
        .slice(0, count)
        .map((allocator) => `${allocator.name} ${formatNumber(Math.round(perRequest(allocator)))}`)
        .join(", ");
    findings.push({
      what: `allocated by ${profile.what}, on ${place.name}`,
      measured: `${formatNumber(Math.round(perRequest({ bytes: totalBytes })))} bytes per request, by whose code: ${told(owners, TOLD_OWNERS)}`,
      budget: null,
      isMet: null,
      how: `sampled by V8 over ${formatNumber(found.okCount)} requests, what was freed again included. Of our own functions, each by itself: ${told(own, TOLD_OWN)}`,
      figures: {
        bytesPerRequest: perRequest({ bytes: totalBytes }),
        ...Object.fromEntries(own.map((allocator) => [allocator.name, perRequest(allocator)])),
      },
    });
  }
  await server.stop();
  return findings;
}

/** About as large as a record with some tasks and keys. */
const RECORD_BYTES = 600;
const KEPT_RECORDS = 10_000;
const FREEING_MS = 200;

async function recordBytes({ isQuick }: RowContext): Promise<Finding> {
  const rounds = {
    warmupRoundCount: 3,
    roundCount: isQuick ? 3 : 15,
    callsPerRound: isQuick ? 10_000 : 100_000,
  };
  const written = new Uint8Array(RECORD_BYTES * 2).subarray(0, RECORD_BYTES);
  const ways = [OWN_BUFFER, slabs()];
  // First: what the rounds leave behind is freed by another thread, some time.
  const keptBytes: number[] = [];
  for (const { keep } of ways) keptBytes.push(await keptBytesOf(() => keep(written)));
  const measured = ways.map(({ name, keep }, way) => ({
    name,
    keptBytes: keptBytes[way] ?? 0,
    ns: nsPerCall((callCount) => {
      for (let call = 0; call < callCount; call += 1) keep(written);
    }, rounds),
  }));
  return {
    what: `the bytes of a record of ${RECORD_BYTES} bytes, kept after it was encoded`,
    measured: measured
      .map(
        ({ name, ns, keptBytes: bytes }) =>
          `${name}: ${formatSummary(ns, { unit: "ns" })}, ${formatNumber(Math.round(bytes))} bytes of memory while all are kept`,
      )
      .join("; "),
    budget: null,
    isMet: null,
    how: `${formatNumber(rounds.callsPerRound)} times in each of ${rounds.roundCount} rounds, most of which are garbage at once; of ${formatNumber(KEPT_RECORDS)} that are kept the memory was counted. A piece that a cache keeps would keep its whole slab, which no cache counts`,
    figures: Object.fromEntries(
      measured.flatMap(({ name, ns, keptBytes: bytes }) => [
        [`${name} ns`, ns],
        [`${name} bytes`, bytes],
      ]),
    ),
  };
}

async function keptBytesOf(make: () => Uint8Array): Promise<number> {
  const before = await usedBytes();
  const kept = Array.from({ length: KEPT_RECORDS }, make);
  return ((await usedBytes()) - before) / kept.length;
}

async function usedBytes(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Start it with --expose-gc.");
  gc();
  // Another thread frees buffers, and V8 counts them when the next one is made.
  await delay(FREEING_MS);
  const next = new ArrayBuffer(1);
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external - next.byteLength;
}
