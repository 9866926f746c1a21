/** Collections that a governor asks for: when, how often, what they gain, and when it stops. */
import { describe, expect, it } from "vitest";
import { createManualTenant, MEBIBYTE } from "./manual-meter.js";
import { mebibytes, openGovernor, type OpenGovernor, type OpenGovernorOptions } from "./open-governor.js";

const GC_INTERVAL_MS = 30_000;

const PAUSE_MS = 20;

interface Collecting extends OpenGovernor {
  /** How often it was asked for. */
  readonly count: () => number;
  /** So many MiB are used, and so many of them live. */
  readonly use: (used: number, live: number) => void;
}

/** A process that may be asked for collections: each takes {@link PAUSE_MS}, and shows a moment later what is live. */
function openCollecting(options: OpenGovernorOptions = {}): Collecting {
  let count = 0;
  let liveBytes = 0;
  const open = openGovernor({
    ...options,
    collect: () => {
      count += 1;
      open.timers.jump(PAUSE_MS);
      open.timers.after(1, () => open.meter.collected({ heapBytes: liveBytes, externalBytes: 0 }));
    },
  });
  return {
    ...open,
    count: () => count,
    use(used, live) {
      liveBytes = live * MEBIBYTE;
      open.meter.set({ heapUsedBytes: used * MEBIBYTE });
    },
  };
}

describe("A collection", () => {
  it("is asked for when what is used is over the threshold, and what of it is live isn't known", () => {
    const { timers, use, count, governor } = openCollecting();
    use(99, 40);
    timers.advance(5_000);
    expect(count()).toBe(0);
    use(101, 40);
    timers.advance(1_022);
    expect(count()).toBe(1);
    expect(governor.stats()).toMatchObject({
      liveBytes: 40 * MEBIBYTE,
      collections: {
        isOn: true,
        count: 1,
        freedBytes: 61 * MEBIBYTE,
        pauseMs: PAUSE_MS,
        last: { freedBytes: 61 * MEBIBYTE, pauseMs: PAUSE_MS },
        inVain: 0,
      },
    });
  });

  it("is asked for at most once in an interval", () => {
    const { timers, use, count } = openCollecting({ gcIntervalMs: GC_INTERVAL_MS });
    for (let time = 0; time < 300; time += 1) {
      use(120, 40);
      timers.advance(1_000);
    }
    expect(count()).toBeGreaterThanOrEqual(9);
    expect(count()).toBeLessThanOrEqual(10);
  });

  it("is asked for to see what the caches gave up", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { timers, leave, use, count, governor } = openCollecting({ tenants: [tenant] });
    leave(72);
    use(75, 59);
    timers.advance(1_022);
    expect(count()).toBe(1);
    expect(governor.level()).toBe(0);
  });

  it("is not asked for when V8 collects by itself, and shows what the caches gave up", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { timers, leave, count } = openCollecting({ tenants: [tenant], floorShare: 0.28 });
    leave(72);
    expect(tenant.entries()).toBe(28);
    for (let time = 0; time < 20; time += 1) {
      leave(65);
      timers.advance(10_000);
    }
    expect(count()).toBe(0);
  });

  it("is asked for again while memory is short and what is known is an interval old", () => {
    const { timers, leave, use, count } = openCollecting({ gcIntervalMs: GC_INTERVAL_MS });
    leave(120);
    use(125, 110);
    timers.advance(GC_INTERVAL_MS - 1_000);
    expect(count()).toBe(0);
    timers.advance(1_022);
    expect(count()).toBe(1);
  });

  it("is not asked for when it is known that what is used is live", () => {
    const { timers, leave, count } = openCollecting({ gcIntervalMs: GC_INTERVAL_MS });
    leave(69);
    timers.advance(10 * GC_INTERVAL_MS);
    expect(count()).toBe(0);
  });

  it("is not asked for while V8's own last one is younger than an interval, at level 0", () => {
    const { timers, use, leave, count } = openCollecting({ gcIntervalMs: GC_INTERVAL_MS });
    for (let time = 0; time < 20; time += 1) {
      leave(60);
      use(101, 60);
      timers.advance(GC_INTERVAL_MS / 2);
    }
    expect(count()).toBe(0);
    timers.advance(GC_INTERVAL_MS);
    expect(count()).toBe(1);
  });

  it("is never asked for where the process doesn't allow it", () => {
    const { governor, timers, meter } = openGovernor({ collect: null });
    meter.set({ heapUsedBytes: 500 * MEBIBYTE });
    timers.advance(10 * GC_INTERVAL_MS);
    expect(governor.stats().collections).toEqual({
      isOn: false,
      count: 0,
      freedBytes: 0,
      pauseMs: 0,
      last: null,
      inVain: 0,
    });
  });
});

describe("Collections that gain too little", () => {
  /** 1 MiB, in 20 ms: a thousandth of the threshold for each ms would be 2 MiB. */
  const inVain = ({ use }: Collecting): void => use(121, 120);

  function wait(collecting: Collecting, durationMs: number, before: (open: Collecting) => void): number {
    const already = collecting.count();
    for (let passedMs = 0; passedMs < durationMs; passedMs += 1_000) {
      before(collecting);
      collecting.timers.advance(1_000);
    }
    return collecting.count() - already;
  }

  function open(): Collecting {
    const collecting = openCollecting({ gcIntervalMs: GC_INTERVAL_MS });
    collecting.leave(120);
    return collecting;
  }

  it("stop after three in a row, and are tried again after ten intervals, then twenty", () => {
    const collecting = open();
    expect(wait(collecting, 4 * GC_INTERVAL_MS, inVain)).toBe(3);
    expect(collecting.governor.stats().collections).toMatchObject({ isOn: false, inVain: 3 });
    expect(collecting.notes.at(-1)?.message).toContain("gain too little");
    expect(wait(collecting, 7 * GC_INTERVAL_MS, inVain)).toBe(0);
    expect(wait(collecting, 4 * GC_INTERVAL_MS, inVain)).toBe(1);
    expect(wait(collecting, 15 * GC_INTERVAL_MS, inVain)).toBe(0);
    expect(wait(collecting, 8 * GC_INTERVAL_MS, inVain)).toBe(1);
  });

  it("are tried again after 160 intervals at the latest", () => {
    const collecting = open();
    wait(collecting, 400 * GC_INTERVAL_MS, inVain);
    expect(wait(collecting, 162 * GC_INTERVAL_MS, inVain)).toBe(1);
    expect(wait(collecting, 162 * GC_INTERVAL_MS, inVain)).toBe(1);
  });

  it("go on as before when one of them helps", () => {
    const collecting = open();
    wait(collecting, 4 * GC_INTERVAL_MS, inVain);
    const helps = ({ use }: Collecting): void => use(123, 120);
    expect(wait(collecting, 20 * GC_INTERVAL_MS, helps)).toBeGreaterThan(8);
    expect(collecting.governor.stats().collections.isOn).toBe(true);
    expect(wait(collecting, 4 * GC_INTERVAL_MS, inVain)).toBe(3);
    expect(collecting.governor.stats().collections.isOn).toBe(false);
  });
});
