/** What it costs to look: a server with all telemetry on, beside the same one that counts, measures, traces and logs nothing. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Estimate, estimateOfRatios } from "../confidence.js";
import { cpuMsOf } from "../cpu-time.js";
import { formatNumber } from "../format.js";
import type { LoadRequest } from "../load/connection-keeper.js";
import { inTurns, summarise } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { Served, ServeQuestion } from "../serve-mainspring.js";
import type { LoadAnswer, LoadQuestion } from "../sides/http-load.js";
import { type Side, startSide } from "../sides/side.js";

/** Of the throughput without. */
const BUDGET = 0.97;

const TRACE_SHARE = 0.01;
const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;

interface Load {
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
  readonly connectionCount: number;
  /** Metrics are read once in each turn. */
  readonly durationMs: number;
  readonly roundCount: number;
  /** So often both servers are started anew: one process differs from the next by more than its rounds do from each other. */
  readonly pairCount: number;
}

const FULL: Load = {
  playerCount: 1_000,
  tasksPerPlayer: 5,
  connectionCount: 200,
  durationMs: 3_000,
  roundCount: 2,
  pairCount: 12,
};
const QUICK: Load = {
  ...FULL,
  playerCount: 50,
  connectionCount: 20,
  durationMs: 300,
  pairCount: 2,
};

interface Target {
  readonly served: Served;
  readonly pid: number;
  /** Whether its metrics are read while it is under load. */
  readonly isWatched: boolean;
  readonly stop: () => Promise<void>;
}

/** What two servers did in turns. */
interface Pair {
  readonly on: Played;
  readonly off: Played;
}

interface Played {
  readonly perSecond: readonly number[];
  /** Of the server's process, for one request. */
  readonly cpuUs: readonly number[];
}

export const telemetry: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const collectorUrl = await startCollector(context);
  const cannon = startSide<LoadQuestion, LoadAnswer>(context, "http-load");
  const reads: Pair[] = [];
  const commands: Pair[] = [];
  for (let pair = 0; pair < load.pairCount; pair += 1) {
    const serve = async (isOn: boolean) => {
      const telemetryOf = isOn ? { traceShare: TRACE_SHARE, collectorUrl } : null;
      return startTarget(context, { folder: `${isOn ? "on" : "off"}-${pair}`, telemetryOf, load });
    };
    // Neither is always the one that was there first.
    const isOnFirst = pair % 2 === 0;
    const [first, second] = [await serve(isOnFirst), await serve(!isOnFirst)];
    const [on, off] = isOnFirst ? [first, second] : [second, first];
    const arena = { cannon, load, on, off };
    reads.push(await compared(arena, ({ requests }) => requests));
    commands.push(await compared(arena, ({ reorders }) => reorders));
    await Promise.all([on.stop(), off.stop()]);
  }
  return [findingOf("cached reads", reads, load), findingOf("commands", commands, load)];
};

interface TargetQuestion {
  readonly folder: string;
  readonly telemetryOf: NonNullable<ServeQuestion["telemetry"]> | null;
  readonly load: Load;
}

async function startTarget(
  context: RowContext,
  { folder, telemetryOf, load }: TargetQuestion,
): Promise<Target> {
  const side = startSide<ServeQuestion, Served>(context, "mainspring-http");
  const served = await side.ask({
    store: { kind: "lmdb", folder: join(context.folder, folder) },
    cache: { redisPort: null, isBatched: false },
    telemetry: telemetryOf,
    ...load,
  });
  return { served, pid: side.pid, isWatched: telemetryOf !== null, stop: async () => side.stop() };
}

interface Arena {
  readonly cannon: Side<LoadQuestion, LoadAnswer>;
  readonly load: Load;
  readonly on: Target;
  readonly off: Target;
}

async function compared(
  { cannon, load, on, off }: Arena,
  requestsOf: (served: Served) => readonly LoadRequest[],
): Promise<Pair> {
  const { connectionCount, durationMs, roundCount } = load;
  const cpuUs = { on: [] as number[], off: [] as number[] };
  const playOn =
    (name: keyof typeof cpuUs, { served, pid, isWatched }: Target) =>
    async () => {
      const beforeMs = cpuMsOf(pid);
      const question = { url: served.url, requests: requestsOf(served), connectionCount, durationMs };
      const [found] = await Promise.all([
        cannon.ask({ ...question, perSecond: null }),
        isWatched ? readMetrics(served, durationMs / 2) : null,
      ]);
      if (found.failedCount > 0)
        throw new Error(`Requests failed: ${JSON.stringify(found.failed)}, ${found.trouble ?? ""}`);
      cpuUs[name].push(((cpuMsOf(pid) - beforeMs) * US_PER_MS) / found.okCount);
      return found.perSecond;
    };
  const plays = { on: playOn("on", on), off: playOn("off", off) };
  await plays.on();
  await plays.off();
  const { a, b } = await inTurns(roundCount, plays.on, plays.off);
  return {
    on: { perSecond: a, cpuUs: cpuUs.on.slice(1) },
    off: { perSecond: b, cpuUs: cpuUs.off.slice(1) },
  };
}

/** As Prometheus does, in the middle of a turn. */
async function readMetrics({ url }: Served, afterMs: number): Promise<void> {
  await delay(afterMs);
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  if (!text.includes("mainspring_http_requests_total")) throw new Error("There are no metrics to read.");
}

/** Takes traces, and does nothing with them. */
async function startCollector({ defer }: Pick<RowContext, "defer">): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => response.setHeader("content-type", "application/json").end("{}"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Of each pair the mean of its rounds: what differs from pair to pair is how sure it is. */
function ratioOf(pairs: readonly Pair[], figure: keyof Played): Estimate {
  const means = pairs.map(({ on, off }) =>
    estimateOfRatios(on[figure].map((value, round) => value / (off[figure][round] ?? Number.NaN))),
  );
  return estimateOfRatios(means.map(({ mean }) => mean));
}

function findingOf(what: string, pairs: readonly Pair[], load: Load): Finding {
  const throughput = ratioOf(pairs, "perSecond");
  const cpu = ratioOf(pairs, "cpuUs");
  const all = (side: keyof Pair, figure: keyof Played) =>
    summarise(pairs.flatMap((pair) => pair[side][figure]));
  const [onPerSecond, offPerSecond] = [all("on", "perSecond"), all("off", "perSecond")];
  return {
    what: `throughput of ${what} over HTTP with all telemetry on (requests counted, the store timed, metrics read every ${load.durationMs / MS_PER_SECOND} s, traces of 1 % but at most five a second, log at info), against all of it off`,
    measured: `${said(throughput)}: ${formatNumber(Math.round(onPerSecond.median))} against ${formatNumber(Math.round(offPerSecond.median))} per second`,
    budget: `≥ ${BUDGET}`,
    isMet: throughput.mean >= BUDGET,
    how: `${load.pairCount} pairs of new servers, for each ${load.roundCount} rounds of two turns of ${load.durationMs / MS_PER_SECOND} s, ${load.connectionCount} connections, servers and load in processes of their own; the mean of the pairs' ratios with its 95 % confidence interval; by processor time of a request it is ${said(cpu)}`,
    figures: {
      throughputRatio: throughput.mean,
      throughputRatioLow: throughput.low,
      throughputRatioHigh: throughput.high,
      cpuRatio: cpu.mean,
      cpuRatioLow: cpu.low,
      cpuRatioHigh: cpu.high,
      onPerSecond,
      offPerSecond,
      onCpuUs: all("on", "cpuUs"),
      offCpuUs: all("off", "cpuUs"),
    },
  };
}

function said({ mean, low, high }: Estimate): string {
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
