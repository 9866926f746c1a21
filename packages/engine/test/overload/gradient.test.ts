/** What the limit is drawn from: when the latency without queueing is believed to have changed, and by how much the limit moves. */
import { describe, expect, it } from "vitest";
import { createGradient } from "../../src/overload/gradient.js";

const WINDOW_MS = 100;

interface Windows {
  readonly count?: number;
  readonly reads?: number;
  readonly tookMs: number;
  readonly mostInFlight: number;
  readonly isShedding?: boolean;
}

function open(initialLimit = 100) {
  const gradient = createGradient({ minLimit: 8, maxLimit: 1000, initialLimit });
  let nowMs = 0;
  return {
    gradient,
    /** Windows in which so many reads take so long each, with so many under way. */
    windows: ({ count = 1, reads = 50, tookMs, mostInFlight, isShedding = false }: Windows): void => {
      for (let window = 0; window < count; window += 1) {
        nowMs += WINDOW_MS;
        gradient.sample("read", tookMs, reads);
        gradient.conclude({ nowMs, mostInFlight, isShedding });
      }
    },
    baselineMs: () => gradient.baselineMs("read"),
  };
}

describe("the latency without queueing", () => {
  it("follows what is measured in quiet, up and down", () => {
    const { windows, baselineMs } = open();
    windows({ tookMs: 5, mostInFlight: 25 });
    expect(baselineMs()).toBe(5);
    windows({ tookMs: 15, mostInFlight: 25 });
    expect(baselineMs()).toBe(7);
    windows({ count: 30, tookMs: 15, mostInFlight: 25 });
    expect(baselineMs()).toBeCloseTo(15, 1);
    windows({ count: 30, tookMs: 14, mostInFlight: 25 });
    expect(baselineMs()).toBeCloseTo(14, 1);
  });

  it("isn't taken from a server with more of its limit in use, nor from one that refuses anybody", () => {
    const { windows, baselineMs } = open();
    windows({ count: 10, tookMs: 5, mostInFlight: 25 });
    windows({ count: 100, tookMs: 15, mostInFlight: 26 });
    windows({ count: 100, tookMs: 15, mostInFlight: 20, isShedding: true });
    expect(baselineMs()).toBe(5);
    // At the least limit nothing less can be had.
    windows({ count: 40, tookMs: 15, mostInFlight: 8, isShedding: true });
    expect(baselineMs()).toBeCloseTo(15, 1);
  });

  it("falls by what a busy server shows, unless that may be chance", () => {
    const { windows, baselineMs } = open();
    windows({ count: 10, tookMs: 10, mostInFlight: 8 });
    windows({ count: 100, tookMs: 8.1, mostInFlight: 60, isShedding: true });
    expect(baselineMs()).toBe(10);
    windows({ count: 1, tookMs: 5, mostInFlight: 60, isShedding: true });
    expect(baselineMs()).toBe(10);
    windows({ count: 2, tookMs: 5, mostInFlight: 60, isShedding: true });
    expect(baselineMs()).toBeLessThan(9);
    windows({ count: 100, tookMs: 5, mostInFlight: 60, isShedding: true });
    expect(baselineMs()).toBeLessThan(6.3);
  });

  it("is what a probe measured, and the more so the more it has seen", () => {
    const { gradient, windows, baselineMs } = open();
    windows({ count: 10, tookMs: 10, mostInFlight: 8 });
    gradient.sample("read", 900, 30);
    gradient.measure();
    gradient.sample("read", 20, 10);
    gradient.confirm();
    expect(baselineMs()).toBe(15);
    gradient.measure();
    gradient.sample("read", 35, 90);
    gradient.confirm();
    expect(baselineMs()).toBe(33);
  });
});

