/** What the batcher does in plain cases, and what it costs. */
import { describe, expect, it } from "vitest";
import { type BatcherOptions, createBatcher, type Operation, type Priority } from "../../src/batch/index.js";
import { createLaneHeap, type HeapMember } from "../../src/batch/lane-heap.js";
import { createManualClock } from "../../src/testing/index.js";

interface Sent {
  readonly atMs: number;
  readonly group: string;
  readonly values: readonly string[];
}

const LATENCY_MS = 10;

/** A batcher before a server that does everything after {@link LATENCY_MS}. */
function setUp(options: Partial<BatcherOptions<string, string>> = {}) {
  const clock = createManualClock(0);
  const sent: Sent[] = [];
  const batcher = createBatcher<string, string>({
    async send(group, values) {
      sent.push({ atMs: clock.nowMs(), group, values });
      await clock.wait(LATENCY_MS);
      return values.map((value) => ({ status: "done", outcome: value }));
    },
    maxBatchSize: 3,
    batchTimeoutMs: 100,
    maxConcurrentBatches: 1,
    maxWaitingBytes: 1_000,
    maxWaitingOperations: 1_000,
    ageingMs: 1_000,
    timers: clock,
    ...options,
  });
  const pass = async (ms: number): Promise<void> => {
    await turns();
    for (let passed = 0; passed < ms; passed += 1) {
      clock.advance(1);
      await turns();
    }
  };
  return { batcher, clock, sent, pass };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

function operation(value: string, rest: Partial<Operation<string>> = {}): Operation<string> {
  return { group: "records", priority: 0, sizeBytes: 1, value, ...rest };
}

describe("a batcher", () => {
  it("sends what comes in one turn together, and what is more than a batch in several", async () => {
    const { batcher, sent, pass } = setUp({ maxConcurrentBatches: 2 });
    const answers = Promise.all(["a", "b", "c", "d"].map(async (value) => batcher.submit(operation(value))));
    await pass(LATENCY_MS);
    expect(await answers).toEqual(["a", "b", "c", "d"]);
    expect(sent.map(({ values }) => values)).toEqual([["a", "b", "c"], ["d"]]);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0]);
  });

  it("lets a trickle of what lingers share requests: one leaves at once, the others wait for their batch", async () => {
    const { batcher, sent, pass } = setUp({ maxBatchSize: 50 });
    for (let count = 0; count < 30; count += 1) {
      void batcher.submit(operation(`${count}`, { lingers: true }));
      await pass(10);
    }
    expect(sent.map(({ values }) => values.length)).toEqual([1, 10, 10]);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 100, 200]);
    await Promise.all([batcher.close(), pass(LATENCY_MS)]);
  });

  it("sends what lingers along with what does not", async () => {
    const { batcher, sent, pass } = setUp();
    void batcher.submit(operation("first"));
    await pass(LATENCY_MS);
    void batcher.submit(operation("slow", { lingers: true, priority: 2 }));
    await pass(1);
    void batcher.submit(operation("quick"));
    await pass(LATENCY_MS);
    expect(sent.map(({ values }) => values)).toEqual([["first"], ["quick", "slow"]]);
    await batcher.close();
  });

  it("pulls the earlier operations of a key along when an urgent one of it comes", async () => {
    const { batcher, sent, pass } = setUp({ maxBatchSize: 1 });
    void batcher.submit(operation("under way"));
    await pass(1);
    void batcher.submit(operation("milestone", { priority: 1 }));
    void batcher.submit(operation("bulk of ada", { key: "ada", priority: 2, lingers: true }));
    void batcher.submit(operation("command of ada", { key: "ada", priority: 0 }));
    await pass(50);
    expect(sent.flatMap(({ values }) => values)).toEqual([
      "under way",
      "bulk of ada",
      "command of ada",
      "milestone",
    ]);
    await batcher.close();
  });

  it("sends a low priority within its ageing time even under a flood of high ones", async () => {
    const { batcher, sent, pass } = setUp({ maxBatchSize: 1, ageingMs: 100 });
    void batcher.submit(operation("low", { priority: 2 }));
    // Twice as many as can be sent, from before the first turn on.
    for (let round = 0; round < 60; round += 1) {
      void batcher.submit(operation("high"));
      void batcher.submit(operation("high"));
      await pass(LATENCY_MS);
    }
    const low = sent.findIndex(({ values }) => values.includes("low"));
    const before = sent.slice(0, low).length;
    // 40 came within two ageing times of it, and those that came with it go first as well.
    expect(before).toBe(40);
    await Promise.all([batcher.close(), pass(2_000)]);
  });

  it("rests with full jitter: a part, drawn anew each time, of a bound that doubles up to a limit", async () => {
    const clock = createManualClock(0);
    const sentAtMs: number[] = [];
    const chances = [0.5, 0.25, 0.75, 0.999, 0];
    const batcher = createBatcher<string, string>({
      maxBatchSize: 1,
      batchTimeoutMs: 100,
      maxConcurrentBatches: 1,
      maxWaitingBytes: 10,
      maxWaitingOperations: 10,
      ageingMs: 1,
      timers: clock,
      retry: { baseDelayMs: 100, maxDelayMs: 400, maxAttempts: 6 },
      random: () => chances.shift() ?? 0,
      async send() {
        sentAtMs.push(clock.nowMs());
        return [{ status: "unprocessed" }];
      },
    });
    const answer = batcher.submit(operation("a"));
    answer.catch(() => undefined);
    for (let ms = 0; ms < 1_000; ms += 1) {
      await turns();
      clock.advance(1);
    }
    await expect(answer).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    // 50 of 100, 50 of 200, 300 of 400, 399.6 of 400, 0 of 400
    expect(sentAtMs).toEqual([0, 50, 100, 400, 800, 801]);
    expect(batcher.stats()).toMatchObject({ batches: 6, retried: 5, pending: 0, pendingBytes: 0 });
  });

  it("refuses an operation that alone is more than a request may carry, and says so", async () => {
    const limits = () => ({ maxOperations: 3, maxBytes: 100 });
    const { batcher, sent, pass } = setUp({ limits });
    await expect(batcher.submit(operation("large", { sizeBytes: 101 }))).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: 'An operation of 101 bytes is more than a request of "records" may carry: 100.',
    });
    const fits = batcher.submit(operation("fits", { sizeBytes: 100 }));
    await pass(LATENCY_MS);
    expect(await fits).toBe("fits");
    expect(sent.length).toBe(1);
  });

  it("takes all operations of a call, or none", async () => {
    const { batcher, sent, pass } = setUp({ maxWaitingOperations: 3 });
    const both = batcher.submitAll([operation("a"), operation("b")]);
    await expect(batcher.submitAll([operation("c"), operation("d")])).rejects.toMatchObject({
      code: "OVERLOADED",
    });
    expect(batcher.stats().refused).toBe(2);
    await pass(LATENCY_MS);
    expect(await both).toEqual(["a", "b"].map((value) => ({ status: "fulfilled", value })));
    expect(sent.flatMap(({ values }) => values)).toEqual(["a", "b"]);
    expect(await batcher.submitAll([])).toEqual([]);
  });

  it("fails all operations of a batch when it can't be sent, or is not answered in full", async () => {
    const failing = setUp({
      send: async () => {
        throw new Error("no connection");
      },
    });
    const failed = failing.batcher.submitAll([operation("a"), operation("b")]);
    await failing.pass(1);
    expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const short = setUp({ send: async () => [] });
    const unanswered = short.batcher.submit(operation("a"));
    unanswered.catch(() => undefined);
    await short.pass(1);
    await expect(unanswered).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("answers those who were made one with what becomes of the one, and hurries it for the one that may not wait", async () => {
    const { batcher, sent, pass } = setUp({
      coalesce: ({ waiting, later }) => ({ value: `${waiting}+${later}`, sizeBytes: 2 }),
    });
    void batcher.submit(operation("first"));
    await pass(1);
    const answers = ["a", "b", "c"].map(async (value) =>
      batcher.submit(operation(value, { key: "ada", lingers: value !== "c", priority: 2 })),
    );
    expect(batcher.stats()).toMatchObject({ pending: 4, pendingBytes: 3, coalesced: 2, waiting: [0, 0, 1] });
    await pass(2 * LATENCY_MS);
    expect(await Promise.all(answers)).toEqual(["a+b+c", "a+b+c", "a+b+c"]);
    expect(sent.map(({ values }) => values)).toEqual([["first"], ["a+b+c"]]);
    expect(batcher.stats()).toMatchObject({ pending: 0, pendingBytes: 0, waiting: [0, 0, 0] });
  });

  it("makes nothing one with what is on its way", async () => {
    const { batcher, sent, pass } = setUp({
      coalesce: ({ waiting, later }) => ({ value: `${waiting}+${later}`, sizeBytes: 2 }),
    });
    void batcher.submit(operation("a", { key: "ada" }));
    await pass(1);
    void batcher.submit(operation("b", { key: "ada" }));
    await pass(2 * LATENCY_MS);
    expect(sent.map(({ values }) => values)).toEqual([["a"], ["b"]]);
  });

  it("flushes what was given before, while more keeps coming", async () => {
    const { batcher, pass } = setUp({ maxBatchSize: 1 });
    const answered: string[] = [];
    const submit = (value: string) => {
      void batcher.submit(operation(value, { lingers: true })).then((outcome) => answered.push(outcome));
    };
    submit("before 1");
    submit("before 2");
    let isFlushed = false;
    void batcher.flush().finally(() => {
      isFlushed = true;
    });
    for (let round = 0; round < 5; round += 1) {
      submit("after");
      await pass(LATENCY_MS);
      expect(isFlushed).toBe(answered.includes("before 2"));
    }
    expect(isFlushed).toBe(true);
    await Promise.all([batcher.close(), pass(200)]);
  });

  it("counts what it does", async () => {
    const { batcher, pass } = setUp({ maxBatchSize: 2 });
    for (const priority of [0, 1, 2, 2] as const satisfies readonly Priority[]) {
      void batcher.submit(operation("x", { priority, sizeBytes: 5 }));
    }
    await pass(1);
    expect(batcher.stats()).toEqual({
      batches: 1,
      operations: 2,
      meanBatchSize: 2,
      pending: 4,
      pendingBytes: 20,
      inFlightBatches: 1,
      waiting: [0, 0, 2],
      refused: 0,
      retried: 0,
      coalesced: 0,
      longestWaitMs: 0,
    });
    await pass(2 * LATENCY_MS);
    expect(batcher.stats()).toMatchObject({
      batches: 2,
      operations: 4,
      pending: 0,
      longestWaitMs: LATENCY_MS,
    });
  });
});

describe("the heap of lanes", () => {
  interface Member extends HeapMember {
    rank: number;
  }

  it("gives its members in order, with no more comparisons than the logarithm of their number for each", () => {
    for (const count of [1_000, 100_000]) {
      let comparisons = 0;
      const heap = createLaneHeap<Member>((one, other) => {
        comparisons += 1;
        return one.rank < other.rank;
      });
      const members = Array.from({ length: count }, (_, index) => ({
        rank: (index * 7_919) % count,
        heapIndex: -1,
      }));
      for (const member of members) heap.push(member);
      for (const member of members.slice(0, count / 10)) {
        member.rank -= count;
        heap.raise(member);
      }
      const ranks = Array.from({ length: count }, () => heap.shift()?.rank ?? Number.NaN);
      expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
      expect(heap.first()).toBeUndefined();
      expect(comparisons).toBeLessThan(4 * count * Math.log2(count));
    }
  });
});
