/** A number for operators: exact as long as it is small, about right when it is large, and never in much memory. */
import { describe, expect, it } from "vitest";
import { createActiveQueues } from "../../src/service/active-queues.js";
import { createManualClock } from "../../src/testing/index.js";

const ACTIVE_MS = 300_000;

function open(maxNoted?: number) {
  const clock = createManualClock();
  const active = createActiveQueues(clock, maxNoted);
  const see = (count: number, { from = 0, isRunning = true } = {}) => {
    for (let index = from; index < from + count; index += 1) active.note(`player-${index}`, isRunning);
  };
  return { clock, active, see };
}

describe("the number of players with a running queue", () => {
  it("is exact up to fifty thousand, counts nobody twice, and forgets who was not seen for five minutes", () => {
    const { clock, active, see } = open();
    see(50_000);
    clock.advance(2_000);
    see(20_000);
    expect(active.count()).toBe(50_000);
    clock.advance(ACTIVE_MS - 2_000);
    expect(active.count()).toBe(50_000);
    clock.advance(1);
    expect(active.count()).toBe(20_000);
    see(5_000, { isRunning: false });
    expect(active.count()).toBe(15_000);
  });

  it("is off by no more than 3 % beyond, up and down again, and exact again in the end", () => {
    const { clock, active, see } = open();
    for (const count of [200_000, 400_000, 100_000]) {
      clock.advance(ACTIVE_MS + 1);
      see(count);
      expect(Math.abs(active.count() / count - 1)).toBeLessThan(0.03);
      // A second look at the same players changes nothing.
      clock.advance(2_000);
      see(count);
      expect(Math.abs(active.count() / count - 1)).toBeLessThan(0.03);
    }
    // One step finer at each time after which everybody has been seen.
    for (let step = 0; step < 8; step += 1) {
      clock.advance(ACTIVE_MS + 1);
      see(1_000);
      active.count();
    }
    expect(active.count()).toBe(1_000);
  });

  it("doesn't drop to half while the sample gets finer", () => {
    const { clock, active, see } = open(1_000);
    see(5_000);
    clock.advance(ACTIVE_MS + 1);
    see(240);
    for (let second = 0; second < 1_500; second += 10) {
      // Each is seen once in a while, a tenth of them at a time.
      for (let index = (second / 10) % 10; index < 240; index += 10) active.note(`player-${index}`, true);
      clock.advance(10_000);
      expect(active.count() / 240).toBeGreaterThan(0.6);
    }
    expect(active.count()).toBe(240);
  });
});
