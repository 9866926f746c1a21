/** Where the Redis (or Valkey) is, and how to get in. */
import type { Telemetry } from "../../ports.js";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export interface RedisOptions {
  /** Default: `localhost` */
  readonly host?: string;
  /** Default: 6379 */
  readonly port?: number;
  /** A cluster: the nodes to ask first (the host above is another). Default: none, a single server */
  readonly clusterNodes?: readonly RedisAddress[];
  /** Default: the server's default user. */
  readonly username?: string;
  /** Never shown: not in errors, not in logs. */
  readonly password?: string;
  /** `true`: the certificate is checked against the system's authorities; `{ ca }`: against this one (PEM). Default: no TLS */
  readonly tls?: boolean | { readonly ca: string };
  /** What all keys and the channel begin with, so that several games can share a server. Default: `mainspring:` */
  readonly keyPrefix?: string;
  /** Connecting takes at most so long; opening waits no longer for a Redis that is away. Default: 1000 ms */
  readonly connectTimeoutMs?: number;
  /** Told once when Redis refuses the password, can't be reached, or is back. Default: nothing is noted. */
  readonly telemetry?: Telemetry;
}
