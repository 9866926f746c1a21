/** What two answers say happened between them. */
import { describe, expect, it } from "vitest";
import { continuityOf, growth, perSecond, ratio } from "../../src/readings/step.js";
import { idleNumbers, withService } from "../support/numbers.js";

describe("a rate", () => {
  const before = withService({ reads: 100 }, { uptimeMs: 10_000 });

  it("is a counter's growth by the server's own clock", () => {
    const now = withService({ reads: 160 }, { uptimeMs: 13_000 });
    expect(perSecond({ before, now }, (numbers) => numbers.serviceStats.reads)).toBe(20);
  });

  it("isn't known of the first answer, of a counter that isn't there, and of one that began anew", () => {
    const now = withService({ reads: 5 }, { uptimeMs: 13_000 });
    expect(perSecond({ before: null, now }, (numbers) => numbers.serviceStats.reads)).toBeNull();
    expect(perSecond({ before, now }, (numbers) => numbers.overloadStats?.refusedForLoad)).toBeNull();
    expect(perSecond({ before, now }, (numbers) => numbers.serviceStats.reads)).toBeNull();
  });

  it("of an answer that is the same one again is no division by nothing", () => {
    expect(growth({ before, now: before }, (numbers) => numbers.serviceStats.reads)).toBe(0);
    expect(perSecond({ before, now: before }, (numbers) => numbers.serviceStats.reads)).toBeNull();
  });
});

describe("a ratio", () => {
  it("is of what happened between the answers, and nothing where nothing happened", () => {
    const before = idleNumbers({ batchStats: { batches: 10, operations: 10, pending: 0 } });
    const now = idleNumbers({ batchStats: { batches: 12, operations: 60, pending: 0 } });
    const size = (step: Parameters<typeof ratio>[0]) =>
      ratio(
        step,
        ({ batchStats }) => batchStats.operations,
        ({ batchStats }) => batchStats.batches,
      );
    expect(size({ before, now })).toBe(25);
    expect(size({ before: now, now })).toBeNull();
  });
});

describe("answers after each other", () => {
  const at = (uptimeMs: number) => idleNumbers({ uptimeMs });

  it("are of one process while its clock and the page's go alike, however long a pause there was", () => {
    expect(continuityOf(at(60_000), at(62_100), 2_000)).toBe("same");
    expect(continuityOf(at(60_000), at(180_000), 121_000)).toBe("same");
  });

  it("that begin at nothing are of a server that was started anew", () => {
    expect(continuityOf(at(60_000), at(1_500), 2_000)).toBe("restarted");
    expect(continuityOf(at(60_000), at(9_000), 12_000)).toBe("restarted");
  });

  it("that jump to another age are of another process", () => {
    expect(continuityOf(at(60_000), at(500_000), 2_000)).toBe("another");
    expect(continuityOf(at(500_000), at(62_000), 2_000)).toBe("another");
  });
});
