/**
 * The same books with the cache: two servers share a Redis and a DynamoDB, players go to either, and servers, Redis and the database are
 * killed (Redis sometimes just hangs) while they play. Every session says what it has seen, and is never shown less.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { beginRedisGroup } from "../../../engine/test/support/begin-redis-group.js";
import { startRedisServer } from "../../../engine/test/support/redis-server.js";
import { type DynaliteProcess, startDynalite } from "../support/dynalite-process.js";
import { run } from "../support/run-command.js";
import { type ServerProcess, startServerProcess } from "../support/server-process.js";
import { CRASH_SECRET, playRounds, type Victims } from "./crash-rounds.js";

const rounds = Number(process.env["MAINSPRING_CRASH_ROUNDS"] ?? 3);
const seed = Number(process.env["MAINSPRING_SEED"] ?? Date.now() % 1_000_000);

/** The database of the test answers a few hundred requests a second. */
const PLAYERS = 25;

/** What two servers have in common is the cache: each has other layers beside it. */
const LAYERS = [
  { cache: true, pool: true, batching: true },
  { cache: true, pool: false, prediction: true },
];

const KINDS = ["redis", "server", "database"] as const;

type Kind = (typeof KINDS)[number];

/** One kind in each round for sure, in turns, and each of the others with a chance of one in so many. */
const OTHERS = 4;

/** A Redis that is killed and comes back later, or at once and empty, or hangs for a while. */
async function openRedisVictim() {
  const redis = await startRedisServer();
  await beginRedisGroup(redis.options);
  const { host = "", port } = redis.options;
  let bringUp: (() => Promise<void>) | null = null;
  const start = async (): Promise<void> => {
    await bringUp?.();
    bringUp = null;
  };
  return {
    address: { host, port },
    start,
    async kill(random: (below: number) => number): Promise<void> {
      const choice = random(3);
      if (choice === 0) {
        redis.pause();
        bringUp = async () => redis.resume();
        return;
      }
      await redis.kill();
      bringUp = () => redis.restart();
      if (choice === 1) await start();
    },
    stop: () => redis.stop(),
  };
}

async function openVictims(folder: string, killed: Record<Kind, number>): Promise<Victims> {
  const startDatabase = async (port = 0): Promise<DynaliteProcess> =>
    startDynalite({ port, folder: path.join(folder, "dynalite") });
  const first = await startDatabase();
  const { env, port } = first;
  let database: DynaliteProcess | null = first;
  const redis = await openRedisVictim();
  const servers: (ServerProcess | null)[] = LAYERS.map(() => null);
  const startServer = async (index: number): Promise<ServerProcess> => {
    const config = path.join(folder, `config-${index}.json`);
    await writeFile(config, JSON.stringify({ layers: LAYERS[index], redis: redis.address }));
    const args = ["serve", "--store", "dynamodb", "--port", "0", "--data", path.join(folder, "data")];
    const files = ["--config", config, "--catalog", path.join(folder, "catalog.json")];
    return startServerProcess([...args, ...files], { ...env, MAINSPRING_JWT_SECRET: CRASH_SECRET });
  };
  const { code, stderr } = await run(["dynamodb", "create-tables"], { env });
  expect([code, stderr]).toEqual([0, ""]);

  const kill: Record<Kind, (random: (below: number) => number) => Promise<void>> = {
    redis: (random) => redis.kill(random),
    async server(random) {
      const index = random(servers.length);
      await servers[index]?.kill();
      servers[index] = null;
    },
    async database() {
      await database?.kill();
      database = null;
    },
  };
  let turn = seed;
  return {
    async start() {
      database ??= await startDatabase(port);
      await redis.start();
      const started = await Promise.all(servers.map(async (server, index) => server ?? startServer(index)));
      servers.splice(0, servers.length, ...started);
      return started.map(({ url }) => url);
    },
    async kill(random) {
      turn += 1;
      const victims = KINDS.filter((_, index) => index === turn % KINDS.length || random(OTHERS) === 0);
      for (const victim of victims) killed[victim] += 1;
      await Promise.all(victims.map(async (victim) => kill[victim](random)));
    },
    async stop() {
      for (const server of servers) expect(await server?.stop(), server?.said()).toBe(0);
      await database?.kill();
      await redis.stop();
    },
  };
}

it(
  `keeps its books with the cache, through ${rounds} kills of servers, Redis or database under the load of ${PLAYERS} players (seed ${seed})`,
  async () => {
    const killed = { redis: 0, server: 0, database: 0 };
    const victims = async (folder: string): Promise<Victims> => openVictims(folder, killed);
    const answered = await playRounds({ rounds, players: PLAYERS, seed, victims });
    expect(answered, "too little load to show anything").toBeGreaterThan((rounds * PLAYERS) / 4);
    console.log(
      `${rounds} rounds, ${JSON.stringify(killed)} killed, ${answered} answered commands, all there once; seed ${seed}`,
    );
  },
  120_000 + rounds * 30_000,
);
