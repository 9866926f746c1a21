/** The server with players whose queues run for long: what is asked of it is asked again and again, and nothing is due. */
import { randomBytes } from "node:crypto";
import { createEngine, type Store } from "@mainspring/engine";
import { type Cache, createCache } from "@mainspring/engine/cache";
import { batched } from "@mainspring/engine/batch";
import { createDynamoDbTables, openDynamoDbStore } from "@mainspring/engine/dynamodb";
import {
  createMemoryBudget,
  createMemoryGovernor,
  exposedCollector,
  type MemoryBudget,
  type MemoryGovernor,
} from "@mainspring/engine/governor";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { openRedis } from "@mainspring/engine/redis";
import {
  createServer,
  type CreateServerOptions,
  jwtAuthenticate,
  openTracing,
  signToken,
} from "@mainspring/server";
import { LASTING_CYCLE_MS, workshopCatalog } from "./fixtures/workshop.js";
import type { LoadRequest } from "./load/connection-keeper.js";
import type { Releases } from "./releases.js";
import type { Answering } from "./sides/side.js";

export interface ServeQuestion {
  readonly store:
    | { readonly kind: "lmdb"; readonly folder: string }
    | { readonly kind: "dynamodb"; readonly endpoint: string };
  /** `null`: none. Without a Redis it has one tier. `isBatched`: what it reads of the store travels in batches. */
  readonly cache: { readonly redisPort: number | null; readonly isBatched: boolean } | null;
  /** A memory governor with this threshold, which asks for collections at most so often; `null`: it asks for none. Default: no governor */
  readonly memory?: { readonly thresholdBytes: number; readonly gcIntervalMs: number | null };
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
  /** Whether there is a limit of requests under way. Default: no */
  readonly isLimited?: boolean;
  /** `null`: nothing is counted, measured or noted. Default: as a server is that isn't told anything */
  readonly telemetry?: ServedTelemetry | null;
}

export interface ServedTelemetry {
  /** Of the requests that are traced. */
  readonly traceShare: number;
  /** Where traces go. */
  readonly collectorUrl: string;
}

export interface Served {
  readonly url: string;
  /** A read of each player's queue with that player's token. */
  readonly requests: readonly LoadRequest[];
  /** Of each player: one more task at the end of the queue. */
  readonly commands: readonly LoadRequest[];
  /** Of each player: the queue in the order that it has. A command, and the next one finds all as this one did. */
  readonly reorders: readonly LoadRequest[];
  /** Of each player: totals, or the journal, in turn. */
  readonly lows: readonly LoadRequest[];
  /** What the server says of itself. */
  readonly performance: LoadRequest;
}

/** Reads that one request may carry. */
const BATCH = { maxBatchSize: 100, maxConcurrentBatches: 10, batchTimeoutMs: 1000 };

const SECRET_BYTES = 32;
const TOKEN_LASTS_MS = 3_600_000;

/** Commands of players who come in, under way at once. */
const ENTERING_AT_ONCE = 50;

