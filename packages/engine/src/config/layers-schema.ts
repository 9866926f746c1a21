/** The schema of the optimisation layers' configuration: names, units and bounds. Times to live are in seconds, all else in ms, bytes or counts. */
import { type Static, Type } from "typebox";

const strict = { additionalProperties: false } as const;

const seconds = Type.Integer({ minimum: 1, maximum: 31_536_000 });
const milliseconds = Type.Integer({ minimum: 1, maximum: 86_400_000 });
const count = (maximum: number) => Type.Integer({ minimum: 1, maximum });

/** A level is left a tenth below where it is entered. */
const share = Type.Number({ exclusiveMinimum: 0.1, maximum: 1 });

const redis = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 255 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    /** Empty: the server's default user. The password comes from the environment alone. */
    username: Type.String({ maxLength: 255 }),
    tls: Type.Boolean(),
    /** The host is a node, or the configuration endpoint, of a cluster. */
    cluster: Type.Boolean(),
    /** In seconds. */
    ttl: Type.Object(
      { activeQueue: seconds, taskProgress: seconds, playerStats: seconds, frequentData: seconds },
      strict,
    ),
  },
  strict,
);

const database = Type.Object(
  { maxConnections: count(10_000), connectionTimeout: milliseconds, idleTimeout: milliseconds },
  strict,
);

const batch = Type.Object(
  { maxBatchSize: count(10_000), batchTimeout: milliseconds, maxConcurrentBatches: count(1_000) },
  strict,
);

const memory = Type.Object(
  {
    maxCacheSize: count(100_000_000),
    gcInterval: milliseconds,
    /** In bytes. */
    memoryThreshold: Type.Integer({ minimum: 16_777_216, maximum: 1_099_511_627_776 }),
    enableGcOptimization: Type.Boolean(),
    /** Shares of the threshold at which memory is short, tight, and out. */
    levelShares: Type.Tuple([share, share, share]),
  },
  strict,
);

const cache = Type.Object(
  {
    /** Of all local caches together, in bytes. `memory.maxCacheSize` bounds the number of their entries. */
    maxBytes: Type.Integer({ minimum: 1_048_576, maximum: 1_099_511_627_776 }),
    /** What others may have changed without our hearing of it is shown for so long at most. */
    localMaxAge: Type.Integer({ minimum: 1, maximum: 60_000 }),
  },
  strict,
);

const overload = Type.Object(
  {
    /** Requests that may be under way, however slow everything is; and at most, however fast. */
    minConcurrency: count(100_000),
    maxConcurrency: count(100_000),
  },
  strict,
);

/** Which layers are on from the start. */
const layers = Type.Object(
  {
    cache: Type.Boolean(),
    batching: Type.Boolean(),
    pool: Type.Boolean(),
    prediction: Type.Boolean(),
    memoryGovernor: Type.Boolean(),
    overloadLimit: Type.Boolean(),
    /** `commit`: every milestone is saved before it is shown. */
    checkpoint: Type.Union([Type.Literal("commit"), Type.Literal("interval")]),
    /** With `interval`: what merely time has brought is saved at most so often. */
    checkpointInterval: milliseconds,
  },
  strict,
);

export const LAYERS_SCHEMA = Type.Object({ redis, cache, database, batch, memory, overload, layers }, strict);

/** A complete configuration. */
export type LayersConfig = Static<typeof LAYERS_SCHEMA>;
