/**
 * The scripts in Redis and their model decide the same: random operations by several instances, given to both. What depends
 * on how fast time passes is left out: times to live are over at once or long, trust is asked for always or never.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis } from "../../../src/cache/redis/index.js";
import type { Announcement, BeatAnswer, Look, Remote } from "../../../src/cache/remote.js";
import { createManualClock, createModelServer } from "../../../src/testing/index.js";
import type { Stamp } from "../../../src/ports.js";
import { type RedisServer, startRedisServer } from "../../support/redis-server.js";
import { type SeededRandom, seededRandom } from "../../store/seeded-random.js";
import { ADA, fill, hear, LONG_MS, SHOP, stamp } from "./requests.js";
import { until } from "./until.js";

const HISTORIES = 60;

const OPERATIONS = 60;

const MEMBERS = ["a", "b", "c"] as const;

const WORTH_MEETING = [
  "beat kept",
  "beat new",
  "fill false",
  "fill true",
  "look hit",
  "look miss leased",
  "look miss not leased",
  "put false",
  "put true",
];

/** One operation, with everything decided, for either side; gives what both must give alike. */
interface Step {
  readonly name: string;
  readonly told: string;
  readonly by: number;
  run(remote: Remote): Promise<unknown>;
}

describe("Redis and its model", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(async () => server.stop());

  it("give the same answers and announcements", async () => {
    const random = seededRandom("conformance");
    const met = new Set<string>();
    for (let history = 0; history < HISTORIES; history += 1) {
      const clock = createManualClock();
      const model = createModelServer({ nowMs: () => clock.nowMs() });
      const modelled = MEMBERS.map(() => model.connect());
      const options = { ...server.options, keyPrefix: `mainspring:${history}:` };
      const real = await Promise.all(MEMBERS.map(() => openRedis(options)));
      const heardOf = (remotes: readonly Remote[]) =>
        remotes.map((remote, index) => hear(remote, MEMBERS[index] ?? "a"));
      const heard = { real: heardOf(real), modelled: heardOf(modelled) };
      await until(() => heard.real.every(({ listening }) => listening.includes(true)));
      const trust = { real: createTrustWatch(), modelled: createTrustWatch() };
      const steps = createSteps(random);
      const told: string[] = [];
      for (let index = 0; index < OPERATIONS; index += 1) {
        if (random.integer(50) === 0) {
          told.push("flush");
          await server.ask("FLUSHALL");
          model.flush();
          continue;
        }
        const step = steps();
        told.push(step.told);
        clock.advance(1);
        const expected = trust.modelled(await step.run(modelled[step.by] as Remote));
        const answer = trust.real(await step.run(real[step.by] as Remote), trustIn(expected));
        for (const outcome of outcomesOf(step, expected)) met.add(outcome);
        expect(answer, `history ${history}:\n${told.join("\n")}`).toEqual(expected);
      }
      for (const [index, { announcements, echoes }] of heard.modelled.entries()) {
        const expected: { announcements: Announcement[]; echoes: number[] } = { announcements, echoes };
        const got = heard.real[index];
        await until(
          () => got,
          (now) => now?.announcements.length === announcements.length && now.echoes.length === echoes.length,
        );
        expect(got).toMatchObject(expected);
      }
      for (const remote of real) await remote.close();
    }
    // Else it would show little.
    expect([...met]).toEqual(expect.arrayContaining(WORTH_MEETING));
  });
});

/**
 * Makes what trust is told of comparable: whether it began just now, or is what it was before. Within one millisecond of Redis
 * both can be true; then it is what the model says, whose clock moves with each step.
 */
function createTrustWatch(): (answer: unknown, inDoubt?: string) => unknown {
  let sinceMs = 0;
  return (answer, inDoubt) => {
    if (!isBeatAnswer(answer)) return withoutTimes(answer);
    const { nowMs, trustedSinceMs, isWhole, isComplete, members } = answer;
    const trust = trustedSinceMs === nowMs ? "new" : "kept";
    const isEither = trustedSinceMs === nowMs && trustedSinceMs === sinceMs;
    if (trust === "kept") expect(trustedSinceMs).toBe(sinceMs);
    sinceMs = trustedSinceMs;
    const sorted = [...members].sort((one, other) => (one.member < other.member ? -1 : 1));
    return { trust: isEither ? (inDoubt ?? trust) : trust, isWhole, isComplete, members: sorted };
  };
}

function trustIn(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "trust" in answer
    ? String(answer.trust)
    : undefined;
}

function outcomesOf({ name }: Step, answer: unknown): readonly string[] {
  if (name === "look") {
    return (answer as readonly Look[]).map((look) =>
      look.status === "hit" ? "look hit" : `look miss ${look.isLeased ? "" : "not "}leased`,
    );
  }
  return [`${name} ${trustIn(answer) ?? String(answer)}`];
}

function isBeatAnswer(answer: unknown): answer is BeatAnswer {
  return typeof answer === "object" && answer !== null && "trustedSinceMs" in answer;
}

