/** What a start reads ahead, and when it goes on without. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../src/testing/manual-clock.js";
import {
  MAX_WARM_UP_MS,
  warmUp,
  WARM_UP_BATCH,
  type WarmUpOptions,
} from "../../../src/cache/warm-up/warm-up.js";

const SIZE_BYTES = 1_000;

function players(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `player-${index}`);
}

/** A list of so many players; each fetch takes so long. */
function setUp(playerCount: number, { fetchMs = 0 }: { readonly fetchMs?: number } = {}) {
  const clock = createManualClock();
  const batches: (readonly string[])[] = [];
  const limits: number[] = [];
  const options: WarmUpOptions = {
    timers: clock,
    remote: {
      readRecent: async (limit) => {
        limits.push(limit);
        return players(playerCount).slice(0, limit);
      },
    },
    fetch: async (playerIds) => {
      batches.push(playerIds);
      clock.advance(fetchMs);
      return { found: playerIds.length, sizeBytes: playerIds.length * SIZE_BYTES };
    },
  };
  return { clock, batches, limits, options };
}

describe("warming up", () => {
  it("reads the most recently active in batches, and says what it did", async () => {
    const { batches, options } = setUp(250, { fetchMs: 10 });
    expect(await warmUp(options)).toEqual({
      ended: "done",
      asked: 250,
      found: 250,
      sizeBytes: 250 * SIZE_BYTES,
      tookMs: 30,
      failure: null,
    });
    expect(batches.map(({ length }) => length)).toEqual([WARM_UP_BATCH, WARM_UP_BATCH, 50]);
    expect(batches.flat()).toEqual(players(250));
  });

  it("reads no more than so many players", async () => {
    const { limits, options } = setUp(1_000);
    expect(await warmUp({ ...options, maxPlayers: 120 })).toMatchObject({ ended: "done", asked: 120 });
    expect(limits).toEqual([120]);
  });

  it("believes no list that is longer than it asked for", async () => {
    const { options } = setUp(0);
    const remote = { readRecent: async () => players(1_000) };
    expect(await warmUp({ ...options, remote, maxPlayers: 120 })).toMatchObject({ asked: 120 });
  });

  it("begins no batch after so many bytes", async () => {
    const { options } = setUp(1_000);
    const report = await warmUp({ ...options, maxBytes: 150 * SIZE_BYTES });
    expect(report).toMatchObject({ ended: "bytes", asked: 200, found: 200 });
  });

  it("begins no batch after its time", async () => {
    const { options } = setUp(1_000, { fetchMs: MAX_WARM_UP_MS / 2 });
    expect(await warmUp(options)).toMatchObject({ ended: "time", asked: 200 });
  });

  it("does not wait for a fetch that hangs, and asks for nothing more when that ends at last", async () => {
    const { clock, batches, options } = setUp(1_000);
    let answer = (): void => {};
    const hanging: WarmUpOptions["fetch"] = async (playerIds) => {
      batches.push(playerIds);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return { found: playerIds.length, sizeBytes: 0 };
    };
    const warming = warmUp({ ...options, fetch: hanging });
    await Promise.resolve();
    clock.advance(MAX_WARM_UP_MS);
    expect(await warming).toMatchObject({ ended: "time", asked: 100, found: 0, tookMs: MAX_WARM_UP_MS });
    answer();
    await Promise.resolve();
    await Promise.resolve();
    expect(batches).toHaveLength(1);
  });

  it("does not wait for a list that never comes", async () => {
    const { clock, options } = setUp(0);
    const warming = warmUp({ ...options, remote: { readRecent: async () => new Promise(() => {}) } });
    clock.advance(MAX_WARM_UP_MS);
    expect(await warming).toMatchObject({ ended: "time", asked: 0 });
  });

  it("goes on without when the list can't be read, or a fetch fails", async () => {
    const failure = new Error("away");
    const fail = async () => Promise.reject(failure);
    const { options } = setUp(250);
    expect(await warmUp({ ...options, remote: { readRecent: fail } })).toMatchObject({
      ended: "failed",
      asked: 0,
      failure,
    });
    expect(await warmUp({ ...options, fetch: fail })).toMatchObject({ ended: "failed", asked: 100, failure });
  });

  it("leaves no timer behind", async () => {
    const { clock, options } = setUp(1);
    let running = 0;
    const timers = {
      nowMs: () => clock.nowMs(),
      after: (delayMs: number, run: () => void) => {
        running += 1;
        const cancel = clock.after(delayMs, run);
        return () => {
          running -= 1;
          cancel();
        };
      },
    };
    await warmUp({ ...options, timers });
    expect(running).toBe(0);
  });
});
