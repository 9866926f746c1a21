// The house plan: which part of the code may import which. The linter's `mainspring/direction` rule reads it.
import { matches } from "./glob.mjs";

/**
 * @typedef {object} Room
 * @property {string} name
 * @property {string[]} files    the patterns of what belongs to it
 * @property {string[]} sees     the rooms whose files it may import; its own always, and it says nothing about packages
 * @property {string[]} packages the packages it may import; "node:" stands for everything that Node.js brings along
 */

/** What every folder of the engine stands on. They never import each other's insides. */
const engineFloor = [
  "engine/ports",
  "engine/player-ids",
  "engine/stamp",
  "engine/budget",
  "engine/config",
  "engine/record",
];
const enginePackages = ["@mainspring/core", "typebox", "node:"];

/**
 * A file belongs to the first room that claims it. Every source file needs a room, and every room a file.
 *
 * @type {readonly Room[]}
 */
export const rooms = [
  // Pure rules: no platform, no dependency.
  { name: "core", files: ["packages/core/src/**"], sees: [], packages: [] },

  // Only what puts the engine together knows all of its folders.
  {
    name: "engine",
    files: ["packages/engine/src/create-engine.ts", "packages/engine/src/index.ts"],
    sees: [...engineFloor, "engine/service", "engine/telemetry", "engine/store/memory", "engine/store/lmdb"],
    packages: enginePackages,
  },
  {
    name: "engine/config",
    files: ["packages/engine/src/config/**"],
    sees: ["engine/flags", "engine/player-ids"],
    packages: ["@mainspring/core", "typebox"],
  },
  {
    name: "engine/record",
    files: ["packages/engine/src/record/**"],
    sees: engineFloor,
    packages: enginePackages,
  },
  {
    name: "engine/service",
    files: ["packages/engine/src/service/**"],
    sees: engineFloor,
    packages: [...enginePackages, "lru-cache"],
  },
  // From any store to any other, through the port alone.
  {
    name: "engine/copy",
    files: ["packages/engine/src/copy/**"],
    sees: ["engine/ports"],
    packages: enginePackages,
  },
  {
    name: "engine/telemetry",
    files: ["packages/engine/src/telemetry/**"],
    sees: ["engine/ports", "engine/latency-buckets"],
    packages: enginePackages,
  },
  // What the stores agree on beside the port.
  {
    name: "engine/store",
    files: ["packages/engine/src/store/*.ts"],
    sees: ["engine/ports", "engine/player-ids"],
    packages: enginePackages,
  },
  {
    name: "engine/store/memory",
    files: ["packages/engine/src/store/memory/**"],
    sees: [...engineFloor, "engine/store"],
    packages: enginePackages,
  },
  {
    name: "engine/store/lmdb",
    files: ["packages/engine/src/store/lmdb/**"],
    sees: [...engineFloor, "engine/store"],
    packages: [...enginePackages, "lmdb"],
  },
  // The bound that local caches share, and how to be one of them: whoever keeps something may make one.
  {
    name: "engine/budget",
    files: ["packages/engine/src/memory/budget.ts", "packages/engine/src/memory/lru-tenant.ts"],
    sees: ["engine/ports"],
    packages: ["lru-cache"],
  },
  {
    name: "engine/memory",
    files: ["packages/engine/src/memory/**"],
    sees: ["engine/ports", "engine/budget"],
    packages: ["@mainspring/core", "node:"],
  },
  {
    name: "engine/overload",
    files: ["packages/engine/src/overload/**"],
    sees: ["engine/ports"],
    packages: ["@mainspring/core", "node:"],
  },
  // How durations are counted: by whoever judges them, and by whoever tells them.
  {
    name: "engine/latency-buckets",
    files: ["packages/engine/src/latency-buckets.ts"],
    sees: [],
    packages: [],
  },
  // What may be a player's id: whoever takes one may ask that.
  {
    name: "engine/player-ids",
    files: ["packages/engine/src/player-ids.ts"],
    sees: [],
    packages: [],
  },
  // Which layers are on for whom.
  {
    name: "engine/flags",
    files: ["packages/engine/src/flags/**"],
    sees: ["engine/ports", "engine/player-ids", "engine/latency-buckets"],
    packages: ["@mainspring/core", "typebox", "node:"],
  },
  {
    name: "engine/batch",
    files: ["packages/engine/src/batch/**"],
    sees: ["engine/ports"],
    packages: ["@mainspring/core", "node:"],
  },
  // The second tier, behind the cache's own port.
  {
    name: "engine/cache/redis",
    files: ["packages/engine/src/cache/redis/**"],
    sees: ["engine/ports", "engine/stamp", "engine/cache"],
    packages: ["@mainspring/core", "ioredis", "node:"],
  },
  // Which of two contents is the newer one: whoever reads may ask that.
  {
    name: "engine/stamp",
    files: ["packages/engine/src/cache/stamp.ts"],
    sees: ["engine/ports"],
    packages: [],
  },
  {
    name: "engine/cache",
    files: ["packages/engine/src/cache/**"],
    sees: ["engine/ports", "engine/stamp", "engine/budget"],
    packages: ["@mainspring/core", "lru-cache", "node:"],
  },
  {
    name: "engine/pool",
    files: ["packages/engine/src/pool/**"],
    sees: ["engine/ports"],
    packages: [
      "@mainspring/core",
      "undici",
      "@smithy/core",
      "@smithy/node-http-handler",
      "@smithy/types",
      "node:",
    ],
  },
  {
    name: "engine/store/dynamodb",
    files: ["packages/engine/src/store/dynamodb/**"],
    sees: [...engineFloor, "engine/store", "engine/batch", "engine/pool"],
    packages: [...enginePackages, "@aws-sdk/client-dynamodb"],
  },
  // Exported for stores that others write, so it must not lean on ours.
  {
    name: "engine/testing",
    files: ["packages/engine/src/testing/**"],
    sees: ["engine/ports", "engine/stamp", "engine/record", "engine/cache"],
    packages: enginePackages,
  },
  // What lies in no folder: the ports, and the words they are made of.
  {
    name: "engine/ports",
    files: ["packages/engine/src/*.ts"],
    sees: [
      "engine/config",
      "engine/telemetry",
      "engine/batch",
      "engine/cache",
      "engine/flags",
      "engine/memory",
      "engine/overload",
      "engine/pool",
    ],
    packages: enginePackages,
  },

  // Taking heap snapshots: it needs to be told how the server becomes ready and not ready, and knows nothing of HTTP.
  {
    name: "server/heap",
    files: ["packages/server/src/heap/**"],
    sees: [],
    packages: ["@mainspring/core", "@mainspring/engine", "node:"],
  },
  // Reading them: the only room that knows the optional library.
  {
    name: "server/heap-compare",
    files: ["packages/server/src/heap-compare/**"],
    sees: [],
    packages: ["@mainspring/core", "@vscode/v8-heap-parser", "node:"],
  },
  // Every bound of the server.
  { name: "server/limits", files: ["packages/server/src/limits.ts"], sees: [], packages: [] },
  // What a server can be told, and who says it.
  {
    name: "server/config",
    files: ["packages/server/src/config/**"],
    sees: ["server/limits"],
    packages: ["@mainspring/engine", "typebox"],
  },
  // Counting requests: plain counters, of which nothing but the engine's histogram is known elsewhere.
  {
    name: "server/numbers",
    files: ["packages/server/src/http/numbers/**"],
    sees: [],
    packages: ["@mainspring/engine"],
  },
  // Traces: the only room that knows OpenTelemetry's libraries.
  {
    name: "server/tracing",
    files: ["packages/server/src/tracing/**"],
    sees: [],
    packages: [
      "@mainspring/core",
      "@mainspring/engine",
      "@opentelemetry/api",
      "@opentelemetry/core",
      "@opentelemetry/otlp-exporter-base",
      "@opentelemetry/otlp-transformer",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-trace",
      "node:",
    ],
  },
  // The same for Prometheus: the only room that knows its library.
  {
    name: "server/metrics",
    files: ["packages/server/src/http/metrics/**"],
    sees: ["server/numbers"],
    packages: ["@mainspring/engine", "prom-client"],
  },
  {
    name: "server",
    files: ["packages/server/src/**"],
    sees: [
      "server/config",
      "server/heap",
      "server/heap-compare",
      "server/limits",
      "server/metrics",
      "server/numbers",
      "server/tracing",
    ],
    packages: [
      "@mainspring/core",
      "@mainspring/engine",
      "fastify",
      "@fastify/swagger",
      "@fastify/type-provider-typebox",
      "typebox",
      "jose",
      "commander",
      "node:",
    ],
  },
  // The page for operators knows the server's answers, and nothing of the server. Its numbers are told by rules without a screen.
  { name: "console/api", files: ["apps/console/src/api/**"], sees: [], packages: [] },
  { name: "console/readings", files: ["apps/console/src/readings/**"], sees: ["console/api"], packages: [] },
  {
    name: "console/panels",
    files: ["apps/console/src/panels/**"],
    sees: ["console/api", "console/readings"],
    packages: [],
  },
  {
    name: "console",
    files: ["apps/console/src/**"],
    sees: ["console/api", "console/readings", "console/panels"],
    packages: ["preact", "uplot"],
  },
  {
    name: "bench",
    files: ["bench/src/**"],
    sees: ["programs"],
    packages: [
      "@mainspring/core",
      "@mainspring/engine",
      "@mainspring/server",
      "@aws-sdk/client-dynamodb",
      "@smithy/core",
      "@keyv/redis",
      "bentocache",
      "bullmq",
      "cacheable",
      "dynalite",
      "ioredis",
      "lmdb",
      "selfsigned",
      "undici",
      "node:",
    ],
  },
  // How tests and benchmarks come by programs that are not packages.
  { name: "programs", files: ["scripts/ensure-debian-package.mjs"], sees: [], packages: ["node:"] },
];

/**
 * @param {string} path from the root of the repository, with "/" between folders
 * @returns {Room | undefined}
 */
export function roomOf(path) {
  return rooms.find((room) => room.files.some((pattern) => matches(pattern, path)));
}
