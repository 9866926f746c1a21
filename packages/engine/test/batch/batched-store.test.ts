/** What travels together under `batched(store)`, and what never suffers for it. */
import { join } from "node:path";
import { MainspringError } from "@mainspring/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batched, type BatchedOptions } from "../../src/batch/index.js";
import type { CommitOptions, RecordWrite, Store, StoreReadOptions } from "../../src/ports.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { batchStatsOf } from "../../src/telemetry/performance-stats.js";
import { createManualClock } from "../../src/testing/index.js";
import { temporaryFolder } from "../store/temporary-folder.js";

const COMMITTED = { status: "committed" };
const CONFLICT = { status: "conflict" };

/** A store that notes its calls; `gate` holds commits back. */
function watched(inner: Store = createMemoryStore()) {
  const commits: { readonly writes: readonly RecordWrite[]; readonly options: CommitOptions | undefined }[] =
    [];
  const reads: { readonly ids: readonly string[]; readonly options: StoreReadOptions | undefined }[] = [];
  const snapshots: number[] = [];
  const gate = { isOpen: true, open: (): void => undefined, opened: Promise.resolve() };
  const store: Store = {
    ...inner,
    async commit(writes, options) {
      commits.push({ writes, options });
      await gate.opened;
      return inner.commit(writes, options);
    },
    async read(ids, options) {
      reads.push({ ids, options });
      await gate.opened;
      return inner.read(ids, options);
    },
    async putSnapshots(given) {
      snapshots.push(given.length);
      return inner.putSnapshots(given);
    },
  };
  const shut = (): void => {
    gate.opened = new Promise((resolve) => {
      gate.open = resolve;
    });
  };
  return { store, inner, commits, reads, snapshots, gate, shut };
}

function write(playerId: string, version = 1, rest: Partial<RecordWrite> = {}): RecordWrite {
  return {
    expected: version === 1 ? null : { incarnation: 1, version: version - 1 },
    next: { playerId, incarnation: 1, version, bytes: Uint8Array.of(version) },
    events: [{ number: version, bytes: Uint8Array.of(version) }],
    ...rest,
  };
}

function players(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `player-${index}`);
}

