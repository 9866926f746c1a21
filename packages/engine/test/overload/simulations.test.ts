/**
 * The limit in the time of a model: servers of several kinds under loads that come whether they keep up or not. What is shown here are the
 * promises: most of what could be done is done, commands don't wait for long, what is low goes first, and nothing stays behind.
 */
import { describe, expect, it } from "vitest";
import type { RequestPriority } from "../../src/ports.js";
import { randomFrom, seededRandom } from "../store/seeded-random.js";
import { capacityOf, type Model, type ModelOptions, runModel, type Seen } from "./model-server.js";

/** Every simulation begins with it. */
const { seed } = seededRandom("simulated overload");

const SECOND_MS = 1000;
const DEADLINE_MS = 1000;

type Machine = Pick<ModelOptions, "costs" | "mix" | "workers" | "refusalMs">;

const MIX = { command: 0.2, read: 0.6, low: 0.2 };

/** All is worked by the event loop: in each turn those are answered who were ready. */
const LOOP: Machine = {
  costs: {
    command: { loopMs: 0.6, storeMs: 0 },
    read: { loopMs: 0.3, storeMs: 0 },
    low: { loopMs: 0.3, storeMs: 0 },
  },
  mix: MIX,
  workers: 1,
  refusalMs: 0.012,
};

/** The event loop is what is short, and commands wait for the disk besides. */
const DISK: Machine = {
  costs: {
    command: { loopMs: 0.5, storeMs: 4 },
    read: { loopMs: 0.25, storeMs: 0 },
    low: { loopMs: 0.3, storeMs: 0 },
  },
  mix: MIX,
  workers: 40,
  refusalMs: 0.012,
};

/** The store is what is short. */
const STORE: Machine = {
  costs: {
    command: { loopMs: 0.2, storeMs: 20 },
    read: { loopMs: 0.1, storeMs: 5 },
    low: { loopMs: 0.1, storeMs: 10 },
  },
  mix: MIX,
  workers: 5,
  refusalMs: 0.012,
};

/** A store that is far away and takes many at once. */
const FAR: Machine = {
  ...STORE,
  costs: {
    command: { loopMs: 0.2, storeMs: 80 },
    read: { loopMs: 0.1, storeMs: 40 },
    low: { loopMs: 0.1, storeMs: 40 },
  },
  workers: 50,
};

/** As it was measured on LMDB: a read costs little more than a refusal, and what is low costs most. */
const CHEAP: Machine = {
  costs: {
    command: { loopMs: 0.16, storeMs: 2 },
    read: { loopMs: 0.04, storeMs: 0 },
    low: { loopMs: 0.375, storeMs: 0 },
  },
  mix: { command: 0.05, read: 0.75, low: 0.2 },
  workers: 40,
  refusalMs: 0.03,
};

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Summary {
  readonly asked: number;
  readonly good: number;
  /** Of those asked. */
  readonly share: number;
  readonly p99Ms: number;
}

function summaryOf(seen: readonly Seen[], priority: RequestPriority, { fromMs, toMs }: Stretch): Summary {
  const mine = seen.filter((one) => one.priority === priority && one.atMs >= fromMs && one.atMs < toMs);
  const tookMs = mine.flatMap((one) => (one.tookMs === null ? [] : [one.tookMs])).sort((a, b) => a - b);
  const good = tookMs.filter((ms) => ms <= DEADLINE_MS).length;
  const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)] ?? 0;
  return { asked: mine.length, good, share: mine.length === 0 ? 1 : good / mine.length, p99Ms };
}

/** How much of what the machine can do went into good answers. */
function usefulShare({ costs, workers }: Machine, { seen }: Model, stretch: Stretch): number {
  let loopMs = 0;
  let storeMs = 0;
  for (const priority of ["command", "read", "low"] as const) {
    const { good } = summaryOf(seen, priority, stretch);
    loopMs += good * costs[priority].loopMs;
    storeMs += (good * costs[priority].storeMs) / workers;
  }
  return Math.max(loopMs, storeMs) / (stretch.toMs - stretch.fromMs);
}

function run(
  machine: Machine,
  {
    times,
    from = seed,
    ...options
  }: Partial<ModelOptions> & { readonly times: number | ((nowMs: number) => number); readonly from?: number },
): Model & { readonly capacity: number } {
  const capacity = capacityOf(machine);
  const at = typeof times === "number" ? () => times : times;
  const random = randomFrom(from);
  const model = runModel({
    ...machine,
    random: () => random.fraction(),
    untilMs: 30 * SECOND_MS,
    perSecond: (nowMs) => at(nowMs) * capacity,
    ...options,
  });
  return { ...model, capacity };
}

/** For bounds that a single run passes now and then by chance: they hold for the one in the middle. */
const SEEDS = Array.from({ length: 9 }, (_, index) => seed + index);

const middleOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const LATER: Stretch = { fromMs: 5 * SECOND_MS, toMs: 30 * SECOND_MS };

const MACHINES = [
  ["works everything in its loop", LOOP, 150],
  ["waits for its disk", DISK, 250],
  ["waits for its store", STORE, 500],
  ["waits for a store far away", FAR, 700],
] as const;

