/** The AWS SDK over the connection pool, beside the same SDK over its own default handler. */
import { formatNumber, formatSummary } from "../format.js";
import { ratiosOf, type Summary, summarise } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { StubAnswer, StubQuestion } from "../sides/dynamodb-stub.js";
import type { Carrier, SdkLoadAnswer, SdkLoadQuestion } from "../sides/sdk-load.js";
import { type Side, startSide } from "../sides/side.js";

const BUDGET_RATIO = 1.4;

/** A p99 that differs by less from one run to the next is not slower. */
const BUDGET_P99_RATIO = 1.05;

const CARRIERS = ["pool", "default", "none", "bare"] as const satisfies readonly Carrier[];

interface Load {
  readonly roundCount: number;
  readonly durationMs: number;
  readonly inFlights: readonly number[];
  readonly startCount: number;
  readonly idleLimitMs: number;
  /** Around the instant at which the server closes, and after it. */
  readonly pausesMs: readonly number[];
}

const FULL: Load = {
  roundCount: 7,
  durationMs: 700,
  inFlights: [1, 10, 100],
  startCount: 7,
  idleLimitMs: 5_000,
  pausesMs: [4_990, 5_000, 5_010, 5_500],
};
const QUICK: Load = {
  roundCount: 1,
  durationMs: 50,
  inFlights: [10],
  startCount: 1,
  idleLimitMs: 300,
  pausesMs: [400],
};

type LoadSide = Side<SdkLoadQuestion, SdkLoadAnswer>;
type Rounds = Readonly<Record<Carrier, SdkLoadAnswer[]>>;

export const sdkPool: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const findings: Finding[] = [];
  for (const isTls of [false, true]) {
    const stub = await openStub(context, { isTls, idleLimitMs: 0 });
    const sides = new Map(CARRIERS.map((carrier) => [carrier, startLoad(context)]));
    for (const inFlight of load.inFlights) {
      const rounds = await play(sides, { ...stub, inFlight, load });
      findings.push(speedFinding(rounds, { isTls, inFlight, load }));
    }
    for (const side of sides.values()) await side.stop();
  }
  findings.push(await startFinding(context, load), await pauseFinding(context, load));
  return findings;
};

const startLoad = (context: RowContext): LoadSide => startSide(context, "sdk-load");

async function openStub(
  context: RowContext,
  question: Omit<StubQuestion, "answerAfterMs">,
): Promise<StubAnswer> {
  const stub = startSide<StubQuestion, StubAnswer>(context, "dynamodb-stub");
  return stub.ask({ ...question, answerAfterMs: 0 });
}

const ASK: Omit<SdkLoadQuestion, "carrier" | "endpoint" | "ca" | "inFlight"> = {
  warmConnections: 10,
  durationMs: Number.MAX_SAFE_INTEGER,
  maxRequests: Number.MAX_SAFE_INTEGER,
  pausesMs: [],
};

/** All carriers in turns, another one first in each round; the first round warms up and is thrown away. */
async function play(
  sides: ReadonlyMap<Carrier, LoadSide>,
  { load, ...target }: StubAnswer & { readonly inFlight: number; readonly load: Load },
): Promise<Rounds> {
  const rounds: Rounds = { pool: [], default: [], none: [], bare: [] };
  const order = [...sides];
  for (let round = 0; round <= load.roundCount; round += 1) {
    for (const [carrier, side] of order) {
      const answer = await side.ask({ ...ASK, ...target, carrier, durationMs: load.durationMs });
      if (round > 0) rounds[carrier].push(answer);
    }
    order.push(...order.splice(0, 1));
  }
  return rounds;
}

const summaryOf = (answers: readonly SdkLoadAnswer[], of: (answer: SdkLoadAnswer) => number): Summary =>
  summarise(answers.map(of));

function ratioOf(rounds: Rounds, of: (answer: SdkLoadAnswer) => number): Summary {
  return ratiosOf(rounds.pool.map(of), rounds.default.map(of));
}