function withoutTimes(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  return (answer as readonly Look[]).map((look) =>
    look.status === "hit" ? { ...look, ageMs: 0, expiresInMs: 0 } : look,
  );
}

/** Gives random steps, made so that they often meet: few subjects, few versions, tokens that were given. */
function createSteps(random: SeededRandom): () => Step {
  const integer = (below: number) => random.integer(below);
  const tokens = ["never"];
  const beats = [0, 0, 0];
  const sequences = [0, 0, 0];
  const oneOf = <T>(list: readonly T[]): T => list[integer(list.length)] as T;
  const anyStamp = (): Stamp => stamp(integer(6), oneOf([1, 1, 2]));
  const anyBytes = () => oneOf([null, new Uint8Array(0), Uint8Array.of(0, 13, 10, 255, integer(256))]);
  const ttlMs = () => oneOf([LONG_MS, LONG_MS, LONG_MS, 0]);
  const by = () => integer(MEMBERS.length);
  const senderOf = (index: number) => ({
    member: MEMBERS[index] ?? "a",
    sequence: (sequences[index] = (sequences[index] ?? 0) + 1),
  });
  const target = () => ({
    subject: oneOf([ADA, SHOP, { group: "player", key: "€ bob" }]),
    namespace: oneOf(["activeQueue", "playerStats"]),
  });
  const step = (name: string, index: number, request: object, run: Step["run"]): Step => ({
    name,
    told: `${MEMBERS[index] ?? ""} ${name} ${JSON.stringify(request)}`,
    by: index,
    run,
  });
  const kinds: readonly (() => Step)[] = [
    () => {
      const requests = Array.from({ length: 1 + integer(3) }, () => {
        const token = `t${tokens.length}`;
        const isAsking = integer(2) === 0;
        if (isAsking) tokens.push(token);
        const lease = isAsking ? { token, forMs: oneOf([LONG_MS, LONG_MS, 0]) } : null;
        const trustedSinceMs = oneOf([null, 0, 0]);
        return { ...target(), atLeast: anyStamp(), trustedSinceMs, maxAgeMs: oneOf([-1, 1e15]), lease };
      });
      return step("look", by(), requests, (remote) => remote.look(requests));
    },
    () => {
      const index = by();
      const value = { stamp: anyStamp(), bytes: anyBytes(), ttlMs: ttlMs() };
      const request = { ...target(), value, ageMs: 0, sender: senderOf(index), note: oneOf(["", "hé"]) };
      return step("put", index, request, (remote) => remote.put(request));
    },
    () => {
      const index = by();
      // Later than any clock here, so that the next stamp doesn't depend on the time.
      const newerThan = stamp(integer(4), 2 ** 50);
      const withinMs = oneOf([LONG_MS, -LONG_MS]);
      const stored = { bytes: anyBytes(), ttlMs: ttlMs(), newerThan };
      const request = { ...target(), ...stored, withinMs, sender: senderOf(index) };
      return step("putNext", index, request, (remote) => remote.putNext(request));
    },
    () => {
      const token = oneOf(tokens.slice(-2));
      const value = { stamp: anyStamp(), bytes: anyBytes(), ttlMs: ttlMs() };
      const loaded = { ...target(), value, ageMs: oneOf([null, 0, LONG_MS]) };
      return step("fill", by(), { token, ...loaded }, (remote) => remote.fill(fill(token, 0, loaded)));
    },
    () => {
      const index = by();
      const stamps = { upTo: oneOf([null, anyStamp()]), floor: oneOf([null, null, anyStamp()]) };
      const request = { subject: target().subject, ...stamps, sender: senderOf(index) };
      return step("drop", index, request, (remote) => remote.drop(request));
    },
    () => {
      const index = by();
      const limits = {
        silentAfterMs: oneOf([LONG_MS, LONG_MS, LONG_MS, -1]),
        forgetAfterMs: oneOf([LONG_MS, -1, -1, -1]),
      };
      const beat = (beats[index] = (beats[index] ?? 0) + 1);
      const member = MEMBERS[index] ?? "a";
      const isDistrusting = integer(8) === 0;
      const request = { member, sequence: sequences[index] ?? 0, beat, isDistrusting, ...limits };
      return step("beat", index, request, (remote) => remote.beat(request));
    },
    () => {
      const index = by();
      const sender = { member: MEMBERS[index] ?? "a", sequence: sequences[index] ?? 0 };
      return step("leave", index, sender, (remote) => remote.leave(sender));
    },
    () => {
      const players = Array.from({ length: integer(4) }, () => ({
        key: oneOf(["a", "b", "ü"]),
        atMs: integer(9),
      }));
      return step("noteRecent", by(), players, (remote) => remote.noteRecent(players));
    },
    () => {
      const limit = integer(4);
      return step("readRecent", by(), { limit }, (remote) => remote.readRecent(limit));
    },
  ];
  // A next value rarely: all puts that come after it are older.
  const often = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8];
  return () => (kinds[oneOf(often)] as () => Step)();
}
