/** The client of the AWS SDK, with defaults that were chosen: no retries of its own, a bounded number of connections, and timeouts. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/** The store repeats what may be repeated. A retry of the SDK would turn a commit that happened into a refusal. */
const SDK_ATTEMPTS = 1;

export interface ConnectionOptions {
  /** Default: the standard AWS environment. */
  readonly region?: string;
  /** Default: the standard AWS environment, `AWS_ENDPOINT_URL_DYNAMODB` included, then AWS itself. */
  readonly endpoint?: string;
  /** Default: the standard AWS environment. */
  readonly credentials?: NonNullable<DynamoDBClientConfig["credentials"]>;
  /** A client to use instead of one of its own; it stays open. For tests, and for those who trace or sign on their own. */
  readonly client?: DynamoDBClient;
  /** How requests reach DynamoDB. */
  readonly pool?: PoolOptions | false;
}

export interface PoolOptions {
  /** Default: 10 */
  readonly maxConnections?: number;
  /** All that a request may take. Default: 5,000 ms */
  readonly connectionTimeoutMs?: number;
}

export const DEFAULT_POOL = { maxConnections: 10, connectionTimeoutMs: 5_000 };

export interface Connection {
  readonly client: DynamoDBClient;
  readonly requestTimeoutMs: number;
  close(): void;
}

export function connect({ region, endpoint, credentials, client, pool }: ConnectionOptions): Connection {
  const { maxConnections, connectionTimeoutMs } = { ...DEFAULT_POOL, ...(pool === false ? {} : pool) };
  if (client !== undefined) {
    return { client, requestTimeoutMs: connectionTimeoutMs, close: () => undefined };
  }
  const agent = { keepAlive: true, maxSockets: maxConnections };
  const own = new DynamoDBClient({
    maxAttempts: SDK_ATTEMPTS,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  });
  return { client: own, requestTimeoutMs: connectionTimeoutMs, close: () => own.destroy() };
}
