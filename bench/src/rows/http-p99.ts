/**
 * How long players wait who all are connected and ask at times of their own, at half of what the server can do: on each
 * store, and while the second tier of the cache is stopped, hung and flushed.
 */
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { formatNumber } from "../format.js";
import { type FaultyRedis, startFaultyRedis } from "../redis-faults.js";
import { lookInside, type Seen } from "../look-inside.js";
import type { Finding, Row, RowContext } from "../row.js";
import {
  ask,
  type Load,
  readsPerSecondOf,
  settle,
  SHARE,
  type Target,
  warmUp,
  withoutFailure,
} from "../connected-players.js";
import type { LoadFound } from "../load/outcome.js";
import type { LoadAnswer, LoadQuestion } from "../sides/http-load.js";
import type { Served, ServeQuestion } from "../serve-mainspring.js";
import { startSide } from "../sides/side.js";

const BUDGET_MS = 10;

const FULL: Load = { playerCount: 1000, tasksPerPlayer: 5, capacityMs: 5000, phaseMs: 10_000 };
const QUICK: Load = { ...FULL, capacityMs: 1000, phaseMs: 2000 };

/** A stretch of the load, at whose beginning something happens. */
interface Phase {
  readonly what: string;
  readonly happens: (() => Promise<void>) | null;
  /** Of so many requests one is a command. */
  readonly commandShare: number;
  /** Whether the answers are to be as quick as when all is well. */
  readonly isBudgeted: boolean;
}

const CALM: Phase = { what: ": reads alone", happens: null, commandShare: 0, isBudgeted: true };
/** On the embedded store alone: in dynalite a commit takes so long that it alone would be measured. */
const MIXED: Phase = {
  ...CALM,
  what: ": 1 request of 20 is a command",
  commandShare: 0.05,
  isBudgeted: false,
};

/** Each player's queue has room for as many commands as come in this time, and in a phase. */
const COMMANDS_MS = 1000;

/** Of a phase; then it happens. */
const BEFORE_MS = 500;

export const httpP99: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const findings: Finding[] = [];
  findings.push(...(await onLmdb(context, load)));
  for (const isBatched of [false, true]) findings.push(...(await onDynamoDb(context, load, isBatched)));
  return findings;
};

interface Place extends Pick<ServeQuestion, "store" | "cache"> {
  readonly name: string;
  readonly phases: readonly Phase[];
}

async function onLmdb(context: RowContext, load: Load): Promise<readonly Finding[]> {
  const store = { kind: "lmdb", folder: join(context.folder, "server") } as const;
  const name = "LMDB with the cache's first tier";
  return playOn(
    context,
    { store, cache: { redisPort: null, isBatched: false }, name, phases: [CALM, MIXED] },
    load,
  );
}

async function onDynamoDb(context: RowContext, load: Load, isBatched: boolean): Promise<readonly Finding[]> {
  const database = startSide<null, string>(context, "dynalite-server");
  const redis = await startFaultyRedis(context);
  const findings = await playOn(
    context,
    {
      store: { kind: "dynamodb", endpoint: await database.ask(null) },
      cache: { redisPort: redis.port, isBatched },
      name: `DynamoDB (dynalite)${isBatched ? ", its reads in batches," : ""} with the cache on Redis`,
      phases: phasesOf(redis),
    },
    load,
  );
  await database.stop();
  return findings;
}

function phasesOf(redis: FaultyRedis): readonly Phase[] {
  const phase = (what: string, happens: () => Promise<void>): Phase => ({
    ...CALM,
    what: `: ${what}`,
    happens,
    isBudgeted: false,
  });
  return [
    CALM,
    phase("Redis is killed (SIGKILL) and stays away", async () => redis.kill()),
    phase("Redis is started again, empty", async () => redis.start()),
    phase("Redis is hung (SIGSTOP) and stays so", async () => redis.hang()),
    phase("Redis goes on (SIGCONT)", async () => redis.goOn()),
    phase("Redis is flushed", async () => redis.flush()),
  ];
}

async function playOn(
  context: RowContext,
  { name, phases, ...place }: Place,
  load: Load,
): Promise<readonly Finding[]> {
  const cannon = startSide<LoadQuestion, LoadAnswer>(context, "http-load");
  const server = startSide<ServeQuestion, Served>(context, "mainspring-http");
  const target: Target = { cannon, served: await server.ask({ ...place, ...load }), load };
  const inside = lookInside(target.served);
  await warmUp(target, inside);
  const capacity = await capacityOf(target, { phases });
  const findings: Finding[] = [];
  for (const phase of phases) {
    if (phase.happens === null) await settle(target, inside);
    const watched = await inside.watch(async () => {
      const asked = ask(target, loadOf(target, { phase, capacity }));
      await delay(BEFORE_MS);
      await phase.happens?.();
      return asked;
    });
    findings.push(findingOf({ name, phase, capacity, ...watched }, load));
  }
  await cannon.stop();
  await server.stop();
  return findings;
}

