/** The proxy between an instance and its Redis does to messages and connections what it is told to. */
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_FAULTS, type RedisProxy, startRedisProxy } from "../../support/redis-proxy.js";
import { type RedisServer, startRedisServer } from "../../support/redis-server.js";
import { until } from "../redis/until.js";

const MESSAGES = ["one", "two", "three"];
const SETTINGS = { protocol: 2, retryStrategy: null, maxRetriesPerRequest: 0 } as const;

describe("the proxy before Redis", () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  let publisher: Redis;
  let listener: Redis;
  let heard: string[];
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(async () => server.stop());
  beforeEach(async () => {
    proxy = await startRedisProxy({ port: server.options.port, random: { fraction: () => 0.5 } });
    publisher = new Redis({ port: server.options.port, ...SETTINGS });
    listener = new Redis({ port: proxy.port, ...SETTINGS });
    listener.on("error", () => undefined);
    heard = [];
    listener.on("message", (_, message) => void heard.push(message));
    await listener.subscribe("changes", "echo:me");
  });
  afterEach(async () => {
    publisher.disconnect();
    listener.disconnect();
    await proxy.stop();
  });

  it("passes everything on, in order, when nothing is the matter", async () => {
    for (const message of MESSAGES) await publisher.publish("changes", message);
    await until(() => heard.length === 3);
    expect(heard).toEqual(MESSAGES);
  });

  it("loses messages, and echoes apart from them", async () => {
    proxy.setFaults({ lost: 1 });
    await publisher.publish("changes", "lost");
    await publisher.publish("echo:me", "1");
    await until(() => heard.length === 1);
    proxy.setFaults({ lost: 0, lostEchoes: 1 });
    await publisher.publish("echo:me", "2");
    await publisher.publish("changes", "heard");
    await until(() => heard.length === 2);
    expect(heard).toEqual(["1", "heard"]);
  });

  it("brings messages twice", async () => {
    proxy.setFaults({ doubled: 1 });
    await publisher.publish("changes", "one");
    await until(() => heard.length === 2);
    expect(heard).toEqual(["one", "one"]);
  });

  it("keeps what comes while it is stalled, and brings it then", async () => {
    proxy.setFaults({ isChannelStalled: true });
    await publisher.publish("changes", "kept");
    const other = new Redis({ port: proxy.port, ...SETTINGS });
    // Whoever only asks isn't stalled, and this is answered after the message was sent.
    expect(await other.ping()).toBe("PONG");
    other.disconnect();
    expect(heard).toEqual([]);
    proxy.setFaults(NO_FAULTS);
    await until(() => heard.length === 1);
  });

  it("breaks connections off, and refuses new ones", async () => {
    proxy.setFaults({ isRefusing: true });
    const ended = new Promise<void>((resolve) => {
      listener.once("end", resolve);
    });
    proxy.cut();
    await ended;
    const other = new Redis({ port: proxy.port, lazyConnect: true, ...SETTINGS });
    other.on("error", () => undefined);
    await expect(other.connect()).rejects.toThrow();
    other.disconnect();
  });
});