describe.each(MACHINES)("a server that %s", (_, machine, boundMs) => {
  it("lets everybody in at half of its capacity", () => {
    const { seen, limit } = run(machine, { times: 0.5 });
    for (const priority of ["command", "read", "low"] as const) {
      expect(summaryOf(seen, priority, LATER).share).toBeGreaterThan(0.999);
    }
    expect(limit.stats().stepsEntered).toMatchObject({ 2: 0, 3: 0 });
  });

  it("does nearly all that it can at its capacity", () => {
    const model = run(machine, { times: 1 });
    expect(usefulShare(machine, model, LATER)).toBeGreaterThan(0.88);
    expect(summaryOf(model.seen, "command", LATER).share).toBeGreaterThan(0.97);
  });

  it.each([2, 3])("works for answers that count at %i times its capacity, and commands go first", (times) => {
    const model = run(machine, { times });
    const { seen } = model;
    expect(usefulShare(machine, model, LATER)).toBeGreaterThan(0.85);
    const [command, read, low] = (["command", "read", "low"] as const).map((priority) =>
      summaryOf(seen, priority, LATER),
    );
    expect(command?.p99Ms).toBeLessThan(boundMs);
    expect(command?.share).toBeGreaterThan(2 * (read?.share ?? 1));
    expect(read?.share).toBeGreaterThanOrEqual((low?.share ?? 1) - 0.005);
    expect(low?.share).toBeLessThan(0.05);
    expect(command?.share).toBeGreaterThan(0.65);
  });

  it("is as before within five seconds after the load ended", () => {
    const end = 20 * SECOND_MS;
    const { seen } = run(machine, { times: (nowMs) => (nowMs < end ? 3 : 0.5) });
    const after = { fromMs: end + 5 * SECOND_MS, toMs: 30 * SECOND_MS };
    expect(summaryOf(seen, "command", after).share).toBeGreaterThan(0.995);
    expect(summaryOf(seen, "read", after).share).toBeGreaterThan(0.995);
    // The limit is found by being used, and what is low may use half of it.
    expect(summaryOf(seen, "low", after).share).toBeGreaterThan(0.95);
  });

  it.each(["command", "read", "low"] as const)("does what it can with nothing but %s", (only) => {
    const mix = { command: 0, read: 0, low: 0, [only]: 1 };
    const alone = { ...machine, mix };
    expect(usefulShare(alone, run(alone, { times: 3 }), LATER)).toBeGreaterThan(0.85);
  });

  it("stands bursts of ten times its capacity, each a fifth of a second long", () => {
    const { seen } = run(machine, { times: (nowMs) => (nowMs % 5000 < 200 ? 10 : 0.3) });
    const between = seen.filter(({ atMs }) => atMs > 5000 && atMs % 5000 > 2500);
    const good = between.filter(({ tookMs }) => tookMs !== null && tookMs <= DEADLINE_MS);
    expect(good.length / between.length).toBeGreaterThan(0.97);
    expect(summaryOf(seen, "command", LATER).p99Ms).toBeLessThan(2 * boundMs);
  });
});

