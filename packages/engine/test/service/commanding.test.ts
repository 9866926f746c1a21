import type { MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock } from "../../src/testing/index.js";
import { enqueue, openEngine, OWN } from "../support/open-engine.js";

describe("commanding a player", () => {
  it("applies commands of one player one at a time: none is lost, none conflicts", async () => {
    const { engine } = await openEngine();
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => engine.apply("ada", enqueue("mine"), OWN)),
    );
    expect(outcomes.flatMap(({ result }) => result.tasks ?? [])).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    expect(engine.performance().serviceStats.conflicts).toBe(0);
  });

  it("lets two instances change one player: each commit holds once, under its version", async () => {
    const store = createMemoryStore();
    const clock = createManualClock();
    const [one, two] = [await openEngine({ store, clock }), await openEngine({ store, clock })];
    await one.engine.read("ada", OWN);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([one, two].map(({ engine }) => engine.apply("ada", enqueue("mine"), OWN)));
    }
    const { state } = await one.engine.read("ada");
    expect(state.lanes[0].tasks).toHaveLength(20);
    expect(state.revision).toBe(20);
  });

  it("refuses what waits behind too many requests of the same player", async () => {
    const { engine } = await openEngine();
    const all = await Promise.allSettled(
      Array.from({ length: 100 }, () => engine.apply("ada", { type: "pause" }, OWN)),
    );
    const codes = all.map((one) =>
      one.status === "rejected" ? (one.reason as MainspringError).code : "done",
    );
    expect(codes.filter((code) => code === "done")).toHaveLength(64);
    expect(codes.filter((code) => code === "OVERLOADED")).toHaveLength(36);
  });

  it("refuses an edit of a queue that has changed since, and a saved milestone breaks nobody's edit", async () => {
    const { engine, clock } = await openEngine();
    const { revision } = await engine.apply("ada", enqueue("mine", 5), OWN);
    clock.advance(2_000);
    await engine.read("ada", OWN);
    await engine.apply("ada", { type: "pause" }, { ...OWN, ifRevision: revision });
    await expect(
      engine.apply("ada", { type: "resume" }, { ...OWN, ifRevision: revision }),
    ).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
  });

  it("changes nothing when a command is refused", async () => {
    const { engine, store } = await openEngine();
    await engine.read("ada", OWN);
    const before = await store.read(["ada"]);
    await expect(engine.apply("ada", enqueue("mime"), OWN)).rejects.toMatchObject({
      code: "UNKNOWN_ACTIVITY",
      details: { didYouMean: "mine" },
    });
    expect(await store.read(["ada"])).toEqual(before);
  });

  it("puts a player's clock ahead only on a development server", async () => {
    const plain = await openEngine();
    await plain.engine.apply("ada", enqueue("mine", 10), OWN);
    await expect(plain.engine.apply("ada", { type: "fast-forward", byMs: 5_000 })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const dev = await openEngine({ isDevelopment: true });
    await dev.engine.apply("ada", enqueue("mine", 10), OWN);
    const { view } = await dev.engine.apply("ada", { type: "fast-forward", byMs: 5_000 });
    expect(view.state.items.get("ore")).toBe(5);
    expect(view.nowMs).toBe(dev.clock.nowMs() + 5_000);
  });

  it("answers nobody once it closes, and finishes what it has begun", async () => {
    const { engine, store } = await openEngine();
    const begun = engine.apply("ada", enqueue("mine"), OWN);
    const closing = engine.close();
    await expect(engine.read("ada", OWN)).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    expect((await begun).result.tasks).toEqual([1]);
    await closing;
    await expect(store.read(["ada"])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("tells subscribers of each commit, in order, whatever another subscriber does", async () => {
    const { engine } = await openEngine();
    const heard: number[] = [];
    engine.subscribe(() => {
      throw new Error("a bad listener");
    });
    const stop = engine.subscribe(({ version }) => heard.push(version));
    await engine.apply("ada", enqueue("mine"), OWN);
    await engine.apply("ada", { type: "pause" }, OWN);
    stop();
    await engine.apply("ada", { type: "resume" }, OWN);
    expect(heard).toEqual([1, 2]);
  });
});

describe("a command with a key", () => {
  const key = { ...OWN, key: "first" };

  it("happens once; a repeat gets the first one's answer", async () => {
    const { engine, clock } = await openEngine();
    const first = await engine.apply("ada", enqueue("mine", 5), key);
    clock.advance(2_500);
    await engine.apply("ada", { type: "pause" }, OWN);
    const repeat = await engine.apply("ada", enqueue("mine", 5), key);
    expect(repeat).toMatchObject({ result: first.result, revision: first.revision, isReplayed: true });
    expect(repeat.view.state.lanes[0].tasks).toHaveLength(1);
  });

  it("gives back what a first cancel gave back", async () => {
    const { engine } = await openEngine();
    await engine.read("ada", OWN);
    await engine.apply("ada", { type: "adjust", adjust: { items: { ore: 2 } } }, { key: "gift" });
    await engine.apply("ada", enqueue("smelt"), OWN);
    const cancel = { type: "cancel", task: 1 } as const;
    const first = await engine.apply("ada", cancel, { ...OWN, key: "c" });
    expect(first.result).toEqual({ returned: [["ore", 2]] });
    expect(await engine.apply("ada", cancel, { ...OWN, key: "c" })).toMatchObject({
      result: first.result,
      isReplayed: true,
    });
  });

  it("is refused when the key comes with another body", async () => {
    const { engine } = await openEngine();
    await engine.apply("ada", enqueue("mine", 5), key);
    await expect(engine.apply("ada", enqueue("mine", 6), key)).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
  });

  it("is remembered among the last twelve of the player's own", async () => {
    const { engine } = await openEngine();
    for (let number = 0; number < 13; number += 1)
      await engine.apply("ada", enqueue("mine"), { ...OWN, key: `k${number}` });
    expect((await engine.apply("ada", enqueue("mine"), { ...OWN, key: "k1" })).isReplayed).toBe(true);
    expect((await engine.apply("ada", enqueue("mine"), { ...OWN, key: "k0" })).isReplayed).toBe(false);
  });

  it("is asked for by adjust, which is remembered for a day and never forgotten early", async () => {
    const { engine, clock } = await openEngine();
    await engine.read("ada", OWN);
    const gift = { type: "adjust", adjust: { items: { ore: 1 } } } as const;
    await expect(engine.apply("ada", gift)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    for (let number = 0; number < 256; number += 1)
      await engine.apply("ada", gift, { key: `gift-${number}` });
    await expect(engine.apply("ada", gift, { key: "one-more" })).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    expect((await engine.apply("ada", gift, { key: "gift-0" })).isReplayed).toBe(true);
    clock.advance(86_400_001);
    expect((await engine.apply("ada", gift, { key: "one-more" })).isReplayed).toBe(false);
    expect((await engine.read("ada")).state.items.get("ore")).toBe(257);
  });

  it("happens once when the store does not say whether the write happened", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    const { engine } = await openEngine({ store });
    await engine.read("ada", OWN);
    store.failNext("commit", "after");
    expect((await engine.apply("ada", enqueue("mine"), key)).isReplayed).toBe(false);
    store.failNext("commit", "before");
    await expect(engine.apply("ada", enqueue("mine"), { ...OWN, key: "second" })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect((await engine.apply("ada", enqueue("mine"), { ...OWN, key: "second" })).isReplayed).toBe(false);
    expect((await engine.read("ada")).state.lanes[0].tasks).toHaveLength(2);
  });
});
