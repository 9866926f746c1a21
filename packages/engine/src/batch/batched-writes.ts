/** Commits of many players in one call of the store, and snapshots in another. */
import { MainspringError } from "@mainspring/core";
import type { RecordWrite, Snapshot, Store, Trace, Urgency, WriteOutcome } from "../ports.js";
import type { Batcher, BatcherOptions, GroupLimits, Operation, Sent } from "./batcher.js";
import type { Priority } from "./batcher-stats.js";
import { coalesceWrites, sizeOf } from "./coalesce-writes.js";
import { createBatcher } from "./create-batcher.js";
import { sendOrSplit } from "./send-or-split.js";

const COMMITTED: WriteOutcome = { status: "committed" };

const COMMITS = "commits";
const SNAPSHOTS = "snapshots";

const PRIORITIES: Readonly<Record<Urgency, Priority>> = { command: 0, milestone: 1, bulk: 2 };

interface Commit {
  readonly write: RecordWrite;
  readonly urgency: Urgency;
  /** Counts calls. Writes of one call were given their own outcomes on purpose, and never become one. */
  readonly call: number;
  readonly trace: Trace | undefined;
}

export type WriteOperation = { readonly commit: Commit } | { readonly snapshot: Snapshot };

export interface BatchedWrites
  extends Pick<Store, "commit" | "putSnapshots">,
    Pick<Batcher<WriteOperation, WriteOutcome>, "flush" | "close" | "stats"> {}

export function createBatchedWrites(
  store: Store,
  {
    maxBytes,
    ...options
  }: Omit<BatcherOptions<WriteOperation, WriteOutcome>, "send"> & { readonly maxBytes: number },
): BatchedWrites {
  const { maxBatchSize } = options;
  const limits = (group: string): GroupLimits => ({
    maxOperations: maxBatchSize,
    maxBytes,
    // A call does two writes of one player in their order.
    repeatsKeys: group === COMMITS,
  });
  const batcher = createBatcher<WriteOperation, WriteOutcome>({
    ...options,
    limits,
    coalesce({ waiting, later, isAlone }) {
      if (!isAlone || !("commit" in waiting) || !("commit" in later)) return null;
      const commit = coalesceCommits(waiting.commit, later.commit);
      return commit && { value: { commit }, sizeBytes: sizeOf(commit.write) };
    },
    send: async (_group, operations) => sendWrites(store, operations),
  });
  let calls = 0;
  return {
    async commit(writes, { urgency = "command", trace } = {}) {
      calls += 1;
      const call = calls;
      const settled = await batcher.submitAll(
        writes.map((given) => {
          assertSound(given);
          return commitOperation({ write: copyOf(given), urgency, call, trace });
        }),
      );
      return settled.map(valueOf);
    },
    async putSnapshots(snapshots) {
      const settled = await batcher.submitAll(snapshots.map(snapshotOperation));
      for (const one of settled) valueOf(one);
    },
    flush: async () => batcher.flush(),
    close: async () => batcher.close(),
    stats: () => batcher.stats(),
  };
}

function commitOperation(commit: Commit): Operation<WriteOperation> {
  const { write, urgency } = commit;
  return {
    group: COMMITS,
    key: write.next.playerId,
    priority: PRIORITIES[urgency],
    sizeBytes: sizeOf(write),
    value: { commit },
    lingers: urgency === "bulk",
  };
}

function snapshotOperation(snapshot: Snapshot): Operation<WriteOperation> {
  const { record } = snapshot;
  const own = { ...snapshot, record: { ...record, bytes: new Uint8Array(record.bytes) } };
  const sizeBytes = sizeOf({ expected: null, next: record, events: [] });
  // A repeat changes nothing and the newest are kept, so that they need no order.
  return { group: SNAPSHOTS, priority: PRIORITIES.bulk, sizeBytes, value: { snapshot: own }, lingers: true };
}

function coalesceCommits(waiting: Commit, later: Commit): Commit | null {
  if (waiting.call === later.call) return null;
  const write = coalesceWrites(waiting.write, later.write);
  return (
    write && {
      write,
      urgency: moreUrgent(waiting.urgency, later.urgency),
      call: later.call,
      trace: waiting.trace ?? later.trace,
    }
  );
}

function moreUrgent(one: Urgency, other: Urgency): Urgency {
  return PRIORITIES[one] <= PRIORITIES[other] ? one : other;
}

async function sendWrites(
  store: Store,
  operations: readonly WriteOperation[],
): Promise<readonly Sent<WriteOutcome>[]> {
  const commits = operations.flatMap((operation) => ("commit" in operation ? operation.commit : []));
  if (commits.length > 0) {
    return sendOrSplit(commits, async (given) => {
      const urgency = given.reduce<Urgency>((most, commit) => moreUrgent(most, commit.urgency), "bulk");
      // They are steps of the first of them that is looked at.
      const trace = given.find((commit) => commit.trace !== undefined)?.trace;
      return store.commit(
        given.map(({ write }) => write),
        { urgency, ...(trace !== undefined && { trace }) },
      );
    });
  }
  const snapshots = operations.flatMap((operation) => ("snapshot" in operation ? operation.snapshot : []));
  return sendOrSplit(snapshots, async (given) => {
    await store.putSnapshots(given);
    return given.map(() => COMMITTED);
  });
}

/** @throws what the operation failed with. All of a call are settled by then, so that a reader finds what became of them. */
function valueOf(settled: PromiseSettledResult<WriteOutcome>): WriteOutcome {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

/**
 * Bytes belong to the caller again as soon as the call returns. Small Buffers share their memory, which takes a fraction of
 * the time that an array of its own for each copy does; the store makes copies of what it keeps.
 */
function copyOf({ expected, next, events, mark }: RecordWrite): RecordWrite {
  const { playerId, incarnation, version, bytes } = next;
  return {
    expected: expected && { incarnation: expected.incarnation, version: expected.version },
    next: { playerId, incarnation, version, bytes: Buffer.from(bytes) },
    events: events.map((event) => ({ number: event.number, bytes: Buffer.from(event.bytes) })),
    ...(mark !== undefined && { mark: Buffer.from(mark) }),
  };
}

/** What only a bug makes must not fail the writes that would travel with it. @throws MainspringError `INTERNAL` */
function assertSound({ next: { incarnation, version }, events }: RecordWrite): void {
  const isCount =
    Number.isSafeInteger(incarnation) && incarnation >= 0 && Number.isSafeInteger(version) && version >= 1;
  if (!isCount)
    throw new MainspringError("INTERNAL", `No record has incarnation ${incarnation} and version ${version}.`);
  const first = events[0]?.number ?? 0;
  for (const [index, { number }] of events.entries()) {
    if (number !== first + index)
      throw new MainspringError(
        "INTERNAL",
        `Event ${number} follows ${first + index - 1}: numbers have no gaps.`,
      );
  }
}
