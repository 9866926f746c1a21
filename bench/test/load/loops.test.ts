/** The two loops, on a clock that the test moves: what they send when, and what they say of a server that is slow. */
import { createManualClock, type ManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { runClosedLoop } from "../../src/load/closed-loop.js";
import { runOpenLoop } from "../../src/load/open-loop.js";
import type { Ask, LoadFound } from "../../src/load/outcome.js";

/** Makes every gap as long as the mean. */
const EVENLY = 1 - 1 / Math.E;

const MAX_MS = 200_000;

/** Moves the clock by steps until the load is done. */
async function play(clock: ManualClock, running: Promise<LoadFound>): Promise<LoadFound> {
  let found: LoadFound | undefined;
  void (async () => {
    found = await running;
  })();
  for (let ms = 0; ms < MAX_MS; ms += 1) {
    clock.advance(1);
    await Promise.resolve();
    if (found !== undefined) return found;
  }
  throw new Error("The load has no end.");
}

/** Answers after so long; what is asked before `stalledUntilMs` waits until then. */
function serverOn(
  clock: ManualClock,
  { answerMs, stalledUntilMs = 0 }: { answerMs: number; stalledUntilMs?: number },
) {
  const askedAtMs: number[] = [];
  const startedAtMs = clock.nowMs();
  const ask: Ask = (done) => {
    const nowMs = clock.nowMs() - startedAtMs;
    askedAtMs.push(nowMs);
    clock.after(Math.max(stalledUntilMs - nowMs, 0) + answerMs, () => done("ok"));
  };
  return { ask, askedAtMs };
}

const playersOf = (ask: Ask, count: number): readonly Ask[] => Array.from({ length: count }, () => ask);

describe("the open loop", () => {
  it("asks by its schedule, however slow the answers are", async () => {
    const clock = createManualClock();
    const server = serverOn(clock, { answerMs: 500 });
    const asks = playersOf(server.ask, 1000);
    const found = await play(
      clock,
      runOpenLoop({ asks, perSecond: 100, durationMs: 2000, timers: clock, random: () => EVENLY }),
    );
    expect(server.askedAtMs.length).toBeGreaterThanOrEqual(199);
    expect(
      Math.max(...server.askedAtMs.map((at, index) => Math.abs(at - (index + 1) * 10))),
    ).toBeLessThanOrEqual(1);
    expect(found.okCount).toBe(server.askedAtMs.length);
    expect(found.p50Ms).toBeGreaterThanOrEqual(500);
    expect(found.maxMs).toBeLessThanOrEqual(502);
  });

  it("charges a stall to everybody who was due meanwhile, also to those who could not be sent", async () => {
    const clock = createManualClock();
    const server = serverOn(clock, { answerMs: 1, stalledUntilMs: 1000 });
    const found = await play(
      clock,
      // One player: the second request can't go before the first is answered, a second later.
      runOpenLoop({
        asks: playersOf(server.ask, 1),
        perSecond: 50,
        durationMs: 2000,
        timers: clock,
        random: () => EVENLY,
      }),
    );
    expect(server.askedAtMs[1]).toBeGreaterThan(1000);
    // Half of all requests were due during the stall and waited for half of it in the mean.
    expect(found.okCount).toBeGreaterThanOrEqual(99);
    expect(found.maxMs).toBeGreaterThan(970);
    expect(found.p50Ms).toBeGreaterThan(1);
    expect(found.p99Ms).toBeGreaterThan(950);
  });

  it("says how many answers came within a deadline, and how long the last one took after the end", async () => {
    const clock = createManualClock();
    const server = serverOn(clock, { answerMs: 1, stalledUntilMs: 1500 });
    const asks = playersOf(server.ask, 1000);
    const found = await play(
      clock,
      runOpenLoop({
        asks,
        perSecond: 100,
        durationMs: 1000,
        deadlineMs: 800,
        timers: clock,
        random: () => EVENLY,
      }),
    );
    // Due in the last 300 ms of the load.
    expect(found.okCount).toBeGreaterThanOrEqual(99);
    expect(found.goodCount).toBeGreaterThanOrEqual(29);
    expect(found.goodCount).toBeLessThanOrEqual(31);
    expect(found.drainMs).toBeGreaterThanOrEqual(500);
    expect(found.drainMs).toBeLessThanOrEqual(502);
  });

  it("doesn't send without bound, and says what it did not send", async () => {
    const clock = createManualClock();
    const found = await play(
      clock,
      runOpenLoop({
        asks: playersOf((done) => clock.after(1500, () => done("timed-out")), 1),
        perSecond: 1000,
        durationMs: 1000,
        timers: clock,
        random: () => EVENLY,
      }),
    );
    expect(found.failed["timed-out"]).toBe(101);
    expect(found.failed["not-sent"]).toBeGreaterThanOrEqual(897);
    expect(found.failedCount).toBe(found.failed["timed-out"] + found.failed["not-sent"]);
    expect(found.okCount).toBe(0);
  });
});

describe("the closed loop", () => {
  it("asks on each connection as soon as it is answered", async () => {
    const clock = createManualClock();
    const server = serverOn(clock, { answerMs: 10 });
    const asks = playersOf(server.ask, 8);
    const found = await play(clock, runClosedLoop({ asks, durationMs: 1000, timers: clock }));
    expect(found.okCount).toBe(800);
    expect(found.maxMs).toBe(10);
    // The last ones come when time is up.
    expect(found.perSecond).toBe(792);
  });

  it("counts what fails by its kind, and goes on", async () => {
    const clock = createManualClock();
    const outcomes = ["refused", "broken", "ok", "ok"] as const;
    let asked = 0;
    const ask: Ask = (done) => {
      const outcome = outcomes[asked % outcomes.length] ?? "ok";
      asked += 1;
      clock.after(1, () => done(outcome));
    };
    const found = await play(clock, runClosedLoop({ asks: [ask], durationMs: 100, timers: clock }));
    expect(found).toMatchObject({ okCount: 50, failedCount: 50, failed: { refused: 25, broken: 25 } });
  });
});