describe("the limit", () => {
  /** Knows that a read takes 10 ms, so that it may take 40. */
  const informed = (limit?: number) => {
    const opened = open(limit);
    opened.windows({ count: 10, tookMs: 10, mostInFlight: 8 });
    return opened;
  };

  it("falls by as much as requests take longer than they may, at most by half at once", () => {
    const { gradient, windows } = informed();
    windows({ tookMs: 50, mostInFlight: 100 });
    expect(gradient.limit()).toBe(80);
    const crashed = informed();
    crashed.windows({ tookMs: 5000, mostInFlight: 100 });
    expect(crashed.gradient.limit()).toBe(50);
  });

  it("rises by half at most, and not while less than half of it is used", () => {
    const { gradient, windows } = informed();
    windows({ count: 10, tookMs: 12, mostInFlight: 49 });
    expect(gradient.limit()).toBe(100);
    windows({ tookMs: 12, mostInFlight: 50 });
    expect(gradient.limit()).toBe(150);
  });

  it("waits until a change can have shown", () => {
    const { gradient, windows } = informed();
    // With 160 ms each, what came before is gone after about 320.
    windows({ count: 1, tookMs: 160, mostInFlight: 100 });
    expect(gradient.limit()).toBe(50);
    windows({ count: 3, tookMs: 160, mostInFlight: 100 });
    expect(gradient.limit()).toBe(50);
    windows({ count: 1, tookMs: 160, mostInFlight: 100 });
    expect(gradient.limit()).toBe(25);
  });

  it("isn't moved by few requests, and little by one that hung", () => {
    const { gradient, windows } = informed();
    windows({ count: 1, reads: 19, tookMs: 5000, mostInFlight: 100 });
    expect(gradient.limit()).toBe(100);
    const other = informed();
    other.gradient.sample("read", 30_000, 1);
    other.windows({ reads: 99, tookMs: 40, mostInFlight: 100 });
    expect(other.gradient.limit()).toBeGreaterThan(90);
  });

  it("is what it would have been, once a probe has shown that all has become slower and nobody queued", () => {
    const { gradient, windows } = informed();
    windows({ count: 30, tookMs: 100, mostInFlight: 100, isShedding: true });
    expect(gradient.limit()).toBe(8);
    gradient.measure();
    gradient.sample("read", 100, 90);
    gradient.confirm();
    expect(gradient.limit()).toBe(100);
    // With a queue at the end of which requests take ten times as long it is a tenth, or so.
    windows({ count: 60, tookMs: 2_000, mostInFlight: 100, isShedding: true });
    gradient.measure();
    gradient.sample("read", 90, 90);
    gradient.confirm();
    expect(gradient.limit()).toBe(10);
  });

  it("stays within its bounds", () => {
    const { gradient, windows } = informed();
    windows({ count: 1000, tookMs: 5000, mostInFlight: 1000, isShedding: true });
    expect(gradient.limit()).toBe(8);
    windows({ count: 1000, tookMs: 10, mostInFlight: 1000, isShedding: true });
    expect(gradient.limit()).toBe(1000);
  });

  it("weighs each priority by what it occupies, so that a change of the mix is no change of the latency", () => {
    const { gradient } = open();
    gradient.sample("read", 1, 100);
    gradient.sample("command", 40, 100);
    gradient.conclude({ nowMs: 100, mostInFlight: 8, isShedding: false });
    // Reads alone, then commands alone, each as fast as ever: the limit has no reason to fall.
    gradient.sample("read", 1, 1000);
    gradient.conclude({ nowMs: 200, mostInFlight: 100, isShedding: true });
    gradient.sample("command", 40, 1000);
    gradient.conclude({ nowMs: 300, mostInFlight: 130, isShedding: true });
    expect(gradient.limit()).toBe(100 * 1.5 ** 2);
    // Commands take twice what they may: among reads that are as fast as ever.
    gradient.sample("command", 200, 100);
    gradient.sample("read", 1, 100);
    gradient.conclude({ nowMs: 2000, mostInFlight: 150, isShedding: true });
    expect(gradient.limit()).toBeCloseTo((225 * (100 + 22)) / (200 + 1), 1);
  });
});
