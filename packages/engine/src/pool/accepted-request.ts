/** What a pool can carry, out of what the AWS SDK gives it: requests to its one endpoint, with a body that is there as a whole. */
import { buildQueryString, type HttpRequest } from "@smithy/core/protocols";
import type { ConnectionRequest } from "./connection.js";
import type { PoolFailure } from "./pool-errors.js";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** The request in the words of a connection, or why it is none for this pool. */
export function acceptedRequest(request: HttpRequest, endpoint: URL): ConnectionRequest | PoolFailure {
  if (!isFor(request, endpoint)) {
    return unsupported(`This pool is connected to ${endpoint.host}, not to ${request.hostname}.`);
  }
  const body: unknown = request.body ?? null;
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
    return unsupported("A body must be a string or bytes, not a stream.");
  }
  const query = buildQueryString(request.query);
  const path = query === "" ? request.path : `${request.path}?${query}`;
  return { method: request.method, path, headers: request.headers, body };
}

/** Where a request goes to. */
export function endpointOf({ protocol, hostname, port }: HttpRequest): URL {
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
}

function isFor({ protocol, hostname, port }: HttpRequest, endpoint: URL): boolean {
  if (protocol !== endpoint.protocol || hostname !== endpoint.hostname) return false;
  const defaultPort = DEFAULT_PORTS[protocol] ?? 0;
  return (port ?? defaultPort) === (endpoint.port === "" ? defaultPort : Number(endpoint.port));
}

function unsupported(message: string): PoolFailure {
  return { cause: "unsupported", mayHaveHappened: false, message };
}