async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("commits under a batcher", () => {
  it("of many players share calls of the store, of at most maxBatchSize each", async () => {
    const { store, commits } = watched();
    const layer = batched(store, { maxBatchSize: 25 });
    const outcomes = await Promise.all(players(60).map(async (id) => layer.commit([write(id)])));
    expect(outcomes.flat()).toEqual(players(60).map(() => COMMITTED));
    expect(commits.map(({ writes }) => writes.length)).toEqual([25, 25, 10]);
    await layer.close();
  });

  it("have their own outcomes, whoever they travel with", async () => {
    const { store, commits } = watched();
    const layer = batched(store);
    await layer.commit([write("ada")]);
    const outcomes = await Promise.all([
      layer.commit([write("bob")]),
      layer.commit([write("ada")]),
      layer.commit([write("cleo", 5)]),
      layer.commit([write("dan"), write("dan"), write("dan", 2)]),
    ]);
    expect(outcomes).toEqual([[COMMITTED], [CONFLICT], [CONFLICT], [COMMITTED, CONFLICT, COMMITTED]]);
    expect(commits.length).toBe(2);
    await layer.close();
  });

  it("leave by their urgency when there is no slot, and tell the store the highest of a call", async () => {
    const { store, commits, gate, shut } = watched();
    const layer = batched(store, { maxBatchSize: 2, maxConcurrentBatches: 1 });
    shut();
    void layer.commit([write("first")]);
    await turns();
    const rest = (["bulk", "milestone", "command", "milestone"] as const).map(async (urgency, index) =>
      layer.commit([write(`${urgency}-${index}`)], { urgency }),
    );
    gate.open();
    await Promise.all([...rest, layer.flush()]);
    expect(commits.map(({ writes }) => writes.map(({ next }) => next.playerId))).toEqual([
      ["first"],
      ["command-2", "milestone-1"],
      ["milestone-3", "bulk-0"],
    ]);
    expect(commits.map(({ options }) => options?.urgency)).toEqual(["command", "command", "milestone"]);
    await layer.close();
  });

  it("of commands and milestones never wait for the timer, and those in bulk do", async () => {
    const clock = createManualClock();
    const { store, commits } = watched();
    const layer = batched(store, { batchTimeoutMs: 1_000, timers: clock });
    for (const urgency of ["command", "milestone"] as const)
      await layer.commit([write(urgency)], { urgency });
    const inBulk = players(3).map(async (id) => layer.commit([write(id)], { urgency: "bulk" }));
    await turns();
    clock.advance(999);
    await turns();
    expect(commits.length).toBe(2);
    clock.advance(1);
    expect((await Promise.all(inBulk)).flat()).toEqual([COMMITTED, COMMITTED, COMMITTED]);
    expect(commits.map(({ writes }) => writes.length)).toEqual([1, 1, 3]);
    await layer.close();
  });

  it("are one LMDB transaction for each batch", async () => {
    const temporary = temporaryFolder();
    const inner = await openLmdbStore({ folder: join(temporary.path, "data") });
    const layer = batched(inner, { maxBatchSize: 25, maxConcurrentBatches: 1 });
    try {
      await Promise.all(players(100).map(async (id) => layer.commit([write(id)])));
      const stats = layer.stats();
      expect(stats).toMatchObject({ kind: "lmdb", writes: 100, batches: 4, pending: 0 });
      expect(stats.batcher).toMatchObject({ batches: 4, operations: 100, meanBatchSize: 25 });
      expect(batchStatsOf(stats)).toEqual(stats.batcher);
    } finally {
      await layer.close();
      temporary.remove();
    }
  });

  it("that only a bug makes, or that the store never takes, harm no other that would travel with them", async () => {
    const temporary = temporaryFolder();
    const { store, commits } = watched(await openLmdbStore({ folder: join(temporary.path, "data") }));
    const layer = batched(store);
    try {
      const gap = [1, 3].map((number) => ({ number, bytes: new Uint8Array(1) }));
      const bad = Promise.allSettled([
        layer.commit([write("gap", 1, { events: gap })]),
        layer.commit([write("version", 0.5)]),
        layer.commit([write("no/slashes")]),
        layer.read(["no/slashes"]),
      ]);
      const good = await Promise.all([
        layer.commit([write("ada")]),
        layer.commit([write("bob")]),
        layer.read(["nobody"]),
      ]);
      expect(good).toEqual([[COMMITTED], [COMMITTED], [null]]);
      const codes = (await bad).map((settled) =>
        settled.status === "rejected" ? (settled.reason as MainspringError).code : null,
      );
      expect(codes).toEqual(["INTERNAL", "INTERNAL", "INVALID_REQUEST", "INVALID_REQUEST"]);
      expect(commits.map(({ writes }) => writes.length)).toEqual([3, 1, 1, 1]);
    } finally {
      await layer.close();
      temporary.remove();
    }
  });

  it("lets nobody suffer for another's record that is too large", async () => {
    const inner = createMemoryStore();
    const layer = batched({
      ...inner,
      async commit(writes, options) {
        if (writes.some(({ next }) => next.bytes.length > 100)) {
          throw new MainspringError("RECORD_TOO_LARGE", "too large");
        }
        return inner.commit(writes, options);
      },
    });
    const next = { playerId: "large", incarnation: 1, version: 1, bytes: new Uint8Array(101) };
    const large = layer.commit([write("large", 1, { next })]);
    const others = ["ada", "bob"].map(async (playerId) => layer.commit([write(playerId)]));
    await expect(large).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    expect(await Promise.all(others)).toEqual([[COMMITTED], [COMMITTED]]);
    await layer.close();
  });

  it("fail together when the store can't answer, since nobody knows which happened, once all of a call are settled", async () => {
    const { store } = watched();
    let calls = 0;
    let failSecond = (): void => undefined;
    const layer = batched(
      {
        ...store,
        commit: async (writes) => {
          calls += 1;
          if (calls === 1) throw new MainspringError("STORE_UNAVAILABLE", "no answer");
          await new Promise<void>((resolve) => {
            failSecond = resolve;
          });
          return store.commit(writes);
        },
      },
      { maxBatchSize: 1, maxConcurrentBatches: 2 },
    );
    let isSettled = false;
    const commit = layer.commit([write("ada"), write("bob")]).finally(() => {
      isSettled = true;
    });
    commit.catch(() => undefined);
    await turns();
    expect(isSettled).toBe(false);
    failSecond();
    await expect(commit).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await layer.read(["bob"])).toMatchObject([{ version: 1 }]);
    await layer.close();
  });

  it("are refused as a whole when too much waits, and nothing of them is written", async () => {
    const { store, commits, gate, shut } = watched();
    const layer = batched(store, { maxWaitingOperations: 3 });
    shut();
    const accepted = layer.commit([write("ada"), write("bob")]);
    await expect(layer.commit([write("cleo"), write("dan")])).rejects.toMatchObject({ code: "OVERLOADED" });
    gate.open();
    expect(await accepted).toEqual([COMMITTED, COMMITTED]);
    expect(commits.flatMap(({ writes }) => writes).length).toBe(2);
    expect(layer.stats().batcher).toMatchObject({ refused: 2, pending: 0 });
    await layer.close();
  });

  it("are refused when those that wait hold too many bytes", async () => {
    const layer = batched(createMemoryStore(), { maxWaitingBytes: 2_000 });
    const large = { next: { playerId: "ada", incarnation: 1, version: 1, bytes: new Uint8Array(1_500) } };
    const accepted = layer.commit([write("ada", 1, large)]);
    await expect(layer.commit([write("bob", 1, large)])).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(await accepted).toEqual([COMMITTED]);
    await layer.close();
  });
});