export const serveMainspring: Answering<ServeQuestion, Served> = async (question, { defer }) => {
  const { playerCount, tasksPerPlayer } = question;
  const budget = createMemoryBudget();
  const engine = await createEngine({
    store: asMeasured(await openStore(question), question),
    ...(await openCache(question, budget)),
    ...openGovernor(question, budget),
    ...(question.isLimited === true && { overload: createOverloadLimit() }),
    catalog: workshopCatalog({ cycleMs: LASTING_CYCLE_MS }),
  });
  defer(() => engine.close());
  const secret = randomBytes(SECRET_BYTES);
  const authenticate = jwtAuthenticate({ secret, budget });
  const server = createServer({ engine, authenticate, ...(await telemetryOf(question, defer)) });
  defer(() => server.close());
  const tasks = Array.from({ length: tasksPerPlayer }, () => ({ activity: "mine-copper" }));
  // A new player's tasks count from 1.
  const taskIds = tasks.map((_, index) => index + 1);
  const enter = async (player: number): Promise<LoadRequest> => {
    const playerId = `player-${player}`;
    // By its key once, where several servers have the same store, one after the other.
    await engine.apply(playerId, { type: "enqueue", tasks }, { asPlayer: true, key: "enter" });
    const token = await signToken({ playerId, secret, nowMs: Date.now(), expiresInMs: TOKEN_LASTS_MS });
    return {
      method: "GET",
      path: `/v1/players/${playerId}/queue`,
      headers: { authorization: `Bearer ${token}` },
    };
  };
  const requests: LoadRequest[] = [];
  while (requests.length < playerCount) {
    const count = Math.min(ENTERING_AT_ONCE, playerCount - requests.length);
    const from = requests.length;
    requests.push(...(await Promise.all(Array.from({ length: count }, async (_, at) => enter(from + at)))));
  }
  const token = await signToken({
    playerId: "operator",
    isAdmin: true,
    secret,
    nowMs: Date.now(),
    expiresInMs: TOKEN_LASTS_MS,
  });
  return {
    url: await server.listen({ port: 0 }),
    requests,
    commands: requests.map(({ path, headers }) => ({
      method: "POST",
      path: `${path}/tasks`,
      headers,
      body: JSON.stringify({ activity: "mine-copper" }),
    })),
    reorders: requests.map(({ path, headers }) => ({
      method: "PUT",
      path: `${path}/order`,
      headers,
      body: JSON.stringify({ taskIds }),
    })),
    lows: requests.map(({ path, headers }, index) => ({
      method: "GET",
      path: path.replace(/queue$/, index % 2 === 0 ? "stats" : "events"),
      headers,
    })),
    performance: {
      method: "GET",
      path: "/v1/admin/performance",
      headers: { authorization: `Bearer ${token}` },
    },
  };
};

/** The engine measures a store that doesn't say that it is measured. */
function asMeasured(store: Store, { telemetry }: ServeQuestion): Store {
  if (telemetry !== null) return store;
  const nothing = { count: 0, totalMs: 0, p50Ms: null, p99Ms: null, atMost: [] };
  const calls = { read: nothing, commit: nothing, errors: {} };
  return { ...store, stats: () => ({ ...store.stats(), calls }) };
}

/** What is logged goes nowhere, but is made. */
async function telemetryOf(
  { telemetry }: ServeQuestion,
  defer: Releases["defer"],
): Promise<Partial<CreateServerOptions>> {
  if (telemetry === undefined) return {};
  if (telemetry === null) return { isCounting: false, metrics: "off", logLevel: "silent" };
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry.collectorUrl;
  const tracing = await openTracing({ share: telemetry.traceShare });
  defer(() => tracing.close());
  return { tracing, logLevel: "info", logTo: { write: () => undefined } };
}

async function openStore({ store, cache }: ServeQuestion): Promise<Store> {
  const opened = await (store.kind === "lmdb" ? openLmdbStore(store) : openDynamoDb(store.endpoint));
  return cache?.isBatched === true ? batched(opened, BATCH) : opened;
}

function openGovernor(
  { memory }: ServeQuestion,
  budget: MemoryBudget,
): { readonly governor?: MemoryGovernor } {
  if (memory === undefined) return {};
  const { thresholdBytes, gcIntervalMs } = memory;
  const asked = gcIntervalMs === null ? {} : { gcIntervalMs, collect: exposedCollector() };
  return { governor: createMemoryGovernor({ budget, thresholdBytes, ...asked }) };
}

async function openCache(
  { store, cache }: ServeQuestion,
  budget: MemoryBudget,
): Promise<{ readonly cache?: Cache }> {
  if (cache === null) return {};
  const remote =
    cache.redisPort === null ? null : await openRedis({ host: "127.0.0.1", port: cache.redisPort });
  return { cache: createCache({ budget, remote, isSoleWriter: store.kind === "lmdb" }) };
}

async function openDynamoDb(endpoint: string): Promise<Store> {
  const place = {
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  };
  await createDynamoDbTables(place);
  return openDynamoDbStore(place);
}
