/** Redis killed, hanging, flushed, brought back from an old copy, demoted, failed over: calls fail or hold, and nothing old is filled. */
import { afterEach, describe, expect, it } from "vitest";
import { openRedis, type RedisOptions } from "../../../src/cache/redis/index.js";
import type { Remote } from "../../../src/cache/remote.js";
import { type RedisServer, startRedisCluster, startRedisServer } from "../../support/redis-server.js";
import {
  beat,
  beatUntilTrusted,
  drop,
  fill,
  FORGET_MS,
  hear,
  leaseOf,
  lookAt,
  lookOnce,
  put,
  putNext,
} from "./requests.js";
import { until } from "./until.js";

const FAILURE = { code: "STORE_UNAVAILABLE" };

const isListening = (told: readonly boolean[]) => told.at(-1) === true;

describe("a Redis in trouble", () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const start = async (): Promise<RedisServer> => {
    const server = await startRedisServer();
    cleanups.push(() => server.stop());
    return server;
  };
  const open = async (options: RedisOptions): Promise<Remote> => {
    const remote = await openRedis(options);
    cleanups.push(() => remote.close());
    return remote;
  };

  it("killed and started again with nothing: calls fail, then work, trust begins anew, and the channel is back", async () => {
    const server = await start();
    const remote = await open(server.options);
    const heard = hear(remote, "a");
    await until(() => isListening(heard.listening));
    await remote.beat(beat("a", 1));
    await server.kill();
    await until(() => heard.listening.at(-1) === false);
    await expect(remote.look([lookAt()])).rejects.toMatchObject(FAILURE);
    await expect(remote.put(put(1))).rejects.toMatchObject(FAILURE);
    await server.restart();
    const answer = await until(() => remote.beat(beat("a", 2)));
    expect(answer.trustedSinceMs).toBe(answer.nowMs);
    await until(() => isListening(heard.listening));
    expect(heard.listening).toEqual([true, false, true]);
    await remote.put(put(1));
    await until(() => heard.announcements.length === 1);
  });

  it("brought back from an old copy: a lease of before fills nothing, and trust begins anew", async () => {
    const server = await start();
    const remote = await open(server.options);
    const { trustedSinceMs } = await beatUntilTrusted(remote, "a");
    await lookOnce(remote, leaseOf("old"));
    await server.ask("SAVE");
    await remote.put(put(7));
    await server.restart();
    const after = await until(() => remote.beat(beat("a", 3, { forgetAfterMs: FORGET_MS })));
    const { members } = after;
    expect(members).toEqual([{ member: "a", sequence: 0 }]);
    expect(after.trustedSinceMs).toBe(after.nowMs);
    expect(after.trustedSinceMs).toBeGreaterThan(trustedSinceMs);
    // The copy still has the lease, and knows nothing of version 7.
    expect(await lookOnce(remote, leaseOf("new"))).toMatchObject({ isLeased: false });
    expect(await remote.fill(fill("old", 6))).toBe(false);
  });

  it("hanging: calls give up, and a put that it does when it wakes is as old as it is", async () => {
    const server = await start();
    const [remote, other] = [await open(server.options), await open(server.options)];
    await remote.beat(beat("a", 1));
    const { nowMs } = await other.beat(beat("b", 1));
    server.pause();
    await expect(remote.put(put(1))).rejects.toMatchObject({ ...FAILURE, details: { reason: "TIMEOUT" } });
    server.resume();
    const found = await until(
      () => lookOnce(other),
      ({ status }) => status === "hit",
    );
    // By its own clock Redis did it just now; the news of it is older than the time that it took to give up.
    expect(found).toMatchObject({ status: "hit", isTrusted: false });
    if (found.status === "hit") expect(found.ageMs).toBeGreaterThanOrEqual(900);
    const later = await other.beat(beat("b", 2));
    expect(later.nowMs).toBeGreaterThan(nowMs + 900);
    const sinceItWoke = { maxAgeMs: 0, trustedSinceMs: nowMs + 900 };
    expect(await lookOnce(other, sinceItWoke)).toMatchObject({ status: "miss" });
    expect(await until(() => remote.put(put(2)))).toBe(true);
  });

  it("hanging for long: connections are given up, and all is well when it wakes", async () => {
    const server = await start();
    const remote = await open(server.options);
    const heard = hear(remote, "a");
    await until(() => isListening(heard.listening));
    server.pause();
    await until(
      () => heard.listening.at(-1) === false,
      Boolean,
      () => void remote.beat(beat("a", 1)).catch(() => undefined),
    );
    server.resume();
    await until(() => remote.beat(beat("a", 2)));
    await until(() => isListening(heard.listening));
  });

  it("closed while it hangs: what is under way fails at once", async () => {
    const server = await start();
    const remote = await open(server.options);
    hear(remote, "a");
    server.pause();
    const under = [remote.look([lookAt()]), remote.beat(beat("a", 1)), remote.drop(drop())];
    const closed = remote.close();
    for (const call of under) {
      await expect(call).rejects.toMatchObject({ ...FAILURE, details: { reason: "CLOSED" } });
    }
    await closed;
  });

  it("that has forgotten its scripts is told them again", async () => {
    const server = await start();
    const remote = await open(server.options);
    await remote.beat(beat("a", 1));
    const looks = Array.from({ length: 50 }, (_, index) =>
      lookAt({ subject: { group: "player", key: `p${index}` } }),
    );
    for (let round = 0; round < 2; round += 1) {
      await remote.look(looks);
      await server.ask("SCRIPT", "FLUSH");
      expect(await remote.look(looks)).toHaveLength(looks.length);
      await server.ask("SCRIPT", "FLUSH");
      expect(await remote.put(put(round + 1))).toBe(true);
      expect(await remote.putNext(putNext())).toMatchObject({ version: 1 });
      expect(await lookOnce(remote)).toMatchObject({ status: "hit" });
    }
  });

  it("away at first: opening succeeds, calls fail, and it is found when it comes", async () => {
    const server = await start();
    await server.kill();
    const notes: string[] = [];
    const telemetry = { note: (_: string, message: string) => void notes.push(message) };
    const remote = await open({ ...server.options, telemetry });
    const heard = hear(remote, "a");
    await expect(remote.beat(beat("a", 1))).rejects.toMatchObject(FAILURE);
    await server.restart();
    await until(() => remote.beat(beat("a", 2)));
    await until(() => isListening(heard.listening));
    expect(notes[0]).toBe("Redis can't be reached; the cache goes on without it.");
    expect(notes.at(-1)).toBe("Redis is back.");
  });

  it("demoted to a replica: writes fail, the connection is opened anew, and with a primary all is well", async () => {
    const [server, primary] = [await start(), await start()];
    const remote = await open(server.options);
    await remote.beat(beat("a", 1));
    await server.ask("REPLICAOF", "127.0.0.1", primary.options.port);
    await expect(remote.put(put(1))).rejects.toMatchObject({ ...FAILURE, details: { reason: "READONLY" } });
    await server.ask("REPLICAOF", "NO", "ONE");
    expect(await until(() => remote.put(put(1)))).toBe(true);
  });

  it("a cluster that fails over: the replica answers, and trust begins anew", async () => {
    const cluster = await startRedisCluster({ replicaCount: 1 });
    cleanups.push(() => cluster.stop());
    const remote = await open(cluster.options);
    const heard = hear(remote, "a");
    let number = 0;
    const nextBeat = () => remote.beat(beat("a", (number += 1), { forgetAfterMs: FORGET_MS }));
    await until(() => isListening(heard.listening));
    const calm = await beatUntilTrusted(remote, "a");
    // Which one it is depends on the slot of the group's key; the others need not notice.
    const slot = Number(await cluster.servers[0]?.ask("CLUSTER", "KEYSLOT", "mainspring:members"));
    const index = Math.floor((slot * 3) / 16_384);
    await cluster.servers[index]?.kill();
    const answer = await until(nextBeat);
    expect(answer.trustedSinceMs).toBeGreaterThan(calm.nowMs);
    await until(async () => (await remote.put(put(1))) && (await remote.put(put(2))));
    await until(() => isListening(heard.listening) && heard.announcements.length >= 1);
  });
});
