/** What must end the trust: restarts, slow beats, goodbyes, clocks. */
import { MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import type { Store, StoredRecord } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer, type Delivery, type Parcel } from "../../src/testing/model-remote.js";
import { createBeat } from "../../src/cache/trust/beat.js";
import { createHeard } from "../../src/cache/trust/heard.js";
import { createLastBeat } from "../../src/cache/trust/last-beat.js";
import { createOutbox } from "../../src/cache/trust/outbox.js";
import { createRemoteAccess } from "../../src/cache/trust/remote-access.js";
import { incarnation, write } from "./writes-of-ada.js";
import { pass } from "./passing-time.js";

const CACHED = { consistency: "cached" } as const;

function versionOf(records: readonly (StoredRecord | null)[]): number | undefined {
  return records[0]?.version;
}

function open(wrap: (below: Store) => Store = (below) => below) {
  const clock = createManualClock();
  // The server has a clock of its own.
  let serverAheadMs = 0;
  const server = createModelServer({ nowMs: () => clock.nowMs() + serverAheadMs });
  void beginGroup(server.connect());
  const store = wrap(createMemoryStore({ clock }));
  const instance = (carry?: (parcel: Parcel, delivery: Delivery) => void) => {
    const remote = server.connect({
      nowMs: () => clock.nowMs(),
      ...(carry === undefined ? {} : { carry }),
    });
    const cache = createCache({ remote, clock, timers: clock, random: () => 0 });
    return { remote, cache, store: cached(store, cache) };
  };
  return {
    clock,
    server,
    instance,
    step(byMs: number) {
      serverAheadMs += byMs;
    },
  };
}

/** Answers to commits, which are lost from some time on: requests are lost from sight as well, and ada's lands when the test says so. */
function createAnswers() {
  let areLost = false;
  let land = (): void => undefined;
  return {
    of: (below: Store): Store => ({
      ...below,
      async commit(...given) {
        if (!areLost) return below.commit(...given);
        if (given[0][0]?.next.playerId === "ada") land = () => void below.commit(...given);
        throw new MainspringError("STORE_UNAVAILABLE", "No answer.");
      },
    }),
    lose() {
      areLost = true;
    },
    arrive: () => land(),
  };
}

/** Of more players than can be doubted one by one, if there are others to be told. */
async function commitOthers(store: Store): Promise<void> {
  for (let index = 0; index < 1_100; index += 1) {
    const next = { playerId: `p${index}`, incarnation, version: 1, bytes: Uint8Array.of(1) };
    await store.commit([{ expected: null, next, events: [] }]).catch(() => undefined);
  }
}

describe("a server that was restarted with an old copy", () => {
  it("is not trusted by what the server before it said, not even for 400 ms", async () => {
    const { clock, server, instance } = open();
    const one = instance();
    await pass(clock, 2_000);
    await one.store.commit([write(1)]);
    server.saveCopy();
    await pass(clock, 5_000);
    await one.store.commit([write(2)]);
    await pass(clock, 60_000);
    // Begins after the change was told, so it has not heard of it.
    const other = instance();
    await pass(clock, 2_000);
    server.restart({ keep: "old copy" });
    // As fast as a supervisor starts it again, and the client finds it: within 100 ms on one machine.
    one.remote.reconnect();
    other.remote.reconnect();
    // Version 2 was acknowledged, and told, a minute ago.
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
  });
});

