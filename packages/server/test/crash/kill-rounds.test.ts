import path from "node:path";
import { expect, it } from "vitest";
import { type ServerProcess, startServerProcess } from "../support/server-process.js";
import { CRASH_SECRET, playRounds } from "./crash-rounds.js";

const rounds = Number(process.env["MAINSPRING_CRASH_ROUNDS"] ?? 3);
const seed = Number(process.env["MAINSPRING_SEED"] ?? Date.now() % 1_000_000);
const PLAYERS = 200;

it(
  `keeps its books through ${rounds} kills under the load of ${PLAYERS} players (seed ${seed})`,
  async () => {
    const answered = await playRounds({
      rounds,
      players: PLAYERS,
      seed,
      async victims(folder) {
        const [data, catalog] = [path.join(folder, "data"), path.join(folder, "catalog.json")];
        const args = ["serve", "--port", "0", "--data", data, "--catalog", catalog];
        let server: ServerProcess | null = null;
        return {
          async start() {
            server = await startServerProcess(args, { MAINSPRING_JWT_SECRET: CRASH_SECRET });
            return [server.url];
          },
          kill: async () => server?.kill(),
          stop: async () => void (await server?.stop()),
        };
      },
    });
    expect(answered, "too little load to show anything").toBeGreaterThan((rounds * PLAYERS) / 4);
    console.log(`${rounds} kills, ${answered} answered commands, all there once; seed ${seed}`);
  },
  60_000 + rounds * 20_000,
);
