/** A second tier that is slow, or of which a part hangs: one request in a second waits, and no more. */
import { describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { createModelServer, type Delivery, type Parcel } from "../../src/testing/model-remote.js";
import { pass } from "./passing-time.js";

interface Waits {
  /** Of a hundred requests a second, for ten seconds: how long each waited. */
  readonly waitedMs: readonly number[];
  readonly openings: number;
}

async function waitsWith(
  carry: (clock: ManualClock, parcel: Parcel, delivery: Delivery) => void,
): Promise<Waits> {
  const clock = createManualClock();
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  let isTroubled = false;
  const remote = server.connect({
    nowMs: () => clock.nowMs(),
    carry(parcel, delivery) {
      if (isTroubled) carry(clock, parcel, delivery);
      else delivery.arrive();
    },
  });
  const cache = createCache({ remote, clock, timers: clock });
  const store = cached(createMemoryStore({ clock }), cache);
  await pass(clock, 2_000, 1);
  isTroubled = true;
  const waitedMs: number[] = [];
  const ask = async (number: number) => {
    const startedAtMs = clock.nowMs();
    await store.read([`player-${number}`], { consistency: "cached" });
    waitedMs.push(clock.nowMs() - startedAtMs);
  };
  for (let number = 0; number < 1_000; number += 1) {
    void ask(number);
    await pass(clock, 10, 1);
  }
  await pass(clock, 2_000, 1);
  return { waitedMs, openings: cache.stats().trust.breakerOpenings };
}

const long = ({ waitedMs }: Waits): number => waitedMs.filter((waited) => waited >= 40).length;

describe("a second tier that takes 60 ms for each answer", () => {
  it("doesn't make every request wait 50 ms in vain", async () => {
    const waits = await waitsWith((clock, { kind }, { arrive }) => {
      if (kind === "answer") clock.after(60, arrive);
      else arrive();
    });
    // One in a breaker interval, for ten seconds, and some room.
    expect(long(waits)).toBeLessThanOrEqual(15);
  });
});

describe("a cluster of which one node hangs, and not the one with the group", () => {
  it("lets one request in a second wait, not one in 200 ms", async () => {
    const waits = await waitsWith((clock, { operation }, { arrive, lose }) => {
      if (operation !== "look") arrive();
      // The client's own limit.
      else clock.after(1_000, lose);
    });
    expect(waits.openings).toBeLessThanOrEqual(12);
    expect(long(waits)).toBeLessThanOrEqual(15);
  });
});