/** One commits, and dies with its beat on the way; for how long does the other show what was before? */
async function staleAfterSlowBeat(beatDelayMs: number, otherHangsAfterMs: number): Promise<number> {
  const { clock, instance } = open();
  let isDying = false;
  let isHung = false;
  const held: Delivery[] = [];
  const one = instance((parcel, delivery) => {
    if (!isDying) delivery.arrive();
    else if (parcel.operation === "beat" && parcel.kind === "request") held.push(delivery);
    // All else of this instance is lost from now on.
  });
  const other = instance((_, delivery) => {
    if (!isHung) delivery.arrive();
  });
  // Not in step with each other.
  await pass(clock, 2_000);
  await one.store.commit([write(1)]);
  await other.store.read(["ada"], CACHED);
  await pass(clock, 1_160);
  // Its connection stalls. It commits, and beats once more in the next 45 ms.
  isDying = true;
  await one.store.commit([write(2)]);
  const committedAtMs = clock.nowMs();
  while (held.length === 0) await pass(clock, 5);
  await pass(clock, beatDelayMs);
  for (const { arrive } of held) arrive();
  let staleForMs = 0;
  for (;;) {
    await pass(clock, 5);
    const ageMs = clock.nowMs() - committedAtMs;
    if (ageMs > 4_000) return staleForMs;
    if (ageMs >= otherHangsAfterMs) isHung = true;
    if (other.store.peek("ada")?.version === 1) staleForMs = ageMs;
  }
}

describe("a beat that was on its way for long", () => {
  it("doesn't vouch for what came after it was sent", async () => {
    let longestMs = 0;
    for (let hangsAfterMs = 1_400; hangsAfterMs <= 2_000; hangsAfterMs += 20) {
      longestMs = Math.max(longestMs, await staleAfterSlowBeat(790, hangsAfterMs));
    }
    expect(longestMs).toBeLessThanOrEqual(2_000);
  });
});

describe("an instance that stops while the outcome of a commit isn't known", () => {
  it("doesn't say goodbye as if it had told everything", async () => {
    const answers = createAnswers();
    const { clock, instance } = open((below) => ({
      ...answers.of(below),
      close: async () => undefined,
    }));
    const one = instance();
    const other = instance();
    await pass(clock, 2_000);
    await one.store.commit([write(1)]);
    await pass(clock, 500);
    answers.lose();
    await one.store.commit([write(2)]).catch(() => undefined);
    // A deployment stops this instance in order.
    const closing = one.store.close();
    await pass(clock, 2_000);
    await closing;
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(1);
    await pass(clock, 500);
    answers.arrive();
    await pass(clock, 60_000);
    // A minute after it was written.
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
  });
});

describe("a server whose clock is set back", () => {
  it("still finds out that an instance is silent", async () => {
    const world = open();
    const { clock, instance } = world;
    const one = instance();
    const other = instance();
    await pass(clock, 2_000);
    await one.store.commit([write(1)]);
    await pass(clock, 500);
    // The clock goes back by an hour, and one instance is cut off from the server at the same time.
    world.step(-3_600_000);
    one.remote.cut();
    await pass(clock, 3_000);
    await other.store.read(["ada"], CACHED);
    await one.store.commit([write(2)]);
    await pass(clock, 60_000);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
  });
});

describe("a break after the server's clock was set back", () => {
  it("is seen by the others, though trust lies ahead already", async () => {
    const world = open();
    const { clock, server, instance } = world;
    const one = instance();
    await pass(clock, 2_000);
    world.step(-60_000);
    await pass(clock, 2_000);
    const limits = { silentAfterMs: 1_000, forgetAfterMs: 300_000 };
    const asked = { member: "another", sequence: 0, ...limits };
    const remote = server.connect({ nowMs: () => clock.nowMs() });
    const calm = await remote.beat({ ...asked, beat: 1, isDistrusting: false });
    await remote.beat({ ...asked, beat: 2, isDistrusting: true });
    await pass(clock, 200);
    const after = await remote.beat({ ...asked, beat: 3, isDistrusting: false });
    expect(after.trustedSinceMs).toBeGreaterThan(calm.trustedSinceMs);
    await one.cache.close();
  });
});

describe("what is told of trust", () => {
  it("is no, while an instance is silent and nothing is vouched for", async () => {
    const { clock, instance } = open();
    const one = instance();
    const other = instance();
    await pass(clock, 2_000);
    await other.store.read(["ada"], CACHED);
    one.remote.cut();
    await pass(clock, 5_000);
    // Loaded now, and gone three seconds later, though nobody is cut off but the one.
    await other.store.read(["ada"], CACHED);
    await pass(clock, 3_000);
    expect(other.store.peek("ada")).toBeUndefined();
    expect(other.cache.stats().trust.isTrusted).toBe(false);
  });
});

