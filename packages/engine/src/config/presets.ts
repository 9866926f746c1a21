/** Ready-made configurations. */
import type { LayersConfig } from "./layers-schema.js";

export type Preset = "development" | "production";

const BASE: LayersConfig = {
  redis: {
    host: "localhost",
    port: 6379,
    username: "",
    tls: false,
    cluster: false,
    ttl: { activeQueue: 300, taskProgress: 60, playerStats: 600, frequentData: 1800 },
  },
  cache: { maxBytes: 67_108_864, localMaxAge: 2_000 },
  database: { maxConnections: 10, connectionTimeout: 5_000, idleTimeout: 300_000 },
  batch: { maxBatchSize: 25, batchTimeout: 1_000, maxConcurrentBatches: 5 },
  memory: {
    maxCacheSize: 10_000,
    gcInterval: 30_000,
    memoryThreshold: 104_857_600,
    enableGcOptimization: true,
    levelShares: [0.7, 0.85, 1],
  },
  overload: { minConcurrency: 8, maxConcurrency: 1_000 },
  layers: {
    cache: false,
    batching: false,
    // Only stores with connections have one.
    pool: true,
    prediction: false,
    memoryGovernor: true,
    overloadLimit: true,
    checkpoint: "commit",
    checkpointInterval: 120_000,
  },
};

/** A preset. In production the Redis host comes from `REDIS_ENDPOINT` where it is set. */
export function presetConfig(preset: Preset): LayersConfig {
  if (preset === "development") {
    return {
      ...BASE,
      database: { ...BASE.database, maxConnections: 5 },
      batch: { ...BASE.batch, maxBatchSize: 10 },
      memory: { ...BASE.memory, enableGcOptimization: false },
    };
  }
  return {
    ...BASE,
    database: { ...BASE.database, maxConnections: 20 },
    batch: { ...BASE.batch, maxBatchSize: 50, maxConcurrentBatches: 10 },
    memory: { ...BASE.memory, memoryThreshold: 209_715_200 },
  };
}
