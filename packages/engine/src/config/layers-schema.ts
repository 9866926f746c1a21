/** The schema of the optimisation layers' configuration: names, units, bounds and defaults. Times to live are in seconds, all else in ms, bytes or counts. */
import { PLAYER_ID_PATTERN } from "../player-ids.js";
import { type Static, type TInteger, Type } from "typebox";
import { MAX_LISTED_PLAYERS } from "../flags/layers.js";
import type { KeyNotes } from "./config-key.js";

const strict = { additionalProperties: false } as const;

type Notes = KeyNotes & { readonly default: unknown };

const seconds = (notes: Notes): TInteger =>
  Type.Integer({ minimum: 1, maximum: 31_536_000, unit: "s", ...notes });
const milliseconds = (notes: Notes, maximum = 86_400_000): TInteger =>
  Type.Integer({ minimum: 1, maximum, unit: "ms", ...notes });
const bytes = (notes: Notes, minimum: number): TInteger =>
  Type.Integer({ minimum, maximum: 1_099_511_627_776, unit: "bytes", ...notes });
const count = (notes: Notes, maximum: number): TInteger => Type.Integer({ minimum: 1, maximum, ...notes });
const flag = (notes: Notes) => Type.Boolean({ ...notes });

const redis = Type.Object(
  {
    host: Type.String({
      pattern: "^[A-Za-z0-9_.:%-]{1,253}$",
      description:
        "Where Redis or Valkey is. The variable may carry the port as well: `cache.example:6380`, `[fd00::7]:6380`.",
      expected: "a name or an address, not a URL",
      isDelicate: true,
      default: "localhost",
      env: "REDIS_ENDPOINT",
    } satisfies Notes & { pattern: string }),
    port: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: "The port of Redis.",
      default: 6379,
    } satisfies Notes & { minimum: number; maximum: number }),
    username: Type.String({
      maxLength: 255,
      description: "The user's name. Empty: Redis's default user.",
      default: "",
    } satisfies Notes & { maxLength: number }),
    tls: flag({
      description:
        "TLS, with the certificate checked against the system's authorities, and those of `NODE_EXTRA_CA_CERTS`.",
      default: false,
    }),
    cluster: flag({
      description: "The host is a node of a cluster, or its configuration endpoint.",
      default: false,
    }),
    ttl: Type.Object(
      {
        activeQueue: seconds({ description: "How long players' records live.", default: 300 }),
        taskProgress: seconds({
          description: "How long forecasts, and what progress bars need, live.",
          default: 60,
        }),
        playerStats: seconds({ description: "How long players' totals and rewards live.", default: 600 }),
        frequentData: seconds({
          description: "How long catalogs, the timeline and a game's own data live.",
          default: 1_800,
        }),
      },
      { ...strict, description: "How long values live in the cache." },
    ),
  },
  { ...strict, description: "Redis or Valkey, which the cache shares on DynamoDB." },
);

const database = Type.Object(
  {
    maxConnections: count({ description: "Connections to DynamoDB; others wait.", default: 10 }, 10_000),
    connectionTimeout: milliseconds({
      description: "All that one request to DynamoDB may take.",
      default: 5_000,
    }),
    idleTimeout: milliseconds({
      description: "An idle connection is closed after so long.",
      default: 300_000,
    }),
  },
  { ...strict, description: "Requests to DynamoDB, and their connections." },
);

const batch = Type.Object(
  {
    maxBatchSize: count(
      {
        description: "Operations that travel together at most. What one request can't carry is split.",
        default: 25,
      },
      10_000,
    ),
    batchTimeout: milliseconds({ description: "An operation waits for others no longer.", default: 1_000 }),
    maxConcurrentBatches: count({ description: "Batches under way at once.", default: 5 }, 1_000),
  },
  { ...strict, description: "How operations of many players travel together." },
);

/** A level is left a tenth below where it is entered. */
const share = Type.Number({ exclusiveMinimum: 0.1, maximum: 1 });

const memory = Type.Object(
  {
    maxCacheSize: count(
      { description: "Entries that all local caches of the process keep at most.", default: 10_000 },
      100_000_000,
    ),
    gcInterval: milliseconds({
      description: "A collection is asked for at most so often.",
      default: 30_000,
    }),
    memoryThreshold: bytes(
      { description: "What heap and external memory may take, live.", default: 104_857_600 },
      16_777_216,
    ),
    enableGcOptimization: flag({
      description:
        "Over the threshold a collection is asked for where V8 hasn't just made one, unless that is found not to help.",
      default: true,
    }),
    levelShares: Type.Tuple([share, share, share], {
      description: "Shares of the threshold at which memory is short, tight, and out. They rise.",
      default: [0.7, 0.85, 1],
      expected: "a list of three numbers, each above 0.1 and up to 1",
    } satisfies Notes),
  },
  { ...strict, description: "What the process may take." },
);

