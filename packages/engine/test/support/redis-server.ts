/** Real Redis servers for tests: alone, with TLS and a password, or as a cluster; to be paused, killed and started again. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Redis } from "ioredis";
import { generate } from "selfsigned";
import { ensureDebianPackage } from "../../../../scripts/ensure-debian-package.mjs";
import type { RedisOptions } from "../../src/cache/redis/index.js";
import { temporaryFolder } from "../store/temporary-folder.js";

/** Between looking for a free port and listening on it, somebody else may take it. */
const MAX_STARTS = 5;

const CLUSTER_DEADLINE_MS = 30_000;

const SLOTS = 16_384;

export interface RedisServer {
  /** What `openRedis` needs to reach it. */
  readonly options: RedisOptions & { readonly port: number };
  /** Sends one command over a connection of its own, with every right. */
  ask(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
  /** It hangs: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** As `kill -9` does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again where it was, with the copy that was last saved, or without. */
  restart(options?: { readonly isEmpty?: boolean }): Promise<void>;
  /** Kills it if it lives, and takes its folder away. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** TLS with a certificate of its own, and a user with a password; the default user has another one. */
  readonly isSecured?: boolean;
}

export interface RedisCluster {
  readonly options: RedisOptions;
  /** The primaries as they were made; with replicas, those follow. */
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

export const TEST_USERNAME = "tester-of-mainspring";

export const TEST_PASSWORD = "pass-of-tester-7f3a";

export async function startRedisServer({ isSecured = false }: RedisServerOptions = {}): Promise<RedisServer> {
  return startServer(isSecured ? await secured() : plain());
}

/** Three primaries that share the slots. @param replicaCount of each, 0 or 1 */
export async function startRedisCluster({ replicaCount = 0 } = {}): Promise<RedisCluster> {
  const count = 3 * (1 + replicaCount);
  const servers = await Promise.all(Array.from({ length: count }, () => startServer(clustered())));
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    await joinCluster(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  const clusterNodes = servers.map(({ options: { port } }) => ({ host: "127.0.0.1", port }));
  return { options: { clusterNodes }, servers, stop };
}

interface Kind {
  /** Settings by name, given the ports and the folder. */
  readonly settings: (ports: { port: number; busPort: number }, folder: string) => readonly string[];
  readonly access: Partial<RedisOptions>;
  readonly adminPassword?: string;
}

function plain(): Kind {
  return { settings: ({ port }) => ["--port", String(port)], access: {} };
}

async function secured(): Promise<Kind> {
  const names = [{ name: "commonName", value: "localhost" }];
  const pems = await generate(names, {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const adminPassword = `admin-${TEST_PASSWORD}`;
  return {
    settings({ port }, folder) {
      const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      writeFileSync(cert, pems.cert);
      writeFileSync(key, pems.private);
      const tls = ["--port", "0", "--tls-port", String(port), "--tls-cert-file", cert, "--tls-key-file", key];
      const trust = ["--tls-ca-cert-file", cert, "--tls-auth-clients", "no"];
      // What the documentation says the user of the cache needs.
      const rights = ["~mainspring:*", "&mainspring:*", "+@all", "-@admin", "-@dangerous", "+info"];
      const user = ["--user", TEST_USERNAME, "on", `>${TEST_PASSWORD}`, ...rights];
      return [...tls, ...trust, "--requirepass", adminPassword, ...user];
    },
    access: {
      host: "localhost",
      username: TEST_USERNAME,
      password: TEST_PASSWORD,
      tls: { ca: pems.cert },
    },
    adminPassword,
  };
}

function clustered(): Kind {
  const cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
  return {
    settings: ({ port, busPort }) => [
      "--port",
      String(port),
      "--cluster-port",
      String(busPort),
      ...cluster,
      "--cluster-replica-validity-factor",
      "0",
    ],
    access: {},
  };
}

async function startServer(kind: Kind): Promise<RedisServer> {
  const folder = temporaryFolder();
  const launched = await launchOnFreePort(kind, folder.path);
  const { ports } = launched;
  let child = launched.child;
  const { tls, host = "127.0.0.1" } = kind.access;
  const { adminPassword } = kind;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    options: { host, port: ports.port, ...kind.access },
    async ask(command, ...args) {
      const redis = new Redis({
        host,
        port: ports.port,
        retryStrategy: null,
        lazyConnect: true,
        ...(typeof tls === "object" && { tls }),
        ...(adminPassword !== undefined && { password: adminPassword }),
      });
      redis.on("error", () => undefined);
      try {
        return await redis.call(command, ...args);
      } finally {
        redis.disconnect();
      }
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    kill,
    async restart({ isEmpty = false } = {}) {
      await kill();
      if (isEmpty) rmSync(join(folder.path, "dump.rdb"), { force: true });
      const again = await launch(kind, ports, folder.path);
      if (again === null) throw new Error("redis-server doesn't start again.");
      child = again;
    },
    async stop() {
      await kill();
      folder.remove();
    },
  };
}

type Child = ChildProcessByStdio<null, Readable, null>;

interface Ports {
  readonly port: number;
  readonly busPort: number;
}

async function launchOnFreePort(kind: Kind, folder: string): Promise<{ child: Child; ports: Ports }> {
  for (let start = 1; start <= MAX_STARTS; start += 1) {
    const [port, busPort] = await freePorts();
    const ports = { port, busPort };
    const child = await launch(kind, ports, folder);
    if (child !== null) return { child, ports };
  }
  throw new Error("redis-server doesn't start.");
}

/** `null` when it ended instead. */
async function launch(kind: Kind, ports: Ports, folder: string): Promise<Child | null> {
  const program = ensureDebianPackage({
    program: "redis-server",
    packageName: "redis-server",
    purpose: "is the second tier of the cache",
  });
  const shared = ["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn(program, [...kind.settings(ports, folder), ...shared], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killWithUs = () => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  child.once("exit", () => process.off("exit", killWithUs));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => resolve(null));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes("Ready to accept connections")) resolve(child);
    });
  });
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  for (const server of servers) server.listen(0, "127.0.0.1");
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, "close")));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