function speedFinding(
  rounds: Rounds,
  { isTls, inFlight, load }: { readonly isTls: boolean; readonly inFlight: number; readonly load: Load },
): Finding {
  const perSecond = (answer: SdkLoadAnswer): number => answer.requestsPerSecond;
  const cpuUs = (answer: SdkLoadAnswer): number => answer.cpuUsPerRequest;
  const p99Ms = (answer: SdkLoadAnswer): number => answer.p99Ms;
  const ratio = ratioOf(rounds, perSecond);
  const p99Ratio = ratioOf(rounds, p99Ms);
  const median = (carrier: Carrier, of: (answer: SdkLoadAnswer) => number): number =>
    summaryOf(rounds[carrier], of).median;
  const text = (carrier: Carrier, of: (answer: SdkLoadAnswer) => number): string =>
    formatNumber(Math.round(median(carrier, of)));
  const [poolCpu, sdkCpu] = [median("pool", cpuUs), median("none", cpuUs)];
  const limit = ratiosOf(rounds.none.map(perSecond), rounds.default.map(perSecond));
  return {
    what: `requests a second of the AWS SDK over the pool, against the same SDK over its default handler, ${isTls ? "with TLS" : "without TLS"}, ${inFlight} in flight`,
    measured: `${formatSummary(ratio, { unit: "" })}: ${text("pool", perSecond)} against ${text("default", perSecond)}; p99 ${formatSummary(p99Ratio, { unit: "" })}: ${formatNumber(median("pool", p99Ms))} ms against ${formatNumber(median("default", p99Ms))} ms`,
    budget: `≥ ${BUDGET_RATIO}, p99 no slower`,
    isMet: ratio.median >= BUDGET_RATIO && p99Ratio.median <= BUDGET_P99_RATIO,
    how: `${load.roundCount} rounds of ${load.durationMs} ms in turns, each in a process of its own, one stub server; an answer of 1 KiB. Processor time for one request: ${formatNumber(poolCpu)} µs against ${formatNumber(median("default", cpuUs))} µs, of which the SDK itself takes ${formatNumber(sdkCpu)} µs (${formatNumber((sdkCpu / poolCpu) * 100)} % of ours). Limits: the SDK without any network ${text("none", perSecond)} a second, which would be ${formatNumber(limit.median)}; undici without the SDK ${text("bare", perSecond)}`,
    figures: {
      ratio,
      p99Ratio,
      poolPerSecond: summaryOf(rounds.pool, perSecond),
      defaultPerSecond: summaryOf(rounds.default, perSecond),
      sdkAlonePerSecond: summaryOf(rounds.none, perSecond),
      barePerSecond: summaryOf(rounds.bare, perSecond),
      poolCpuUs: summaryOf(rounds.pool, cpuUs),
      defaultCpuUs: summaryOf(rounds.default, cpuUs),
      sdkAloneCpuUs: summaryOf(rounds.none, cpuUs),
      poolP99Ms: summaryOf(rounds.pool, p99Ms),
      defaultP99Ms: summaryOf(rounds.default, p99Ms),
    },
  };
}

const START_REQUESTS = 50;
const START_IN_FLIGHT = 10;

async function startFinding(context: RowContext, load: Load): Promise<Finding> {
  const stub = await openStub(context, { isTls: true, idleLimitMs: 0 });
  const starts = { warm: [] as SdkLoadAnswer[], cold: [] as SdkLoadAnswer[], plain: [] as SdkLoadAnswer[] };
  const start = async (carrier: Carrier, warmConnections: number): Promise<SdkLoadAnswer> => {
    const side = startLoad(context);
    const limits = { maxRequests: START_REQUESTS, inFlight: START_IN_FLIGHT, warmConnections };
    const answer = await side.ask({ ...ASK, ...stub, ...limits, carrier });
    await side.stop();
    return answer;
  };
  for (let round = 0; round < load.startCount; round += 1) {
    starts.warm.push(await start("pool", START_IN_FLIGHT));
    starts.cold.push(await start("pool", 0));
    starts.plain.push(await start("default", 0));
  }
  const allMs = (answers: readonly SdkLoadAnswer[]): Summary =>
    summaryOf(answers, ({ durationMs }) => durationMs);
  const maxMs = (answers: readonly SdkLoadAnswer[]): Summary => summaryOf(answers, (answer) => answer.maxMs);
  const text = (answers: readonly SdkLoadAnswer[]): string =>
    `${formatSummary(allMs(answers), { unit: "ms" })}, the slowest ${formatSummary(maxMs(answers), { unit: "ms" })}`;
  return {
    what: "the first 50 requests after start, with TLS, 10 in flight",
    measured: `pre-warmed ${text(starts.warm)}; the pool not warmed ${text(starts.cold)}; the default handler ${text(starts.plain)}`,
    budget: null,
    isMet: null,
    how: `${load.startCount} new processes each, in turns; making the client and warming the pool is not counted`,
    figures: {
      warmMs: allMs(starts.warm),
      coldMs: allMs(starts.cold),
      defaultMs: allMs(starts.plain),
      warmSlowestMs: maxMs(starts.warm),
      coldSlowestMs: maxMs(starts.cold),
      defaultSlowestMs: maxMs(starts.plain),
    },
  };
}

async function pauseFinding(context: RowContext, load: Load): Promise<Finding> {
  const { idleLimitMs, pausesMs } = load;
  const pause = async (carrier: Carrier, isTls: boolean): Promise<SdkLoadAnswer> => {
    const stub = await openStub(context, { isTls, idleLimitMs });
    const side = startLoad(context);
    const limits = { maxRequests: START_REQUESTS, inFlight: START_IN_FLIGHT, pausesMs: [0, ...pausesMs] };
    return side.ask({ ...ASK, ...stub, ...limits, carrier });
  };
  const [poolPlain, poolTls, defaultPlain, defaultTls] = await Promise.all([
    pause("pool", false),
    pause("pool", true),
    pause("default", false),
    pause("default", true),
  ]);
  const failed = poolPlain.failed + poolTls.failed;
  const peerFailed = defaultPlain.failed + defaultTls.failed;
  const requests = poolPlain.requests + poolTls.requests;
  return {
    what: "failed requests after pauses in which the server closed idle connections",
    measured: `${failed} of ${requests}; over the default handler ${peerFailed} of ${requests}`,
    budget: "0",
    isMet: failed === 0,
    how: `the server closes connections after ${formatNumber(idleLimitMs)} ms without a request and says nothing of it; pauses of ${pausesMs.map(formatNumber).join(", ")} ms, then ${START_REQUESTS} requests, ${START_IN_FLIGHT} in flight, with TLS and without`,
    figures: { failed, defaultFailed: peerFailed, requests },
  };
}
