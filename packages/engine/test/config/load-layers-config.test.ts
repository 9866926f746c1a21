import { isMainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import type { ConfigMistake } from "../../src/config/config-source.js";
import { layerSettings } from "../../src/config/layer-settings.js";
import { formatConfigMistake } from "../../src/config/load-config.js";
import { loadLayersConfig, type LayersConfigSources } from "../../src/config/load-layers-config.js";

/** The mistakes that a configuration is refused for, as they are told. */
function mistakesOf(sources: LayersConfigSources): readonly string[] {
  try {
    loadLayersConfig(sources);
  } catch (error) {
    if (!isMainspringError(error) || error.code !== "CONFIG_INVALID") throw error;
    const mistakes = error.details["mistakes"] as readonly ConfigMistake[];
    // The message and the details say the same.
    for (const mistake of mistakes) expect(error.message).toContain(formatConfigMistake(mistake));
    return mistakes.map(formatConfigMistake);
  }
  return [];
}

describe("the configuration of the layers", () => {
  it("has the design's defaults in the development preset", () => {
    expect(loadLayersConfig()).toMatchObject({
      redis: {
        host: "localhost",
        port: 6379,
        ttl: { activeQueue: 300, taskProgress: 60, playerStats: 600, frequentData: 1800 },
      },
      database: { maxConnections: 5, connectionTimeout: 5000, idleTimeout: 300000 },
      batch: { maxBatchSize: 10, batchTimeout: 1000, maxConcurrentBatches: 5 },
      memory: {
        maxCacheSize: 10000,
        gcInterval: 30000,
        memoryThreshold: 104857600,
        enableGcOptimization: false,
      },
    });
  });

  it("takes the Redis host of the production preset from REDIS_ENDPOINT", () => {
    const config = loadLayersConfig({ preset: "production", env: { REDIS_ENDPOINT: "cache.example" } });
    expect(config).toMatchObject({
      redis: { host: "cache.example" },
      database: { maxConnections: 20 },
      batch: { maxBatchSize: 50, maxConcurrentBatches: 10 },
      memory: { memoryThreshold: 209715200, enableGcOptimization: true },
    });
  });

  it("lets the environment beat the file, and the file the preset", () => {
    const file = { redis: { host: "file.example" }, batch: { maxBatchSize: 7 } };
    const config = loadLayersConfig({ preset: "production", file });
    expect(config.redis.host).toBe("file.example");
    expect(config.batch).toEqual({ maxBatchSize: 7, batchTimeout: 1000, maxConcurrentBatches: 10 });
    const env = { REDIS_ENDPOINT: "env.example", MAINSPRING_BATCH_MAX_BATCH_SIZE: "9" };
    expect(loadLayersConfig({ file, env })).toMatchObject({
      redis: { host: "env.example" },
      batch: { maxBatchSize: 9 },
    });
  });

  it("names every mistake at once, with its path, its origin, what is wrong and what helps", () => {
    const file = {
      batch: { maxBatchSise: 1, batchTimeout: 0 },
      memory: { enableGcOptimization: "yes" },
      redsi: {},
    };
    expect(mistakesOf({ file, env: { MAINSPRING_DATABASE_IDLE_TIMEOUT: "long" } })).toEqual([
      "batch.maxBatchSise (file): there is no such key. Did you mean batch.maxBatchSize?",
      "redsi (file): there is no such key. Did you mean redis?",
      "batch.batchTimeout (file): must be a whole number from 1 to 86400000 (ms), not 0. Left out, it is 1000.",
      'memory.enableGcOptimization (file): must be true or false, not "yes". Left out, it is false.',
      'database.idleTimeout (environment MAINSPRING_DATABASE_IDLE_TIMEOUT): must be a whole number from 1 to 86400000 (ms), not "long". Left out, it is 300000.',
    ]);
  });

  it("looks at no variables but its own", () => {
    const env = { MAINSPRING_GAME: "mine", MAINSPRING_BATCH_MAX_BATCH_SISE: "9" };
    expect(mistakesOf({ env })).toEqual([
      "MAINSPRING_BATCH_MAX_BATCH_SISE: there is no such variable. Did you mean MAINSPRING_BATCH_MAX_BATCH_SIZE? If not, unset it.",
    ]);
  });

  it("keeps a process within its limits unless it is told not to", () => {
    expect(loadLayersConfig().layers).toMatchObject({ memoryGovernor: true, overloadLimit: true });
    const file = { layers: { memoryGovernor: false, overloadLimit: false } };
    expect(loadLayersConfig({ file }).layers).toMatchObject(file.layers);
  });

  it("takes a share of the players, and says of each layer for whom it is on", () => {
    const file = {
      layers: {
        cache: { percent: 12.34, players: ["ada"], except: ["bob"] },
        batching: true,
        memoryGovernor: { percent: 0 },
        checkpoint: "interval",
      },
    };
    expect(layerSettings(loadLayersConfig({ file }).layers)).toEqual({
      cache: { percent: 12.34, players: ["ada"], except: ["bob"] },
      batching: { percent: 100, players: [], except: [] },
      pool: { percent: 100, players: [], except: [] },
      prediction: { percent: 0, players: [], except: [] },
      memoryGovernor: { percent: 0, players: [], except: [] },
      overloadLimit: { percent: 100, players: [], except: [] },
      checkpoint: { percent: 100, players: [], except: [] },
    });
    expect(layerSettings(loadLayersConfig().layers).checkpoint.percent).toBe(0);
  });

  it("refuses what can't be meant together", () => {
    const file = {
      memory: { levelShares: [0.9, 0.8, 1] },
      overload: { minConcurrency: 50, maxConcurrency: 20 },
      cache: { maxBytes: 200_000_000 },
      layers: {
        prediction: { percent: 0, players: ["ada"] },
        pool: { percent: 1, players: ["a", "b"], except: ["b"] },
      },
    };
    expect(mistakesOf({ file })).toEqual([
      "layers.prediction (file): fetches ahead into the cache, which is off. Switch layers.cache on as well, or prediction off.",
      "layers.pool (file): has the player at place 1 of its players among those that are excepted, too. Take the player out of one of the lists.",
      "memory.levelShares (file): must rise from level to level. For example [0.7, 0.85, 1].",
      "overload.minConcurrency (file): is 50, above overload.maxConcurrency, which is 20. Lower the one, or raise the other.",
      "cache.maxBytes (file): lets the caches alone take 200000000 bytes, more than memory.memoryThreshold lets the process: 104857600. Lower the one, or raise the other.",
    ]);
    expect(mistakesOf({ file: { layers: { prediction: true, cache: true } } })).toEqual([]);
  });

  it("draws no conclusions from what is mistaken", () => {
    // Prediction alone would be a mistake; here the cache was probably meant to be on.
    expect(mistakesOf({ file: { layers: { prediction: true, cahce: true } } })).toEqual([
      "layers.cahce (file): there is no such key. Did you mean layers.cache?",
    ]);
    expect(mistakesOf({ file: { layers: { prediction: true, cache: 1 } } })).toHaveLength(1);
    expect(mistakesOf({ file: { layer: { cache: true }, layers: { prediction: true } } })).toHaveLength(1);
  });

  it("takes a port along with the host of REDIS_ENDPOINT", () => {
    const hosts = ["cache.example:6380", "[fd00::7]:6380", "fd00::7"];
    const found = hosts.map((endpoint) => {
      const { host, port } = loadLayersConfig({ env: { REDIS_ENDPOINT: endpoint } }).redis;
      return [host, port];
    });
    expect(found).toEqual([
      ["cache.example", 6380],
      ["fd00::7", 6380],
      ["fd00::7", 6379],
    ]);
    expect(mistakesOf({ env: { REDIS_ENDPOINT: "cache.example:99999" } })).toEqual([
      "redis.port (environment REDIS_ENDPOINT): must be a whole number from 1 to 65535, not 99999. Left out, it is 6379.",
    ]);
    const twice = { REDIS_ENDPOINT: "cache.example:6380", MAINSPRING_REDIS_PORT: "6381" };
    expect(mistakesOf({ env: twice })).toEqual([
      "redis.port (environment MAINSPRING_REDIS_PORT): environment REDIS_ENDPOINT says something else: 6380 and 6381. Leave one of them out.",
    ]);
  });

  it("never repeats what may be a secret in the wrong place", () => {
    const said = [
      ...mistakesOf({ env: { REDIS_ENDPOINT: "redis://ada:hunter2@cache.example:6379" } }),
      ...mistakesOf({ file: { redis: { host: "redis://hunter2@cache.example", password: "hunter2" } } }),
      ...mistakesOf({ file: { layers: { cache: { percent: 1, players: ["hunter2 "] } } } }),
    ];
    expect(said).toHaveLength(4);
    expect(said.join("\n")).not.toContain("hunter2");
  });

  it.each([[null], [[]], ["text"], [{ preset: "production" }], [{ redis: 5 }], [{ constructor: {} }]])(
    "refuses %j",
    (file) => {
      expect(mistakesOf({ file })).toHaveLength(1);
    },
  );
});