describe("a server that has forgotten who was there", () => {
  it("is trusted after five minutes: an instance that it never heard of may be out of its reach", async () => {
    const { clock, server, instance } = open();
    const one = instance();
    await pass(clock, 2_000);
    one.remote.cut();
    server.restart({ keep: "nothing" });
    const newcomer = instance();
    await pass(clock, 1_000);
    await newcomer.store.read(["ada"], CACHED);
    await one.store.commit([write(1)]);
    await pass(clock, 2_100);
    expect(versionOf(await newcomer.store.read(["ada"], CACHED))).toBe(1);
    await pass(clock, 290_000, 40);
    expect(newcomer.cache.stats().trust).toMatchObject({ isTrusted: false, isGroupComplete: false });
    await pass(clock, 10_000, 40);
    expect(newcomer.cache.stats().trust).toMatchObject({ isTrusted: true, isGroupComplete: true });
  });

  it("is trusted after five minutes by those who were there as well: they don't know who came last", async () => {
    const { clock, server, instance } = open();
    const one = instance();
    await pass(clock, 2_050);
    // Between two beats of the other.
    const newcomer = instance();
    await pass(clock, 20);
    await newcomer.store.commit([write(1)]);
    await pass(clock, 5);
    newcomer.remote.cut();
    server.flush();
    await pass(clock, 3_000);
    expect(versionOf(await one.store.read(["ada"], CACHED))).toBe(1);
    await newcomer.store.commit([write(2)]);
    await pass(clock, 20_000);
    expect(versionOf(await one.store.read(["ada"], CACHED))).toBe(2);
    await pass(clock, 280_000, 40);
    expect(one.cache.stats().trust).toMatchObject({ isTrusted: true, isGroupComplete: true });
  });
});

describe("a server whose clock is set ahead", () => {
  for (const isNew of [false, true]) {
    it(`forgets nobody sooner, and ${isNew ? "a new one" : "one that is known"} is trusted no sooner`, async () => {
      const world = open();
      const { clock, server, instance } = world;
      const one = instance();
      await pass(clock, 2_000);
      await one.store.commit([write(1)]);
      await pass(clock, 1_000);
      one.remote.cut();
      if (isNew) server.restart({ keep: "nothing" });
      const other = instance();
      await pass(clock, 3_000);
      world.step(301_000);
      await pass(clock, 3_000);
      expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(1);
      await one.store.commit([write(2)]);
      await pass(clock, 20_000);
      expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
    });
  }
});

describe("a server whose clock is set ahead by a moment", () => {
  it("gives nothing its trust back", async () => {
    const world = open();
    const { clock, server, instance } = world;
    const one = instance();
    const remote = server.connect({ nowMs: () => clock.nowMs() });
    const asked = { member: "another", sequence: 0, silentAfterMs: 1_000, forgetAfterMs: 300_000 };
    await pass(clock, 2_000);
    await remote.beat({ ...asked, beat: 1, isDistrusting: false });
    await one.store.read(["ada"], CACHED);
    await pass(clock, 300);
    // The other has lost something.
    await remote.beat({ ...asked, beat: 2, isDistrusting: true });
    await remote.leave({ member: "another", sequence: 0 });
    await pass(clock, 3_000);
    expect(one.store.peek("ada")).toBeUndefined();
    world.step(700);
    await pass(clock, 1_000);
    expect(one.store.peek("ada")).toBeUndefined();
  });
});

describe("a server whose clock is set back again and again", () => {
  it("finds out all the same that an instance is silent", async () => {
    const world = open();
    const { clock, instance } = world;
    const [one, other] = [instance(), instance()];
    await pass(clock, 2_000);
    await one.store.commit([write(1)]);
    await pass(clock, 500);
    world.step(-3_600_000);
    await pass(clock, 3_000);
    await other.store.read(["ada"], CACHED);
    await pass(clock, 300);
    one.remote.cut();
    await one.store.commit([write(2)]);
    for (let times = 0; times < 4; times += 1) {
      await pass(clock, 800);
      world.step(-1_000);
    }
    expect(other.store.peek("ada")?.version).not.toBe(1);
  });
});