describe("two commits of a player that wait", () => {
  const bulk = { urgency: "bulk" } as const;
  let clock: ReturnType<typeof createManualClock>;
  let watch: ReturnType<typeof watched>;
  let layer: Store;

  beforeEach(async () => {
    clock = createManualClock();
    watch = watched();
    const options: BatchedOptions = { timers: clock, batchTimeoutMs: 1_000 };
    layer = batched(watch.store, options);
    // So that the system is not idle.
    await layer.commit([write("ada")]);
    watch.commits.length = 0;
  });

  afterEach(async () => {
    await layer.close();
  });

  async function sentAfter(calls: readonly Promise<unknown>[]): Promise<readonly RecordWrite[]> {
    await layer.flush();
    await Promise.allSettled(calls);
    return watch.commits.flatMap(({ writes }) => writes);
  }

  it("become one under the first's condition, with the events of both, the latest mark and one outcome", async () => {
    const calls = [2, 3, 4].map(async (version) =>
      layer.commit([write("ada", version, { mark: Uint8Array.of(version) })], bulk),
    );
    const [sent, ...others] = await sentAfter(calls);
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ expected: { incarnation: 1, version: 1 }, next: { version: 4 } });
    expect(sent?.events.map(({ number }) => number)).toEqual([2, 3, 4]);
    expect([...(sent?.mark ?? [])]).toEqual([4]);
    expect(await Promise.all(calls)).toEqual([[COMMITTED], [COMMITTED], [COMMITTED]]);
    expect(layer.stats().batcher?.coalesced).toBe(2);
    expect(
      await watch.inner.readEvents({ playerId: "ada", incarnation: 1, afterNumber: 0, limit: 9 }),
    ).toHaveLength(4);
  });

  it("both conflict when the first's condition fails, even if the version that the second expects is there by then", async () => {
    const calls = [2, 3].map(async (version) => layer.commit([write("ada", version)], bulk));
    await turns();
    await watch.inner.commit([write("ada", 2, { events: [] })]);
    await sentAfter(calls);
    expect(await Promise.all(calls)).toEqual([[CONFLICT], [CONFLICT]]);
    expect((await watch.inner.read(["ada"]))[0]?.version).toBe(2);
  });

  it("both fail when the store can't answer", async () => {
    watch.shut();
    const calls = [2, 3].map(async (version) => layer.commit([write("ada", version)], bulk));
    await turns();
    const failure = new MainspringError("STORE_UNAVAILABLE", "no answer");
    watch.gate.opened = Promise.reject(failure);
    watch.gate.opened.catch(() => undefined);
    await layer.flush();
    expect(await Promise.allSettled(calls)).toEqual([
      { status: "rejected", reason: failure },
      { status: "rejected", reason: failure },
    ]);
    watch.gate.opened = Promise.resolve();
  });

  it("leave at once as one when the second is a command", async () => {
    const calls = [layer.commit([write("ada", 2)], bulk), layer.commit([write("ada", 3)])];
    expect(await Promise.all(calls)).toEqual([[COMMITTED], [COMMITTED]]);
    expect(watch.commits.length).toBe(1);
    expect(watch.commits[0]?.options).toEqual({ urgency: "command" });
  });

  it.each<[string, RecordWrite, RecordWrite]>([
    ["the second expects another version", write("ada", 2), write("ada", 4)],
    ["the second expects nothing", write("ada", 2), write("ada", 3, { expected: null })],
    [
      "the second expects another incarnation",
      write("ada", 2),
      write("ada", 3, { expected: { incarnation: 2, version: 2 } }),
    ],
    [
      "the second makes the player anew",
      write("ada", 2),
      write("ada", 3, { next: { playerId: "ada", incarnation: 2, version: 3, bytes: new Uint8Array(0) } }),
    ],
    [
      "events are missing between them",
      write("ada", 2),
      write("ada", 3, { events: [{ number: 4, bytes: new Uint8Array(1) }] }),
    ],
    ["only the first has a mark", write("ada", 2, { mark: Uint8Array.of(2) }), write("ada", 3)],
    [
      "together they have more events than a record may hold unsaved",
      write("ada", 2),
      write("ada", 3, {
        events: Array.from({ length: 64 }, (_, index) => ({ number: index + 3, bytes: new Uint8Array(1) })),
      }),
    ],
    [
      "together they are large",
      write("ada", 2),
      write("ada", 3, {
        next: { playerId: "ada", incarnation: 1, version: 3, bytes: new Uint8Array(65_536) },
      }),
    ],
  ])("stay two when %s", async (_reason, first, second) => {
    const calls = [layer.commit([first], bulk), layer.commit([second], bulk)];
    expect((await sentAfter(calls)).length).toBe(2);
  });

  it("stay two when they were given in one call", async () => {
    const call = layer.commit([write("ada", 2), write("ada", 3)], bulk);
    expect((await sentAfter([call])).length).toBe(2);
  });

  it("stay two when another of the player is under way before them", async () => {
    watch.shut();
    const calls = [layer.commit([write("ada", 2)])];
    await turns();
    calls.push(layer.commit([write("ada", 3)]), layer.commit([write("ada", 4)]));
    watch.gate.open();
    expect((await Promise.all(calls)).flat()).toEqual([COMMITTED, COMMITTED, COMMITTED]);
    expect(watch.commits.map(({ writes }) => writes.length)).toEqual([1, 2]);
  });
});

