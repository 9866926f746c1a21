/**
 * Clients of the AWS SDK, over our connection pool and over its own connections, with defaults that were chosen: no retries of their own,
 * and nothing without a bound. Each is made when it is first used.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { IsOn } from "../../ports.js";
import {
  type ConnectionPool,
  type ConnectionPoolOptions,
  createConnectionPool,
  createPlainHandler,
  type PoolStats,
} from "../../pool/index.js";

/** The store repeats what may be repeated. A retry of the SDK would turn a commit that happened into a refusal. */
const SDK_ATTEMPTS = 1;

/** All that a request may take, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 5_000;

const DEFAULT_CONNECTIONS = 10;

/** The connections keep the time themselves, and know whether a request was sent; only after so much more is it called off from here. */
const GRACE_MS = 1_000;

export interface ConnectionOptions {
  /** Default: the standard AWS environment. */
  readonly region?: string;
  /** Default: the standard AWS environment, `AWS_ENDPOINT_URL_DYNAMODB` included, then AWS itself. */
  readonly endpoint?: string;
  /** Default: the standard AWS environment. */
  readonly credentials?: NonNullable<DynamoDBClientConfig["credentials"]>;
  /** A client to use instead of one of its own; it stays open. For tests, and for those who trace or sign on their own. */
  readonly client?: DynamoDBClient;
  /** How requests reach DynamoDB. `false`: over the SDK's own connections. Default: the pool with its defaults. */
  readonly pool?: ConnectionPoolOptions | false;
  /**
   * Whose requests go through the pool, asked for each; those of others go over the SDK's own connections. One for several players goes by
   * the first of them. Default: everybody's
   */
  readonly isPoolOn?: IsOn;
  /**
   * Whether requests that are no player's (catalogs, tables) go through it, where `isPoolOn` is given; those for settings, in which its
   * switch is kept, never do then. Default: always
   */
  readonly isPoolOnForAnybody?: () => boolean;
  /** Without the pool: all that a request may take. Default: `connectionTimeoutMs` of the pool, 5,000 ms if there is none */
  readonly requestTimeoutMs?: number;
}

export interface Connection {
  /** What a request of a player is sent with, or one that is no player's (`null`). */
  readonly clientOf: (playerId: string | null) => DynamoDBClient;
  /** What settings are sent with: past the pool where it has a switch, since the switch must work when the pool does not. */
  readonly settingsClient: () => DynamoDBClient;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Opens connections before they are needed, once it is known where to. */
  warm(): Promise<void>;
  /** `null` without the pool, or before its first request. */
  poolStats(): PoolStats | null;
  close(): Promise<void>;
}

/** One way to the database. */
interface Way {
  readonly client: DynamoDBClient;
  warm(): Promise<void>;
  stats(): PoolStats | null;
  close(): Promise<void>;
}

export function connect(options: ConnectionOptions): Connection {
  const { client, pool } = options;
  const { connectionTimeoutMs = DEFAULT_TIMEOUT_MS, maxConnections = DEFAULT_CONNECTIONS } = pool || {};
  const { requestTimeoutMs = connectionTimeoutMs } = options;
  const isPlainUsed = pool === false || options.isPoolOn !== undefined;
  const timeoutMs = Math.max(pool === false ? 0 : connectionTimeoutMs, isPlainUsed ? requestTimeoutMs : 0);
  const bounds = { requestTimeoutMs: timeoutMs + GRACE_MS, maxConnections };
  const given = client && {
    client,
    warm: async () => undefined,
    stats: () => null,
    close: async () => undefined,
  };
  const plain = once(() => given ?? openPlain(options, requestTimeoutMs));
  const pooled = once(() => openPooled(options, pool || {}));
  const isPooled = client === undefined && pool !== false ? poolSwitchOf(options) : () => false;
  const wayOf = (playerId: string | null): Way => (isPooled(playerId) ? pooled : plain).get();
  return {
    ...bounds,
    clientOf: (playerId) => wayOf(playerId).client,
    settingsClient: () => (options.isPoolOn === undefined ? wayOf(null) : plain.get()).client,
    warm: async () => wayOf(null).warm(),
    poolStats: () => pooled.made()?.stats() ?? null,
    async close() {
      await Promise.all([pooled.made()?.close(), plain.made()?.close()]);
    },
  };
}

function poolSwitchOf({
  isPoolOn,
  isPoolOnForAnybody = () => true,
}: ConnectionOptions): (playerId: string | null) => boolean {
  if (isPoolOn === undefined) return () => true;
  return (playerId) => (playerId === null ? isPoolOnForAnybody() : isPoolOn(playerId));
}

function once<T>(make: () => T): { readonly get: () => T; readonly made: () => T | null } {
  let made: T | null = null;
  return { get: () => (made ??= make()), made: () => made };
}

function configOf({ region, endpoint, credentials }: ConnectionOptions): DynamoDBClientConfig {
  return {
    maxAttempts: SDK_ATTEMPTS,
    // Else the address depends on whose credentials they are, and could change when they are renewed.
    accountIdEndpointMode: "disabled" as const,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

function openPlain(options: ConnectionOptions, requestTimeoutMs: number): Way {
  const client = new DynamoDBClient({
    ...configOf(options),
    requestHandler: createPlainHandler({ requestTimeoutMs }),
  });
  return { client, warm: async () => undefined, stats: () => null, close: async () => client.destroy() };
}

function openPooled(options: ConnectionOptions, pool: ConnectionPoolOptions): Way {
  const connections = createConnectionPool(pool);
  const watched = watchEndpoint(connections);
  const client = new DynamoDBClient({ ...configOf(options), requestHandler: watched.handler });
  return {
    client,
    async warm() {
      const to = watched.endpoint();
      if (to !== null) await connections.warm({ endpoint: to });
    },
    stats: () => connections.stats(),
    async close() {
      await connections.close();
      client.destroy();
    },
  };
}

/** Where requests go is known to the SDK alone, until the first of them is on its way. */
function watchEndpoint(pool: ConnectionPool): {
  readonly handler: ConnectionPool;
  readonly endpoint: () => URL | null;
} {
  let endpoint: URL | null = null;
  return {
    endpoint: () => endpoint,
    handler: {
      ...pool,
      async handle(request, options) {
        const { protocol, hostname, port } = request;
        endpoint ??= new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
        return pool.handle(request, options);
      },
    },
  };
}
