/** The same books on DynamoDB: the server is killed, or the database, or both, while players play. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { run } from "../support/run-command.js";
import { type DynaliteProcess, startDynalite } from "../support/dynalite-process.js";
import { type ServerProcess, startServerProcess } from "../support/server-process.js";
import { CRASH_SECRET, playRounds, type Victims } from "./crash-rounds.js";

const rounds = Number(process.env["MAINSPRING_CRASH_ROUNDS"] ?? 3);
const seed = Number(process.env["MAINSPRING_SEED"] ?? Date.now() % 1_000_000);

/** The database of the test answers a few hundred requests a second. */
const PLAYERS = 40;

interface Setup {
  readonly name: string;
  /** The configurations of the server, start by start. */
  readonly configs: readonly object[];
  readonly isShownSaved: boolean;
}

const SETUPS: readonly Setup[] = [
  {
    name: "with and without pool and batcher",
    configs: [{ layers: { pool: true, batching: true } }, { layers: { pool: false, batching: false } }],
    isShownSaved: true,
  },
  {
    name: "with interval checkpoints",
    configs: [{ layers: { pool: true, batching: true, checkpoint: "interval", checkpointInterval: 2_000 } }],
    isShownSaved: false,
  },
];

async function openVictims(folder: string, { configs }: Setup): Promise<Victims> {
  let database: DynaliteProcess | null = null;
  let server: ServerProcess | null = null;
  let starts = 0;
  let port = 0;
  const startDatabase = async (): Promise<DynaliteProcess> => {
    // On the port that the server knows, with what the one before left behind.
    const started = await startDynalite({ port, folder: path.join(folder, "dynalite") });
    ({ port } = started);
    return started;
  };
  const startServer = async (env: Readonly<Record<string, string>>): Promise<ServerProcess> => {
    const config = path.join(folder, `config-${starts}.json`);
    await writeFile(config, JSON.stringify(configs[starts % configs.length]));
    starts += 1;
    const args = ["serve", "--store", "dynamodb", "--port", "0", "--data", path.join(folder, "data")];
    const files = ["--config", config, "--catalog", path.join(folder, "catalog.json")];
    return startServerProcess([...args, ...files], { ...env, MAINSPRING_JWT_SECRET: CRASH_SECRET });
  };
  database = await startDatabase();
  const { code, stderr } = await run(["dynamodb", "create-tables"], { env: database.env });
  expect([code, stderr]).toEqual([0, ""]);
  return {
    async start() {
      database ??= await startDatabase();
      server ??= await startServer(database.env);
      return [server.url];
    },
    async kill(random) {
      const choice = random(3);
      if (choice !== 0) {
        await database?.kill();
        database = null;
      }
      if (choice !== 1) {
        await server?.kill();
        server = null;
      }
    },
    async stop() {
      expect(await server?.stop(), server?.said()).toBe(0);
      await database?.kill();
    },
  };
}

it.each(SETUPS)(
  `keeps its books on DynamoDB, $name, through ${rounds} kills of server or database under the load of ${PLAYERS} players (seed ${seed})`,
  async (setup) => {
    const { isShownSaved } = setup;
    const victims = async (folder: string): Promise<Victims> => openVictims(folder, setup);
    const answered = await playRounds({ rounds, players: PLAYERS, seed, victims, isShownSaved });
    expect(answered, "too little load to show anything").toBeGreaterThan((rounds * PLAYERS) / 4);
    console.log(`${rounds} kills, ${answered} answered commands, all there once; seed ${seed}`);
  },
  120_000 + rounds * 30_000,
);
