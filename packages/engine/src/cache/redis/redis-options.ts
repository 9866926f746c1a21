/** Where the Redis (or Valkey) is, and how to get in. */

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
  /** Connecting takes at most so long. Default: 1000 ms */
  readonly connectTimeoutMs?: number;
}
