/** A cache over a real Redis: old copies, rights, listeners, large values. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import { openRedis } from "../../src/cache/redis/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginRedisGroup } from "../support/begin-redis-group.js";
import { type RedisServer, startRedisCluster, startRedisServer } from "../support/redis-server.js";
import { lookAt } from "./redis/requests.js";
import { until } from "./redis/until.js";
import { write } from "./writes-of-ada.js";

/** Older than anything that nobody vouches for may be. */
const OLD_MS = 2_100;

describe("a real Redis", () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const start = async (): Promise<RedisServer> => {
    const server = await startRedisServer();
    cleanups.push(() => server.stop());
    await beginRedisGroup(server.options);
    return server;
  };

  it("killed and started again from an old copy shows nothing from before", { timeout: 60_000 }, async () => {
    const server = await start();
    const store = { ...createMemoryStore(), close: async () => undefined };
    const instance = async () => {
      const cache = createCache({ remote: await openRedis(server.options) });
      cleanups.push(() => cache.close());
      await until(() => cache.stats().trust.isTrusted);
      return { cache, store: cached(store, cache) };
    };
    const one = await instance();
    const told = () => until(() => one.cache.stats().trust.unconfirmed === 0);
    await one.store.commit([write(1)]);
    await told();
    const savedAtMs = performance.now();
    await server.ask("SAVE");
    await one.store.commit([write(2)]);
    await told();
    // Younger than that it might be shown whatever is known of it.
    await until(() => performance.now() - savedAtMs > OLD_MS);
    // Began after the change was told; nobody asks it for anything until Redis is back.
    const remote = await openRedis(server.options);
    const cache = createCache({ remote });
    cleanups.push(() => cache.close());
    await until(() => cache.stats().trust.isTrusted);
    const other = cached(store, cache);
    await server.kill();
    await server.restart();
    await until(() => remote.look([lookAt({ subject: { group: "player", key: "nobody" } })]));
    expect((await other.read(["ada"], { consistency: "cached" }))[0]?.version).toBe(2);
  });

  it("has an end for every key, as the docs say", async () => {
    const server = await start();
    const remote = await openRedis(server.options);
    cleanups.push(() => remote.close());
    await remote.noteRecent([{ key: "ada", atMs: 1 }]);
    expect(await server.ask("TTL", "mainspring:recent")).not.toBe(-1);
  });

  it("lets a user with the rights in the docs do all, and says what is missing without them", async () => {
    const server = await start();
    const docs = readFileSync(new URL("../../../../docs/cache.md", import.meta.url), "utf8");
    const [, keys = "", channels = "", commands = ""] =
      /\*\*Rights\.\*\* Keys `([^`]+)`, channels `([^`]+)`, and the commands `([^`]+)`/u.exec(docs) ?? [];
    const open = async (user: string, rights: readonly string[]) => {
      await server.ask("ACL", "SETUSER", user, "on", ">secret", ...rights);
      const notes: string[] = [];
      const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
      const login = { ...server.options, username: user, password: "secret", telemetry };
      const cache = createCache({ remote: await openRedis(login), telemetry });
      cleanups.push(() => cache.close());
      return { cache, notes };
    };
    const { cache, notes } = await open("allowed", [keys, channels, ...commands.split(" ")]);
    await until(() => cache.stats().trust.isTrusted);
    await cache.namespace<string>("guilds").set("g1", "cogs");
    expect(notes).toEqual([]);
    const deaf = await open("deaf", [keys, ...commands.split(" ")]);
    await until(() => deaf.notes.includes("Redis doesn't allow its user what the cache needs."));
    expect(deaf.cache.stats().trust.isTrusted).toBe(false);
  });

  it("in a cluster gets over the loss of one connection in seconds", { timeout: 90_000 }, async () => {
    const cluster = await startRedisCluster();
    cleanups.push(() => cluster.stop());
    await beginRedisGroup(cluster.options);
    const caches = [await openRedis(cluster.options), await openRedis(cluster.options)].map((remote) =>
      createCache({ remote }),
    );
    for (const cache of caches) cleanups.push(() => cache.close());
    const areTrusted = () => caches.every((cache) => cache.stats().trust.isTrusted);
    await until(areTrusted);
    // Of a shard that only keeps values.
    const keepsGroup = await Promise.all(
      cluster.servers.map(async (server) => server.ask("EXISTS", "mainspring:members").catch(() => 0)),
    );
    const shard = cluster.servers[keepsGroup.indexOf(0)];
    const clients = String(await shard?.ask("CLIENT", "LIST", "TYPE", "normal")).split("\n");
    const [, id = ""] = clients.map((line) => /^id=(\d+) .* cmd=info /u.exec(line)).find(Boolean) ?? [];
    expect(await shard?.ask("CLIENT", "KILL", "ID", id)).toBe(1);
    await until(() => !areTrusted());
    await until(areTrusted);
  });

  it("survives a listener that throws", { timeout: 30_000 }, async () => {
    const server = await start();
    const store = { ...createMemoryStore(), close: async () => undefined };
    const instance = async () => {
      const cache = createCache({ remote: await openRedis(server.options) });
      cleanups.push(() => cache.close());
      await until(() => cache.stats().trust.isTrusted);
      return { cache, store: cached(store, cache) };
    };
    const [one, other] = [await instance(), await instance()];
    let heard = 0;
    other.cache.listen(() => {
      heard += 1;
      throw new Error("a bug of a game");
    });
    const uncaught: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => void uncaught.push(error));
    try {
      await one.store.commit([write(1)]);
      const { announcements } = one.cache.stats().trust;
      await until(() => heard === announcements);
      const { breaks } = other.cache.stats().trust;
      expect({ uncaught: uncaught.length, breaks }).toEqual({ uncaught: 0, breaks: 0 });
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
  });

  it("isn't given up by everybody for one value of some megabytes", { timeout: 60_000 }, async () => {
    const server = await start();
    const cache = createCache({ remote: await openRedis(server.options) });
    cleanups.push(() => cache.close());
    await until(() => cache.stats().trust.isTrusted);
    const maps = cache.namespace<string>("maps");
    const map = "x".repeat(20 * 2 ** 20);
    await maps.set("world", map);
    await until(() => cache.stats().trust.unconfirmed === 0);
    expect(maps.peek("world")).toBe(map);
    expect(cache.stats().trust.breakerOpenings).toBe(0);
  });
});