/** Reads and commands each second, of which there is a capacity. */
interface Capacity {
  readonly readsPerSecond: number;
  /** `null`: none are asked for. */
  readonly commandsPerSecond: number | null;
}

async function capacityOf(target: Target, { phases }: Pick<Place, "phases">): Promise<Capacity> {
  const { served } = target;
  const readsPerSecond = await readsPerSecondOf(target);
  if (!phases.some(({ commandShare }) => commandShare > 0))
    return { readsPerSecond, commandsPerSecond: null };
  const startedAtMs = performance.now();
  const commands = withoutFailure(
    await ask(target, { durationMs: COMMANDS_MS, perSecond: null, requests: served.commands }),
  );
  // They are saved together: of those that were asked for in so short a time many are answered at its very end, or later.
  const tookSeconds = (performance.now() - startedAtMs) / 1000;
  return { readsPerSecond, commandsPerSecond: commands.okCount / tookSeconds };
}

/** Half of what the server can do, if each request takes the time that it takes where all are alike. */
function loadOf(
  { served, load }: Target,
  {
    phase: { commandShare },
    capacity: { readsPerSecond, commandsPerSecond },
  }: { readonly phase: Phase; readonly capacity: Capacity },
): Pick<LoadQuestion, "durationMs" | "perSecond" | "beside"> {
  const { phaseMs: durationMs } = load;
  if (commandShare === 0 || commandsPerSecond === null) {
    return { durationMs, perSecond: SHARE * readsPerSecond };
  }
  const perSecond = SHARE / ((1 - commandShare) / readsPerSecond + commandShare / commandsPerSecond);
  return {
    durationMs,
    perSecond: perSecond * (1 - commandShare),
    beside: { requests: served.commands, perSecond: perSecond * commandShare },
  };
}

interface Found {
  readonly name: string;
  readonly phase: Phase;
  readonly capacity: Capacity;
  readonly found: LoadAnswer;
  readonly seen: Seen;
}

function findingOf({ name, phase, capacity, found, seen }: Found, load: Load): Finding {
  const { beside } = found;
  const failed = [failuresOf(found), ...(beside === null ? [] : [failuresOf(beside)])].join("");
  const commands = beside === null ? "" : `; of commands: ${waitsOf(beside)}`;
  const ofCommands =
    beside === null ? "" : ` (commands: ${formatNumber(Math.round(capacity.commandsPerSecond ?? 0))})`;
  return {
    what: `${formatNumber(load.playerCount)} connected players at half of capacity, on ${name}${phase.what}`,
    measured: `p99 ${waitsOf(found)}${commands}; ${failed === "" ? "no request failed" : `failed: ${failed}`}`,
    budget: phase.isBudgeted ? `p99 < ${BUDGET_MS} ms, none fails` : "none fails",
    isMet: failed === "" && (!phase.isBudgeted || found.p99Ms < BUDGET_MS),
    how: `reads of queues with tokens, of ${load.tasksPerPlayer} tasks with cycles of an hour each, so that nothing is due; capacity is what ${formatNumber(load.playerCount)} connections get that ask as fast as they are answered: ${formatNumber(Math.round(capacity.readsPerSecond))} per second${ofCommands}; then for ${load.phaseMs / 1000} s requests come at random times, half as many, and each counts from the instant it was due. Whoever sent them was late itself by less than ${formatNumber(found.lagP99Ms)} ms (99 %). The server read ${formatNumber(seen.storeReads)} records from the store, and its cache was vouched for in ${formatNumber(Math.round(seen.trustedShare * 100))} % of the time`,
    figures: {
      capacityPerSecond: capacity.readsPerSecond,
      ...figuresOf(found),
      ...(beside !== null && { commandsPerSecond: beside.perSecond, commandP99Ms: beside.p99Ms }),
      loadCpuMs: found.cpuMs,
      storeReads: seen.storeReads,
      trustedShare: seen.trustedShare,
      breakerOpenings: seen.breakerOpenings,
    },
  };
}

const waitsOf = ({ p99Ms, p50Ms, maxMs }: LoadFound): string =>
  `${formatNumber(p99Ms)} ms (p50 ${formatNumber(p50Ms)}, greatest ${formatNumber(maxMs)})`;

/** Empty: none. */
function failuresOf({ failed }: LoadFound): string {
  const some = Object.entries(failed).filter(([, count]) => count > 0);
  return some.map(([kind, count]) => `${formatNumber(count)} ${kind} `).join("");
}

function figuresOf({ perSecond, p50Ms, p99Ms, maxMs, failedCount, lagP99Ms }: LoadFound) {
  return { perSecond, p50Ms, p99Ms, maxMs, failed: failedCount, lagP99Ms };
}