describe("reads under a batcher", () => {
  it("of many players share a call of the store, and those of one player an answer", async () => {
    const { store, reads } = watched();
    const layer = batched(store, { maxBatchSize: 100 });
    await layer.commit([write("ada")]);
    const ids = [...players(50), "ada", "ada", "ada"];
    const found = await Promise.all(ids.map(async (id) => layer.read([id, "ada"])));
    expect(reads.length).toBe(1);
    expect([...(reads[0]?.ids ?? [])].sort()).toEqual([...players(50), "ada"].sort());
    for (const [, ada] of found) expect(ada).toMatchObject({ playerId: "ada", version: 1 });
    const bytes = new Set(found.map(([, ada]) => ada?.bytes));
    expect(bytes.size).toBe(ids.length);
    expect(layer.stats().reads).toBe(2 * ids.length);
    await layer.close();
  });

  it("that are strong and those that are not travel apart", async () => {
    const { store, reads } = watched();
    const layer = batched(store);
    await Promise.all([
      layer.read(["ada"]),
      layer.read(["ada"], { consistency: "eventual" }),
      layer.read(["bob"], { consistency: "strong" }),
    ]);
    expect(reads).toEqual([
      { ids: ["ada", "bob"], options: { consistency: "strong" } },
      { ids: ["ada"], options: { consistency: "eventual" } },
    ]);
    await layer.close();
  });

  it("that come while one of the player is under way ask anew, since its answer may be older than they are", async () => {
    const { store, inner, reads, gate, shut } = watched();
    const layer = batched(store);
    shut();
    const before = layer.read(["ada"]);
    await turns();
    await inner.commit([write("ada")]);
    const after = layer.read(["ada"]);
    gate.open();
    await before;
    expect(await after).toMatchObject([{ version: 1 }]);
    expect(reads.length).toBe(2);
    await layer.close();
  });

  it("never wait for writes that take long", async () => {
    const inner = createMemoryStore();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const layer = batched(
      {
        ...inner,
        commit: async (writes) => {
          await held;
          return inner.commit(writes);
        },
      },
      { maxConcurrentBatches: 1 },
    );
    const commit = layer.commit([write("ada")]);
    await turns();
    expect(await layer.read(["ada"])).toEqual([null]);
    release();
    expect(await commit).toEqual([COMMITTED]);
    await layer.close();
  });

  it("are refused when too many wait", async () => {
    const layer = batched(createMemoryStore(), { maxWaitingOperations: 2 });
    const accepted = layer.read(["ada", "bob", "ada"]);
    await expect(layer.read(["cleo"])).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(await accepted).toEqual([null, null, null]);
    await layer.close();
  });
});

describe("snapshots under a batcher", () => {
  it("wait for each other, until a flush", async () => {
    const { store, snapshots } = watched();
    const layer = batched(store, { timers: createManualClock() });
    const put = async (id: string): Promise<void> =>
      layer.putSnapshots([{ record: write(id).next, eventCount: 0, atMs: Date.now() }]);
    await put("first");
    const others = players(10).map(put);
    await turns();
    expect(snapshots).toEqual([1]);
    await layer.flush();
    await Promise.all(others);
    expect(snapshots).toEqual([1, 10]);
    expect(await layer.readSnapshots({ playerId: "player-3", limit: 1 })).toHaveLength(1);
    await layer.close();
  });
});

