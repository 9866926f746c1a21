/**
 * What the batcher costs and gains on the embedded store: commits a second of many players on the store as it is and under
 * the batcher, and the processor time of the batcher itself. The store shares flushes among commits on its own, so that this
 * shows the price of a layer that pays off where each request travels.
 */
import { join } from "node:path";
import type { RecordWrite, Store } from "@mainspring/engine";
import { batched, type BatchedOptions, createBatcher } from "@mainspring/engine/batch";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { ownCpuMs } from "../cpu-time.js";
import { formatNumber, formatSummary } from "../format.js";
import { ratiosOf, summarise, type Summary } from "../measure.js";
import type { Finding, Row } from "../row.js";

const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;

interface Load {
  readonly playerCount: number;
  /** Of each player, one after the other, in each round. */
  readonly commitsPerPlayer: number;
  readonly roundCount: number;
  /** Operations for each measurement of the batcher alone. */
  readonly operationCount: number;
}

const FULL: Load = { playerCount: 1_000, commitsPerPlayer: 20, roundCount: 5, operationCount: 200_000 };
const QUICK: Load = { playerCount: 20, commitsPerPlayer: 4, roundCount: 1, operationCount: 2_000 };

/** The default, and one that suits a store that takes any number of writes in one transaction. */
const SIZES: readonly Required<Pick<BatchedOptions, "maxBatchSize" | "maxConcurrentBatches">>[] = [
  { maxBatchSize: 25, maxConcurrentBatches: 5 },
  { maxBatchSize: 1_000, maxConcurrentBatches: 2 },
];

/** About what a record and the events of a command take. */
const RECORD_BYTES = 700;
const EVENT_BYTES = 120;

export const batchedCommits: Row = async ({ folder, isQuick, defer }) => {
  const load = isQuick ? QUICK : FULL;
  const findings: Finding[] = [];
  for (const [index, size] of SIZES.entries()) {
    const plain = await openLmdbStore({ folder: join(folder, `plain-${index}`) });
    defer(() => plain.close());
    const inner = await openLmdbStore({ folder: join(folder, `batched-${index}`) });
    const layered = batched(inner, size);
    defer(() => layered.close());
    const perSecond = { plain: [] as number[], batched: [] as number[] };
    const groups: number[] = [];
    // The first round makes the players and warms both sides up.
    for (let round = 0; round <= load.roundCount; round += 1) {
      const first = round * load.commitsPerPlayer + 1;
      const plainMs = await commitAll(plain, load, first);
      const before = inner.stats();
      const batchedMs = await commitAll(layered, load, first);
      const after = inner.stats();
      if (round === 0) continue;
      const commitCount = load.playerCount * load.commitsPerPlayer;
      perSecond.plain.push((commitCount / plainMs) * MS_PER_SECOND);
      perSecond.batched.push((commitCount / batchedMs) * MS_PER_SECOND);
      groups.push((after.writes - before.writes) / (after.batches - before.batches));
    }
    findings.push(throughputFinding(size, load, perSecond, groups));
  }
  return [...findings, await costFinding(load)];
};

/** All players at once, each with one commit after the other. Says how long it took, in ms. */
async function commitAll(
  store: Store,
  { playerCount, commitsPerPlayer }: Load,
  firstVersion: number,
): Promise<number> {
  const startedAtMs = performance.now();
  const players = Array.from({ length: playerCount }, async (_, player) => {
    for (let version = firstVersion; version < firstVersion + commitsPerPlayer; version += 1) {
      const [outcome] = await store.commit([writeOf(`player-${player}`, version)]);
      if (outcome?.status !== "committed") throw new Error("A commit conflicted, though nobody else writes.");
    }
  });
  await Promise.all(players);
  return performance.now() - startedAtMs;
}

function writeOf(playerId: string, version: number): RecordWrite {
  return {
    expected: version === 1 ? null : { incarnation: 1, version: version - 1 },
    next: { playerId, incarnation: 1, version, bytes: new Uint8Array(RECORD_BYTES) },
    events: [{ number: version, bytes: new Uint8Array(EVENT_BYTES) }],
  };
}

function throughputFinding(
  { maxBatchSize, maxConcurrentBatches }: (typeof SIZES)[number],
  { playerCount }: Load,
  perSecond: { readonly plain: readonly number[]; readonly batched: readonly number[] },
  groups: readonly number[],
): Finding {
  const ratio = ratiosOf(perSecond.batched, perSecond.plain);
  const plain = summarise(perSecond.plain);
  const layered = summarise(perSecond.batched);
  const writesPerTransaction = summarise(groups);
  return {
    what: `commits on the embedded store under the batcher, ${maxBatchSize} to a batch, ${maxConcurrentBatches} at once, against the store as it is`,
    measured: `${formatSummary(ratio, { unit: "" })}: ${formatNumber(Math.round(layered.median))} against ${formatNumber(Math.round(plain.median))} per second`,
    budget: null,
    isMet: null,
    how: `${formatNumber(playerCount)} players at once, each with one commit of a record and an event after the other; ${formatNumber(writesPerTransaction.median)} writes to a flushed transaction under the batcher`,
    figures: { ratio, plainPerSecond: plain, batchedPerSecond: layered, writesPerTransaction },
  };
}

/** How many operations wait at once: the price of one must not grow with it. */
const BACKLOGS = [100, 10_000] as const;

async function costFinding({ operationCount, roundCount }: Load): Promise<Finding> {
  const costs: Summary[] = [];
  for (const backlog of BACKLOGS) {
    const measured: number[] = [];
    for (let round = 0; round <= roundCount; round += 1) {
      const cpuUs = await costOf({ operationCount, backlog });
      if (round > 0) measured.push(cpuUs);
    }
    costs.push(summarise(measured));
  }
  const [few, many] = costs;
  if (few === undefined || many === undefined) throw new Error("Nothing was measured.");
  return {
    what: "CPU of the batcher for each operation",
    measured: `${formatSummary(few, { unit: "µs" })} with ${BACKLOGS[0]} waiting, ${formatSummary(many, { unit: "µs" })} with ${formatNumber(BACKLOGS[1])}`,
    budget: null,
    isMet: null,
    how: `${formatNumber(operationCount)} operations of as many keys and three priorities, to a server that answers at once, 25 to a batch; all of the process`,
    figures: { fewWaitingUs: few, manyWaitingUs: many },
  };
}

/** In µs for each operation. So many wait at any time: each that is answered is followed by another. */
async function costOf({
  operationCount,
  backlog,
}: {
  readonly operationCount: number;
  readonly backlog: number;
}): Promise<number> {
  const batcher = createBatcher<number, number>({
    send: async (_group, operations) => operations.map((outcome) => ({ status: "done", outcome })),
    maxBatchSize: 25,
    batchTimeoutMs: 1_000,
    maxConcurrentBatches: 5,
    maxWaitingBytes: Number.MAX_SAFE_INTEGER,
    maxWaitingOperations: Number.MAX_SAFE_INTEGER,
    ageingMs: 1_000,
  });
  const startedAtMs = ownCpuMs();
  let next = 0;
  const callers = Array.from({ length: backlog }, async () => {
    while (next < operationCount) {
      next += 1;
      const priority = ([0, 1, 2] as const)[next % 3] ?? 0;
      await batcher.submit({ group: "records", key: `key-${next}`, priority, sizeBytes: 700, value: next });
    }
  });
  await Promise.all(callers);
  await batcher.close();
  return ((ownCpuMs() - startedAtMs) / operationCount) * US_PER_MS;
}