/** Makes the first three primaries, and any others their replicas, in turn. */
async function joinCluster(servers: readonly RedisServer[]): Promise<void> {
  const [first] = servers;
  if (first === undefined) throw new Error("A cluster has nodes.");
  const primaries = servers.slice(0, 3);
  for (const [index, server] of primaries.entries()) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((SLOTS * part) / 3));
    await server.ask("CLUSTER", "ADDSLOTSRANGE", from ?? 0, (to ?? 0) - 1);
  }
  // Else all begin with the same epoch, and have to settle that first.
  for (const [index, server] of servers.entries()) await server.ask("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
  for (const server of servers) {
    const nodes = String(await server.ask("CLUSTER", "NODES"));
    const busPort = /@(\d+)/u.exec(nodes)?.[1] ?? "";
    if (server !== first) await first.ask("CLUSTER", "MEET", "127.0.0.1", server.options.port, busPort);
  }
  await untilAll(servers, "CLUSTER NODES", (answer) => areAllConnected(answer, servers.length));
  for (const [index, replica] of servers.slice(3).entries()) {
    const primary = primaries[index];
    await replica.ask("CLUSTER", "REPLICATE", String(await primary?.ask("CLUSTER", "MYID")));
  }
  await untilAll(servers, "CLUSTER INFO", (answer) => answer.includes("cluster_state:ok"));
  const slaves = (answer: string) => answer.split("\n").filter((line) => line.includes("slave")).length;
  await untilAll(servers, "CLUSTER NODES", (answer) => slaves(answer) === servers.length - 3);
}

/** Announcements go from node to node, and are lost where there is no connection yet. */
function areAllConnected(nodes: string, count: number): boolean {
  const lines = nodes.split("\n").filter((line) => line !== "");
  return (
    lines.length === count && lines.every((line) => / connected/u.test(line) && !/handshake|fail/u.test(line))
  );
}

async function untilAll(
  servers: readonly RedisServer[],
  command: string,
  isIt: (answer: string) => boolean,
): Promise<void> {
  const deadlineMs = performance.now() + CLUSTER_DEADLINE_MS;
  const [name = "", ...args] = command.split(" ");
  for (const server of servers) {
    while (!isIt(String(await server.ask(name, ...args)))) {
      if (performance.now() > deadlineMs) throw new Error(`The cluster's ${command} isn't as it should be.`);
    }
  }
}