describe("a store that becomes slow", () => {
  it("by ten times, for a minute: commands go on as fast as it lets them, and soon after all is as before", () => {
    const slow = { fromMs: 30 * SECOND_MS, toMs: 90 * SECOND_MS };
    const models = SEEDS.map((from) =>
      run(STORE, {
        from,
        times: 0.8,
        untilMs: 120 * SECOND_MS,
        slowness: (nowMs) => (nowMs >= slow.fromMs && nowMs < slow.toMs ? 10 : 1),
      }),
    );
    const model = models[0] as Model;
    const within = { fromMs: slow.fromMs + 10 * SECOND_MS, toMs: slow.toMs };
    const worked = (["command", "read", "low"] as const).reduce(
      (sum, priority) =>
        sum +
        model.seen.filter(
          (one) =>
            one.priority === priority &&
            one.tookMs !== null &&
            one.atMs >= within.fromMs &&
            one.atMs < within.toMs,
        ).length *
          STORE.costs[priority].storeMs,
      0,
    );
    expect((worked * 10) / STORE.workers / (within.toMs - within.fromMs)).toBeGreaterThan(0.85);
    // One takes 200 ms on average now; and whenever the limit is tried anew, some wait for many others: 1.9 to 6.3 s in 560 runs. Without
    // a limit it is most of a minute.
    const p99Ms = models.map(({ seen }) => summaryOf(seen, "command", within).p99Ms);
    expect(middleOf(p99Ms)).toBeLessThan(6 * SECOND_MS);
    expect(Math.max(...p99Ms)).toBeLessThan(8 * SECOND_MS);
    const after = { fromMs: slow.toMs + 10 * SECOND_MS, toMs: 120 * SECOND_MS };
    expect(summaryOf(model.seen, "command", after).share).toBeGreaterThan(0.99);
    expect(summaryOf(model.seen, "read", after).share).toBeGreaterThan(0.98);
    expect(summaryOf(model.seen, "low", after).share).toBeGreaterThan(0.9);
  });

  it("by two times, for good: that is what is normal from then on, at the latest after a probe", () => {
    const models = SEEDS.map((from) =>
      run(FAR, {
        from,
        times: 0.4,
        untilMs: 90 * SECOND_MS,
        slowness: (nowMs) => (nowMs >= 30 * SECOND_MS ? 2 : 1),
      }),
    );
    const later = { fromMs: 60 * SECOND_MS, toMs: 90 * SECOND_MS };
    // The limit that was known before is hardly ever reached, so the probe that ends it comes when it likes: in one of seventeen runs here,
    // and then for a second and the draining before it most are refused.
    for (const priority of ["command", "read", "low"] as const) {
      const shares = models.map(({ seen }) => summaryOf(seen, priority, later).share);
      expect([priority, middleOf(shares) > 0.99]).toEqual([priority, true]);
      expect([priority, Math.min(...shares) > 0.92]).toEqual([priority, true]);
    }
    expect(middleOf(models.map(({ limit }) => limit.step()))).toBeLessThan(2);
    for (const { seen } of models) {
      const refusedInSeconds = new Set(
        seen.flatMap(({ priority, atMs, tookMs }) =>
          priority !== "low" && tookMs === null && atMs >= later.fromMs ? [Math.floor(atMs / SECOND_MS)] : [],
        ),
      );
      expect(refusedInSeconds.size).toBeLessThanOrEqual(4);
    }
  });

  it("by fifty times, for good, though it takes any number at once: to refuse doesn't help, and that is found out", () => {
    const wide: Machine = {
      ...STORE,
      costs: {
        command: { loopMs: 0.2, storeMs: 4 },
        read: { loopMs: 0.1, storeMs: 2 },
        low: { loopMs: 0.1, storeMs: 2 },
      },
      workers: 2_000,
    };
    const { seen } = run(wide, {
      times: 0.25,
      untilMs: 60 * SECOND_MS,
      slowness: (nowMs) => (nowMs >= 20 * SECOND_MS ? 50 : 1),
    });
    const later = { fromMs: 45 * SECOND_MS, toMs: 60 * SECOND_MS };
    for (const priority of ["command", "read", "low"] as const) {
      expect([priority, summaryOf(seen, priority, later).share > 0.97]).toEqual([priority, true]);
    }
  });

  it("and three times as fast for good: the limit doesn't keep the queue that it might", () => {
    const { seen } = run(FAR, {
      times: (nowMs) => (nowMs < 30 * SECOND_MS ? 0.5 : 6),
      untilMs: 90 * SECOND_MS,
      slowness: (nowMs) => (nowMs >= 30 * SECOND_MS ? 1 / 3 : 1),
    });
    const later = { fromMs: 60 * SECOND_MS, toMs: 90 * SECOND_MS };
    expect(summaryOf(seen, "command", later).p99Ms).toBeLessThan(350);
  });
});

describe("an hour at three times the capacity", () => {
  it.each([
    ["of the event loop", LOOP, 20],
    ["of the store", STORE, 2],
  ] as const)("%s: what counts as the latency without queueing doesn't drift", (_, machine, factor) => {
    // A slower machine of the same kind, so that an hour has fewer requests.
    const costs = {
      command: scaled(machine.costs.command, factor),
      read: scaled(machine.costs.read, factor),
      low: scaled(machine.costs.low, factor),
    };
    const slowed: Machine = { ...machine, costs, refusalMs: machine.refusalMs * factor };
    const baselines: number[] = [];
    const hourMs = 3600 * SECOND_MS;
    const model = run(slowed, {
      times: 3,
      untilMs: hourMs,
      onSecond: (_nowMs, limit) => {
        baselines.push(limit.stats().byPriority.command.withoutQueueMs ?? 0);
      },
    });
    const half = baselines.length / 2;
    const mean = (some: readonly number[]): number => some.reduce((sum, ms) => sum + ms, 0) / some.length;
    const [first, second] = [mean(baselines.slice(0, half)), mean(baselines.slice(half))];
    expect(second).toBeLessThan(1.5 * first + 1);
    const last = { fromMs: hourMs - 300 * SECOND_MS, toMs: hourMs };
    expect(usefulShare(slowed, model, last)).toBeGreaterThan(0.85);
    expect(summaryOf(model.seen, "command", last).p99Ms).toBeLessThan(700);
  });

  const scaled = ({ loopMs, storeMs }: { loopMs: number; storeMs: number }, factor: number) => ({
    loopMs: loopMs * factor,
    storeMs: storeMs * factor,
  });
});

describe("a server whose reads cost little more than a refusal", () => {
  it("lets commands through, though to refuse the rest takes four fifths of its time", () => {
    const { seen } = run(CHEAP, { times: 3 });
    const command = summaryOf(seen, "command", LATER);
    expect(command.share).toBeGreaterThan(0.85);
    expect(command.p99Ms).toBeLessThan(700);
    expect(summaryOf(seen, "read", LATER).share).toBeGreaterThan(0.1);
  });
});