describe("a batcher that is on for some players", () => {
  const isOn = (playerId: string): boolean => playerId.startsWith("on");

  it("sends what is of others straight to the store, and answers in order", async () => {
    const { store, commits, reads, snapshots } = watched();
    const layer = batched(store, { isOn });
    const outcomes = await Promise.all([
      layer.commit([write("on1"), write("off1"), write("off1"), write("on1"), write("off2")]),
      layer.commit([write("on2")]),
      layer.commit([write("off3")]),
    ]);
    expect(outcomes).toEqual([
      [COMMITTED, COMMITTED, CONFLICT, CONFLICT, COMMITTED],
      [COMMITTED],
      [COMMITTED],
    ]);
    expect(commits.map(({ writes }) => writes.map(({ next }) => next.playerId))).toEqual([
      ["off1", "off1", "off2"],
      ["off3"],
      ["on1", "on1", "on2"],
    ]);
    const found = await layer.read(["off2", "on2", "nobody", "on1"]);
    expect(found.map((record) => record?.playerId)).toEqual(["off2", "on2", undefined, "on1"]);
    expect(reads.map(({ ids }) => ids)).toEqual([
      ["off2", "nobody"],
      ["on2", "on1"],
    ]);
    const snapshotOf = (playerId: string) => ({ record: write(playerId).next, eventCount: 1, atMs: 1 });
    await Promise.all([
      layer.putSnapshots([snapshotOf("off1"), snapshotOf("on1"), snapshotOf("off2")]),
      layer.flush(),
    ]);
    expect(snapshots).toEqual([2, 1]);
    expect(layer.stats()).toMatchObject({ writes: 7, conflicts: 2, pending: 0 });
    await layer.close();
  });

  it("lets no write overtake one of its player that waits or is under way, whichever way that went", async () => {
    for (const isOnFirst of [true, false]) {
      const { store, inner, commits, gate, shut } = watched();
      const switched = { isOn: isOnFirst };
      const layer = batched(store, { isOn: () => switched.isOn, batchTimeoutMs: 1 });
      if (!isOnFirst) shut();
      const first = layer.commit([write("ada", 1)], { urgency: "bulk" });
      switched.isOn = !isOnFirst;
      const second = layer.commit([write("ada", 2)]);
      expect(layer.stats().pending).toBeGreaterThanOrEqual(2);
      gate.open();
      expect(await Promise.all([first, second])).toEqual([[COMMITTED], [COMMITTED]]);
      expect((await inner.read(["ada"]))[0]?.version).toBe(2);
      // Now that nothing is under way, it goes the way that it is switched to.
      const before = layer.stats().batcher?.operations ?? 0;
      expect(await layer.commit([write("ada", 3)])).toEqual([COMMITTED]);
      expect((layer.stats().batcher?.operations ?? 0) - before).toBe(isOnFirst ? 0 : 1);
      expect(commits.length).toBeGreaterThan(1);
      await layer.close();
    }
  });

  it("flushes and closes once both ways are done", async () => {
    for (const end of ["flush", "close"] as const) {
      const { store, gate, shut } = watched();
      const done: string[] = [];
      const telling: Store = {
        ...store,
        async commit(writes, options) {
          const outcomes = await store.commit(writes, options);
          done.push(...writes.map(({ next }) => next.playerId));
          return outcomes;
        },
      };
      const layer = batched(telling, { isOn });
      shut();
      const working = ["on1", "off1"].map(async (id) => layer.commit([write(id)]));
      const ending = layer[end]().then(() => done.push(end));
      await turns(5);
      expect(done).toEqual([]);
      gate.open();
      await Promise.all([...working, ending]);
      expect(done.at(-1)).toBe(end);
      if (end === "flush") await layer.close();
      await expect(layer.commit([write("off2")])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await expect(layer.read(["off2"])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
  });

  it("never says that nothing was written where half of a call was", async () => {
    const { store } = watched();
    const refusing: Store = {
      ...store,
      async commit(writes, options) {
        if (writes.some(({ next }) => next.playerId === "off1")) {
          throw new MainspringError("RECORD_TOO_LARGE", "Too large.");
        }
        return store.commit(writes, options);
      },
    };
    const layer = batched(refusing, { isOn });
    await expect(layer.commit([write("on1"), write("off1")])).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    await expect(layer.commit([write("off1")])).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    await layer.close();
  });
});
