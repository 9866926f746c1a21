/** Redis alone, with TLS and a password, as a cluster, and the model of it: all keep one contract. */
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { openRedis, type RedisOptions } from "../../../src/cache/redis/index.js";
import type { Remote } from "../../../src/cache/remote.js";
import { createManualClock, createModelServer } from "../../../src/testing/index.js";
import {
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  startRedisServer,
} from "../../support/redis-server.js";
import { remoteCases } from "./remote-contract.js";

interface RealRedis {
  readonly options: RedisOptions;
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

const alone = (server: RedisServer): RealRedis => ({
  options: server.options,
  servers: [server],
  stop: () => server.stop(),
});

const kinds: Readonly<Record<string, () => Promise<RealRedis | RedisCluster>>> = {
  "one Redis": async () => alone(await startRedisServer()),
  "Redis with TLS and a password": async () => alone(await startRedisServer({ isSecured: true })),
  "a cluster of three": async () => startRedisCluster(),
};

for (const [name, start] of Object.entries(kinds)) {
  describe(name, () => {
    let redis: RealRedis;
    let opened: Remote[] = [];
    beforeAll(async () => {
      redis = await start();
    });
    afterEach(async () => {
      for (const remote of opened) await remote.close();
      opened = [];
    });
    afterAll(async () => redis.stop());
    const flush = async () => {
      for (const server of redis.servers) await server.ask("FLUSHALL");
    };
    for (const [index, { name: sentence, prove }] of remoteCases.entries()) {
      it(sentence, async () => {
        // Each has keys and a channel of its own: within a cluster what was said before may arrive late.
        const keyPrefix = `mainspring:${index}:`;
        await prove({
          async connect() {
            const remote = await openRedis({ ...redis.options, keyPrefix });
            opened.push(remote);
            return remote;
          },
          flush,
          pass: () => undefined,
        });
      });
    }
  });
}

describe("the model", () => {
  for (const { name, prove } of remoteCases) {
    it(name, async () => {
      const clock = createManualClock();
      const server = createModelServer({ nowMs: () => clock.nowMs() });
      await prove({
        connect: async () => server.connect(),
        flush: async () => server.flush(),
        pass: () => clock.advance(1),
      });
    });
  }
});