describe("a server for which another stood in, and that is back as it was", () => {
  it("is trusted after five minutes by those who were with the other", async () => {
    const { clock, server, instance } = open();
    const [one, other] = [instance(), instance()];
    const reconnect = (): void => {
      for (const { remote } of [one, other]) remote.reconnect();
    };
    await pass(clock, 3_000);
    server.saveCopy();
    server.restart({ keep: "old copy" });
    reconnect();
    await pass(clock, 310_000, 40);
    expect(one.cache.stats().trust.isTrusted).toBe(true);
    const newcomer = instance();
    await pass(clock, 3_000);
    server.restart({ keep: "old copy", asRun: 1 });
    reconnect();
    // The newcomer hasn't found it yet.
    await pass(clock, 3_000);
    await newcomer.store.commit([write(1)]);
    await pass(clock, 500);
    await one.store.read(["ada"], CACHED);
    await newcomer.store.commit([write(2)]);
    await pass(clock, 2_100);
    expect(one.store.peek("ada")?.version).not.toBe(1);
  });
});

describe("an instance that dies again and again", () => {
  it("leaves no more members behind than lives within the time after which they are forgotten", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    const limits = { silentAfterMs: 1_000, forgetAfterMs: 300_000 };
    let count = 0;
    for (let life = 0; life < 1_000; life += 1) {
      const remote = server.connect();
      const asked = { member: `life ${life}`, sequence: 0, beat: 1, isDistrusting: false };
      count = (await remote.beat({ ...asked, ...limits })).members.length;
      await remote.close();
      clock.advance(10_000);
    }
    expect(count).toBeLessThanOrEqual(302);
  });
});

describe("commits without an answer where nobody else writes", () => {
  it("are doubted one by one, however many they are", async () => {
    const clock = createManualClock();
    const below = createMemoryStore({ clock });
    const answers = createAnswers();
    const cache = createCache({ isSoleWriter: true, clock, timers: clock, random: () => 0 });
    const store = cached(answers.of(below), cache);
    await store.commit([write(1)]);
    answers.lose();
    await store.commit([write(2)]).catch(() => undefined);
    await commitOthers(store);
    await pass(clock, 3_000);
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(1);
    answers.arrive();
    await pass(clock, 1_100);
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(2);
  });
});

describe("more commits without an answer than can be doubted one by one", () => {
  it("are distrusted as a whole for as long as one of them may still happen", async () => {
    const answers = createAnswers();
    const { clock, instance } = open((below) => answers.of(below));
    const [one, other] = [instance(), instance()];
    await pass(clock, 2_000);
    await one.store.commit([write(1)]);
    await pass(clock, 500);
    answers.lose();
    await one.store.commit([write(2)]).catch(() => undefined);
    await commitOthers(one.store);
    await pass(clock, 3_000);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(1);
    answers.arrive();
    await pass(clock, 3_000);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
    await pass(clock, 40_000, 20);
    expect(other.cache.stats().trust.isTrusted).toBe(true);
  });
});

describe("a loss while the beat that tells of a loss is on its way", () => {
  it("is told with the next beat", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    let isHolding = false;
    const held: Delivery[] = [];
    const remote = server.connect({
      carry(parcel, delivery) {
        if (isHolding && parcel.kind === "answer") held.push(delivery);
        else delivery.arrive();
      },
    });
    const onGivenUp = () => undefined;
    const access = createRemoteAccess({ timers: clock, timeoutMs: 50, breakerIntervalMs: 1_000, onGivenUp });
    const outbox = createOutbox({ remote, access, timers: clock });
    const heard = createHeard(clock);
    const beat = createBeat({ remote, timers: clock, access, outbox, heard, lastBeat: createLastBeat(400) });
    outbox.giveUp();
    isHolding = true;
    const beating = beat();
    await pass(clock, 10);
    outbox.giveUp();
    isHolding = false;
    held[0]?.arrive();
    await beating;
    expect(outbox.isLost()).toBe(true);
    await beat();
    expect(outbox.isLost()).toBe(false);
  });
});
