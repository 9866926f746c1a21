/** A Redis of our own for a comparison: on a free port, with its data in the row's folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { openRedis } from "@mainspring/engine/redis";
import { beginGroup } from "@mainspring/engine/testing";
import { Redis } from "ioredis";
import { ensureDebianPackage } from "../../scripts/ensure-debian-package.mjs";
import type { RowContext } from "./row.js";

export interface RedisServer {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when its process has ended. */
  readonly closed: Promise<void>;
}

export interface RedisOptions {
  /** When the log of changes is flushed: before each answer, or once a second. `off`: there is none, as of a cache. */
  readonly appendfsync: "always" | "everysec" | "off";
  /** Default: one that is free. */
  readonly port?: number;
}

/** How long it may take to start. */
const START_TIMEOUT_MS = 10_000;
const START_POLL_MS = 50;

/**
 * Caches trust it at once, as one that is known to be new; but not one on a given port, that takes another's place.
 * @throws Error when there is no `redis-server` and none can be installed, or it doesn't start
 */
export async function startRedis(
  { folder, defer }: RowContext,
  { appendfsync, port: wantedPort }: RedisOptions,
): Promise<RedisServer> {
  const port = wantedPort ?? (await freePort());
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    ...(appendfsync === "off"
      ? { appendonly: "no" }
      : {
          appendonly: "yes",
          appendfilename: `${appendfsync}.aof`,
          appenddirname: appendfsync,
          appendfsync,
        }),
    save: "",
    "auto-aof-rewrite-percentage": "0",
    "maxmemory-policy": "noeviction",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const program = ensureDebianPackage({
    program: "redis-server",
    packageName: "redis-server",
    purpose: "keeps the job queue, and the caches, that Mainspring is compared with",
  });
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  const failed = once(child, "error").then(([error]: Error[]) => error);
  const { pid } = child;
  if (pid === undefined) throw new Error(`redis-server can't be started: ${(await failed)?.message ?? ""}`);
  const closed = once(child, "close").then(() => undefined);
  defer(async () => {
    child.kill("SIGTERM");
    // Whoever was stopped by a row hears nothing before it goes on.
    child.kill("SIGCONT");
    await closed;
  });
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name);
  };
  const version = await versionOf(port);
  if (wantedPort === undefined) {
    const remote = await openRedis({ host: "127.0.0.1", port });
    await beginGroup(remote);
    await remote.close();
  }
  return { pid, port, version, signal, closed };
}

/** Asks until it answers. */
async function versionOf(port: number): Promise<string> {
  const redis = new Redis({
    port,
    retryStrategy: () => START_POLL_MS,
    maxRetriesPerRequest: START_TIMEOUT_MS / START_POLL_MS,
  });
  // Refused connections are expected until it listens.
  redis.on("error", () => undefined);
  try {
    return /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "?";
  } finally {
    redis.disconnect();
  }
}

/** A port that nothing listens on, as far as one can know. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
