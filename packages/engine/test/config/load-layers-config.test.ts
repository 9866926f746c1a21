import { MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { loadLayersConfig } from "../../src/config/load-layers-config.js";

function mistakesOf(file: unknown): unknown {
  try {
    loadLayersConfig({ file });
  } catch (error) {
    if (error instanceof MainspringError && error.code === "CONFIG_INVALID") return error.details["mistakes"];
    throw error;
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

  it("lets the environment beat the file", () => {
    const file = { preset: "production", redis: { host: "file.example" } };
    expect(loadLayersConfig({ file }).redis.host).toBe("file.example");
    expect(loadLayersConfig({ file, env: { REDIS_ENDPOINT: "env.example" } }).redis.host).toBe("env.example");
  });

  it("lays a file over the preset that the file names", () => {
    const config = loadLayersConfig({ file: { preset: "production", batch: { maxBatchSize: 7 } } });
    expect(config.batch).toEqual({ maxBatchSize: 7, batchTimeout: 1000, maxConcurrentBatches: 10 });
  });

  it("names every mistake at once, with its path and what was probably meant", () => {
    expect(
      mistakesOf({
        batch: { maxBatchSise: 1, batchTimeout: 0 },
        memory: { enableGcOptimization: "yes" },
        redsi: {},
      }),
    ).toEqual([
      { path: "batch.maxBatchSise", problem: 'unknown key; did you mean "maxBatchSize"?' },
      { path: "redsi", problem: 'unknown key; did you mean "redis"?' },
      { path: "batch.batchTimeout", problem: "must be >= 1" },
      { path: "memory.enableGcOptimization", problem: "must be boolean" },
    ]);
  });

  it("keeps a process within its limits unless it is told not to", () => {
    expect(loadLayersConfig().layers).toMatchObject({ memoryGovernor: true, overloadLimit: true });
    const file = { layers: { memoryGovernor: false, overloadLimit: false } };
    expect(loadLayersConfig({ file }).layers).toMatchObject(file.layers);
  });

  it("refuses levels that don't rise, and a least concurrency above the greatest", () => {
    expect(
      mistakesOf({
        memory: { levelShares: [0.9, 0.8, 1] },
        overload: { minConcurrency: 50, maxConcurrency: 20 },
      }),
    ).toEqual([
      { path: "memory.levelShares", problem: "must rise, as in [0.7, 0.85, 1]" },
      { path: "overload.minConcurrency", problem: "must not be above overload.maxConcurrency" },
    ]);
    expect(mistakesOf({ memory: { levelShares: [0.5, 0.8] } })).not.toEqual([]);
    expect(mistakesOf({ memory: { levelShares: [0.5, 0.8, 1.1] } })).not.toEqual([]);
  });

  it("refuses prediction without the cache that it fetches into", () => {
    expect(mistakesOf({ layers: { prediction: true } })).toEqual([
      {
        path: "layers.prediction",
        problem: "fetches ahead into the cache: switch layers.cache on as well",
      },
    ]);
    expect(mistakesOf({ layers: { prediction: true, cache: true } })).toEqual([]);
  });

  it("takes a port along with the host of REDIS_ENDPOINT", () => {
    const env = { REDIS_ENDPOINT: "cache.example:6380" };
    expect(loadLayersConfig({ preset: "production", env }).redis).toMatchObject({
      host: "cache.example",
      port: 6380,
    });
    const wrong = { REDIS_ENDPOINT: "cache.example:99999" };
    expect(() => loadLayersConfig({ preset: "production", env: wrong })).toThrow("REDIS_ENDPOINT");
  });

  it.each([
    [null],
    [[]],
    ["text"],
    [{ preset: "fast" }],
    [{ layers: { checkpoint: "never" } }],
    [{ redis: 5 }],
  ])("refuses %j", (file) => {
    expect(mistakesOf(file)).not.toEqual([]);
  });
});
