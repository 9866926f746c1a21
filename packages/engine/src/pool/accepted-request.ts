/** What a pool can carry, out of what the AWS SDK gives it: requests to its one endpoint, with a body that is there as a whole. */
import { buildQueryString, type HttpRequest } from "@smithy/core/protocols";
import type { ConnectionRequest } from "./connection.js";
import type { PoolFailure } from "./pool-errors.js";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Where a pool's requests go to, in the parts in which the SDK names it: a URL would have to be taken apart for each. */
export interface Target {
  readonly url: URL;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
}

export function targetOf(url: URL): Target {
  const { protocol, hostname, port } = url;
  return { url, protocol, hostname, port: port === "" ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port) };
}

/** Where a request goes to. */
export function targetOfRequest({ protocol, hostname, port }: HttpRequest): Target {
  return targetOf(new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`));
}

/** The request in the words of a connection, or why it is none for this pool. */
export function acceptedRequest(request: HttpRequest, target: Target): ConnectionRequest | PoolFailure {
  if (!isFor(request, target)) {
    return unsupported(`This pool is connected to ${target.url.host}, not to ${request.hostname}.`);
  }
  const body: unknown = request.body ?? null;
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
    return unsupported("A body must be a string or bytes, not a stream.");
  }
  const query = buildQueryString(request.query);
  const path = query === "" ? request.path : `${request.path}?${query}`;
  return { method: request.method, path, headers: request.headers, body };
}

function isFor({ protocol, hostname, port }: HttpRequest, target: Target): boolean {
  const isHost = protocol === target.protocol && hostname === target.hostname;
  return isHost && (port ?? DEFAULT_PORTS[protocol]) === target.port;
}

function unsupported(message: string): PoolFailure {
  return { cause: "unsupported", mayHaveHappened: false, message };
}
