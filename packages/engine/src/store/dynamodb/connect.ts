/** The client of the AWS SDK over our connection pool, with defaults that were chosen: no retries of its own, and nothing without a bound. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
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
  /** Without the pool: all that a request may take. Default: 5,000 ms */
  readonly requestTimeoutMs?: number;
}

export interface Connection {
  readonly client: DynamoDBClient;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Opens connections before they are needed, once it is known where to. */
  warm(): Promise<void>;
  /** `null` without the pool. */
  poolStats(): PoolStats | null;
  close(): Promise<void>;
}

const PLAIN = { warm: async () => undefined, poolStats: () => null };

export function connect(options: ConnectionOptions): Connection {
  const { region, endpoint, credentials, client, pool } = options;
  const { connectionTimeoutMs = DEFAULT_TIMEOUT_MS, maxConnections = DEFAULT_CONNECTIONS } = pool || {};
  const timeoutMs = pool === false ? (options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS) : connectionTimeoutMs;
  const bounds = { requestTimeoutMs: timeoutMs + GRACE_MS, maxConnections };
  if (client !== undefined) return { client, ...bounds, ...PLAIN, close: async () => undefined };
  const config = {
    maxAttempts: SDK_ATTEMPTS,
    // Else the address depends on whose credentials they are, and could change when they are renewed.
    accountIdEndpointMode: "disabled" as const,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
  if (pool === false) {
    const requestHandler = createPlainHandler({ requestTimeoutMs: timeoutMs });
    const plain = new DynamoDBClient({ ...config, requestHandler });
    return { client: plain, ...bounds, ...PLAIN, close: async () => plain.destroy() };
  }
  const connections = createConnectionPool(pool);
  const watched = watchEndpoint(connections);
  const own = new DynamoDBClient({ ...config, requestHandler: watched.handler });
  return {
    client: own,
    ...bounds,
    async warm() {
      const to = watched.endpoint();
      if (to !== null) await connections.warm({ endpoint: to });
    },
    poolStats: () => connections.stats(),
    async close() {
      await connections.close();
      own.destroy();
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
