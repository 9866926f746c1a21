/** The connection for requests: to one server, or to the nodes of a cluster. */
import { Cluster, Redis } from "ioredis";
import { systemTimers } from "../../system-timers.js";
import {
  type ConnectionSettings,
  connectionSettings,
  DEFAULT_CONNECT_TIMEOUT_MS,
  retryDelayMs,
} from "./connection-settings.js";
import { createOutages, type Outages } from "./outages.js";
import type { RedisAddress, RedisOptions } from "./redis-options.js";
import type { Script } from "./scripts/script.js";
import { createServers } from "./servers.js";

const DEFAULT_HOST = "localhost";

const DEFAULT_PORT = 6379;

/** A cluster may move slots or fail over without a word to those who don't ask. */
const SLOTS_REFRESH_MS = 5_000;

/** A request follows a cluster that changes so often, and waits so long in between. */
const MAX_REDIRECTIONS = 4;
const REDIRECTION_DELAY_MS = 50;

export interface Connection {
  readonly client: Redis | Cluster;
  readonly outages: Outages;
  /** Names the server processes that answer; `null` while that isn't known, and nothing should be asked. */
  topology(): string | null;
  /** Sends all that is asked meanwhile as one. */
  together<T>(ask: () => T): T;
  /** A node to open another connection to. */
  pickAddress(): RedisAddress;
  /** Resolves when it is ready, or has failed for the first time, or after the time that connecting may take. */
  connect(): Promise<void>;
  close(): void;
}

export function createConnection(options: RedisOptions, scripts: readonly Script[]): Connection {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, telemetry } = options;
  const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  const outages = createOutages(telemetry, `${host}:${port}`);
  const servers = createServers((error) => outages.failed(error));
  const settings = {
    connection: connectionSettings(options),
    scripts: Object.fromEntries(scripts.map(({ name, lua }) => [name, { lua, numberOfKeys: 1 }])),
  };
  const watch = (redis: Redis) => {
    servers.watch(redis);
    redis.on("ready", () => outages.over());
  };
  const { client, nodes, arrivals, pickAddress } =
    options.clusterNodes === undefined
      ? single({ host, port }, settings, watch)
      : clustered(startNodes(options), settings, watch);
  let isClosed = false;
  client.on("error", (error) => outages.failed(error));
  // Also without an error: a server that asks for TLS just hangs up.
  client.on("close", () => {
    if (!isClosed) outages.failed(new Error("Connection is closed."));
  });
  return {
    client,
    outages,
    topology: () => (isClosed ? null : servers.topology()),
    together(ask) {
      const streams = nodes().flatMap(({ stream }) => stream ?? []);
      for (const stream of streams) stream.cork();
      try {
        return ask();
      } finally {
        for (const stream of streams) stream.uncork();
      }
    },
    pickAddress,
    async connect() {
      const opened = async () => {
        await client.connect();
        await arrivals();
        await servers.known();
      };
      // Whatever went wrong was told already; it goes on trying.
      await withinMs(
        connectTimeoutMs,
        opened().catch(() => undefined),
      );
    },
    close() {
      isClosed = true;
      const open = nodes();
      client.disconnect();
      // What is under way must not wait for a server that hangs.
      for (const { stream } of open) stream?.destroy();
    },
  };
}

interface Client {
  readonly client: Redis | Cluster;
  /** Those that may have a socket; there is none before the first connection. */
  readonly nodes: () => readonly { readonly stream?: Redis["stream"] }[];
  /** Resolves when the nodes that are known are connected, or have failed. */
  readonly arrivals: () => Promise<unknown>;
  readonly pickAddress: () => RedisAddress;
}

interface Settings {
  readonly connection: ConnectionSettings;
  readonly scripts: Record<string, { lua: string; numberOfKeys: number }>;
}

function single(
  address: RedisAddress,
  { connection, scripts }: Settings,
  watch: (redis: Redis) => void,
): Client {
  const client = new Redis({ ...connection, ...address, scripts, retryStrategy: retryDelayMs });
  watch(client);
  return { client, nodes: () => [client], arrivals: async () => undefined, pickAddress: () => address };
}

function clustered(
  startupNodes: readonly RedisAddress[],
  { connection, scripts }: Settings,
  watch: (redis: Redis) => void,
): Client {
  const client = new Cluster([...startupNodes], {
    scripts,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    maxRedirections: MAX_REDIRECTIONS,
    retryDelayOnFailover: REDIRECTION_DELAY_MS,
    retryDelayOnClusterDown: REDIRECTION_DELAY_MS,
    retryDelayOnTryAgain: REDIRECTION_DELAY_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    slotsRefreshTimeout: connection.connectTimeout,
    // Certificates are made out to names.
    dnsLookup: (address, done) => done(null, address),
    redisOptions: connection,
  });
  const arriving = new Set<Promise<void>>();
  client.on("+node", (node: Redis) => {
    watch(node);
    if (node.options.readOnly === true) return;
    // Not only when it is needed: who asks then would be turned away.
    const arrived = node
      .connect()
      .catch(() => undefined)
      .finally(() => arriving.delete(arrived));
    arriving.add(arrived);
  });
  return {
    client,
    nodes: () => client.nodes("master"),
    arrivals: () => Promise.all(arriving),
    pickAddress() {
      const known = client.nodes("all").map(({ options }) => ({ host: options.host, port: options.port }));
      const addresses = known.length > 0 ? known : startupNodes;
      const { host = DEFAULT_HOST, port = DEFAULT_PORT } =
        addresses[Math.floor(Math.random() * addresses.length)] ?? {};
      return { host, port };
    },
  };
}

function startNodes({ clusterNodes = [], host, port = DEFAULT_PORT }: RedisOptions): readonly RedisAddress[] {
  return host === undefined ? clusterNodes : [{ host, port }, ...clusterNodes];
}

async function withinMs(durationMs: number, done: Promise<void>): Promise<void> {
  let callOff: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    callOff = systemTimers.after(durationMs, resolve);
  });
  await Promise.race([done, late]);
  callOff();
}