const cache = Type.Object(
  {
    maxBytes: bytes(
      {
        description:
          "What all local caches together keep at most; `memory.maxCacheSize` bounds the number of their entries.",
        default: 67_108_864,
      },
      1_048_576,
    ),
    localMaxAge: milliseconds(
      { description: "What others may have changed unheard is shown for no longer.", default: 2_000 },
      60_000,
    ),
  },
  { ...strict, description: "The cache in the process." },
);

const overload = Type.Object(
  {
    minConcurrency: count(
      { description: "Requests that may be under way, however slow everything is.", default: 8 },
      100_000,
    ),
    maxConcurrency: count(
      { description: "Requests that may be under way, however fast everything is.", default: 1_000 },
      100_000,
    ),
  },
  { ...strict, description: "Bounds of what the overload limit may become." },
);

const playerIds = (description: string) =>
  Type.Optional(
    Type.Array(
      Type.String({
        pattern: PLAYER_ID_PATTERN,
        expected: "a player's id: 1 to 64 of A-Z a-z 0-9 . _ : @ | -",
        isDelicate: true,
      }),
      {
        maxItems: MAX_LISTED_PLAYERS,
        uniqueItems: true,
        description,
        expected: `a list of at most ${MAX_LISTED_PLAYERS} players' ids, each once`,
      },
    ),
  );

/** On for some of the players. */
const rollout = Type.Object(
  {
    percent: Type.Number({
      minimum: 0,
      maximum: 100,
      multipleOf: 0.01,
      description: "This share of the players, always the same ones.",
      expected: "a number from 0 to 100, with at most two decimals",
    }),
    players: playerIds("And these, whatever the share."),
    except: playerIds("But never these."),
  },
  strict,
);

const ROLLOUT_WORDS = '{ "percent": 0 to 100, "players": […], "except": […] }';

const layer = (notes: Notes) =>
  Type.Union([Type.Boolean(), rollout], { expected: `true, false or ${ROLLOUT_WORDS}`, ...notes });

const layers = Type.Object(
  {
    cache: layer({
      description:
        "The cache: in the process and, on DynamoDB, in Redis for all instances. `false` on DynamoDB leaves it out, so that it can't be switched on while the server runs.",
      default: false,
    }),
    batching: layer({
      description:
        "Reads and commits of many players travel together. On DynamoDB it saves requests; on the embedded store, which groups commits itself, it costs throughput.",
      default: false,
    }),
    pool: layer({
      description:
        "Requests to DynamoDB go through a pool of connections of ours instead of the SDK's own. Other stores have no connections.",
      default: true,
    }),
    prediction: layer({
      description: "Learns when players come back, and reads their records ahead of them. Needs the cache.",
      default: false,
    }),
    memoryGovernor: Type.Union(
      [
        Type.Boolean(),
        Type.Object(
          {
            percent: Type.Union([Type.Literal(0), Type.Literal(100)], {
              expected: "0 or 100, since the process has one for everybody",
            }),
          },
          strict,
        ),
      ],
      {
        description: "Keeps the process within `memory.memoryThreshold`.",
        default: true,
        expected: 'true, false or { "percent": 0 or 100 }',
      } satisfies Notes,
    ),
    overloadLimit: layer({
      description: "Refuses what can't be answered in time, the least urgent first.",
      default: true,
    }),
    checkpoint: Type.Union([Type.Literal("commit"), Type.Literal("interval"), rollout], {
      description:
        "`commit`: whatever is shown was saved before. `interval`, or for a share of the players: what merely time has brought is saved every `checkpointInterval`.",
      default: "commit",
      expected: `"commit", "interval" or ${ROLLOUT_WORDS}`,
    } satisfies Notes),
    checkpointInterval: milliseconds({
      description: "With interval checkpoints: what merely time has brought is saved at most so often.",
      default: 120_000,
    }),
  },
  { ...strict, description: "Which layers are on from the start, and for whom." },
);

export const LAYERS_SCHEMA = Type.Object({ redis, cache, database, batch, memory, overload, layers }, strict);

/** A complete configuration of the layers. */
export type LayersConfig = Static<typeof LAYERS_SCHEMA>;
