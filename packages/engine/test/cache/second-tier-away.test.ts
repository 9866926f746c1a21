/** The second tier is gone, or hangs: nobody waits for it but one, and what has changed meanwhile comes first when it is back. */
import { describe, expect, it } from "vitest";
import { createRemoteAccess } from "../../src/cache/trust/remote-access.js";
import { cached, createCache } from "../../src/cache/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { incarnation, write } from "./writes-of-ada.js";
import { pass } from "./passing-time.js";

async function hang(): Promise<never> {
  return new Promise(() => undefined);
}

function openAccess() {
  const clock = createManualClock();
  let givenUp = 0;
  const access = createRemoteAccess({
    timers: clock,
    timeoutMs: 50,
    breakerIntervalMs: 1_000,
    onGivenUp: () => (givenUp += 1),
  });
  return { clock, access, givenUp: () => givenUp };
}

/** How long it took until there was an answer. */
async function timed<T>(clock: ManualClock, answer: Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startedAtMs = clock.nowMs();
  return { answer: await answer, tookMs: clock.nowMs() - startedAtMs };
}

describe("a second tier that hangs", () => {
  it("is found out by one request in 50 ms; the others wait a fifth of that, and later ones not at all", async () => {
    const { clock, access, givenUp } = openAccess();
    const first = timed(clock, access.ask(hang));
    const second = timed(clock, access.ask(hang));
    await pass(clock, 20);
    expect(access.isUsable()).toBe(false);
    // At once: the clock stands still.
    expect(await access.ask(hang)).toBeNull();
    await pass(clock, 60);
    expect(await Promise.all([first, second])).toEqual([
      { answer: null, tookMs: 50 },
      { answer: null, tookMs: 10 },
    ]);
    expect(givenUp()).toBe(1);
    expect(await access.ask(async () => 1)).toBeNull();
  });

  it("is asked by all again as soon as it answers", async () => {
    const { clock, access, givenUp } = openAccess();
    let end = (): void => undefined;
    const slow = access.ask(
      async () =>
        new Promise<number>((resolve) => {
          end = () => resolve(7);
        }),
    );
    await pass(clock, 30);
    expect(access.isUsable()).toBe(false);
    end();
    expect(await slow).toBe(7);
    expect(await access.ask(async () => 8)).toBe(8);
    expect(givenUp()).toBe(0);
  });

  it("is not given up for being busy, as long as answers come", async () => {
    const { clock, access, givenUp } = openAccess();
    const waiting: (() => void)[] = [];
    const asked = Array.from({ length: 40 }, async () =>
      access.ask(async () => new Promise<string>((resolve) => waiting.push(() => resolve("there")))),
    );
    for (const answer of waiting) {
      answer();
      await pass(clock, 5);
    }
    const answers = await Promise.all(asked);
    // One answer each 5 ms, and nobody waits longer than 50 ms.
    expect(answers.filter((answer) => answer === "there").length).toBeGreaterThanOrEqual(9);
    expect(givenUp()).toBe(0);
  });

  it("is asked by nobody until a probe finds it well", async () => {
    const { access } = openAccess();
    expect(await access.ask(async () => Promise.reject(new Error("gone")))).toBeNull();
    expect(access.state()).toBe("open");
    await expect(access.probe(async () => Promise.reject(new Error("still gone")))).rejects.toThrow(
      "still gone",
    );
    expect(access.isUsable()).toBe(false);
    await access.probe(async () => undefined);
    expect(await access.ask(async () => 1)).toBe(1);
  });
});

describe("what has changed while the second tier was away", () => {
  it("is taken away there before anything is served from it again", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    void beginGroup(server.connect());
    const below = createMemoryStore({ clock });
    const instance = () => {
      const remote = server.connect();
      const cache = createCache({ remote, clock, timers: clock });
      return { remote, cache, store: cached(below, cache) };
    };
    const [one, other] = [instance(), instance()];
    await pass(clock, 1_000, 50);
    await one.store.commit([write(1)]);
    await pass(clock, 1_000, 50);
    one.remote.cut();
    await one.store.commit([write(2)]);
    await pass(clock, 100, 50);
    expect(one.cache.stats().trust).toMatchObject({ breaker: "open", unconfirmed: 1 });
    expect((await one.store.read(["ada"], { consistency: "cached" }))[0]?.version).toBe(2);
    // Whoever still has the old value there, or in the process, has it for two seconds at most.
    await pass(clock, 2_000, 50);
    expect((await other.store.read(["ada"], { consistency: "cached" }))[0]?.version).toBe(2);
    one.remote.reconnect();
    await pass(clock, 3_000, 50);
    expect(one.cache.stats().trust).toMatchObject({ breaker: "closed", unconfirmed: 0, isTrusted: true });
    expect((await other.store.read(["ada"], { consistency: "cached" }))[0]?.version).toBe(2);
  });

  it("stops no commit and no read, and leaves bounded traces", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    void beginGroup(server.connect());
    const remote = server.connect();
    const cache = createCache({ remote, clock, timers: clock });
    const store = cached(createMemoryStore({ clock }), cache);
    await pass(clock, 1_000, 50);
    remote.cut();
    for (let index = 0; index < 10_050; index += 1) {
      const next = { playerId: `p${index}`, incarnation, version: 1, bytes: Uint8Array.of(1) };
      await store.commit([{ expected: null, next, events: [] }]);
    }
    expect(cache.stats().trust.unconfirmed).toBeLessThanOrEqual(10_000);
    remote.reconnect();
    await pass(clock, 3_000, 50);
    expect(cache.stats().trust).toMatchObject({ breaker: "closed", unconfirmed: 0 });
  });
});
