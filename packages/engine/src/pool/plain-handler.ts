/**
 * The AWS SDK's own request handler with those of its defaults set on purpose that hurt: it is what the plain path uses when
 * the pool is switched off. docs/decisions/connection-pool.md says why for each of them.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** Default: no limit at all, so that a lost answer is awaited for ever. The same as the pool's. */
export const PLAIN_REQUEST_TIMEOUT_MS = 5_000;

/**
 * Default: the kernel's, two minutes and more. It also ends the wait for one of the sockets. From two seconds on the SDK sets its
 * timer only for requests that still have no connection after the first.
 */
export const PLAIN_CONNECTION_TIMEOUT_MS = 2_000;

/** Default: 50, and no bound on how many wait for them. The plain path is one request at a time for each player. */
export const PLAIN_MAX_SOCKETS = 50;

export interface PlainHandlerOptions {
  /** Default: {@link PLAIN_REQUEST_TIMEOUT_MS}. */
  readonly requestTimeoutMs?: number;
  /** Default: {@link PLAIN_MAX_SOCKETS}. */
  readonly maxSockets?: number;
}

export function createPlainHandler(options: PlainHandlerOptions = {}): NodeHttpHandler {
  const { requestTimeoutMs = PLAIN_REQUEST_TIMEOUT_MS, maxSockets = PLAIN_MAX_SOCKETS } = options;
  const agent = { keepAlive: true, maxSockets };
  return new NodeHttpHandler({
    connectionTimeout: PLAIN_CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    // Without it the SDK only warns when the time is over.
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
  });
}
