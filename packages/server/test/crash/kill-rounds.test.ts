import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServerProcess } from "../support/server-process.js";
import { checkBooks } from "./books.js";
import { CRASH_CATALOG } from "./crash-catalog.js";
import { command, createTold, type Load, play } from "./player-load.js";
import { createRandom } from "./random.js";

const rounds = Number(process.env["MAINSPRING_CRASH_ROUNDS"] ?? 3);
const seed = Number(process.env["MAINSPRING_SEED"] ?? Date.now() % 1_000_000);
const PLAYERS = 200;
const secret = "only for this test: a key of the crash rounds";

/** The kill comes so long after the load began, at random. */
const KILL_AFTER_MS = { min: 300, spread: 1_700 };

/** Books that are checked at the same time. */
const CHECKED_TOGETHER = 20;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mainspring-crash-"));
  await writeFile(path.join(folder, "catalog.json"), JSON.stringify(CRASH_CATALOG));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function bearer(subject: string, scope?: string): Promise<string> {
  const token = new SignJWT(scope === undefined ? {} : { scope })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setExpirationTime("2h");
  return `Bearer ${await token.sign(new TextEncoder().encode(secret))}`;
}

it(
  `keeps its books through ${rounds} kills under the load of ${PLAYERS} players (seed ${seed})`,
  async () => {
    const random = createRandom(seed);
    const admin = await bearer("operator", "admin");
    const loads: Load[] = [];
    for (let number = 0; number < PLAYERS; number += 1) {
      const playerId = `player-${number}`;
      loads.push({
        playerId,
        told: createTold(),
        random: createRandom(seed + number),
        own: await bearer(playerId),
        admin,
      });
    }
    const args = [
      "serve",
      "--port",
      "0",
      "--data",
      path.join(folder, "data"),
      "--catalog",
      path.join(folder, "catalog.json"),
    ];
    for (let round = 0; round <= rounds; round += 1) {
      const server = await startServerProcess(args, { MAINSPRING_JWT_SECRET: secret });
      for (const load of loads) {
        const { open } = load.told;
        if (open !== null) expect(await command(server.url, load, open)).toBe(true);
      }
      for (let first = 0; first < PLAYERS; first += CHECKED_TOGETHER) {
        await Promise.all(
          loads.slice(first, first + CHECKED_TOGETHER).map((load) => checkBooks(server.url, load)),
        );
      }
      if (round === rounds) {
        await server.stop();
        break;
      }
      const playing = loads.map((load) => play(server.url, load));
      await new Promise((resolve) => {
        setTimeout(resolve, KILL_AFTER_MS.min + random(KILL_AFTER_MS.spread));
      });
      await server.kill();
      await Promise.all(playing);
    }
    const answered = loads.reduce((sum, { told }) => sum + told.done.length, 0);
    expect(answered, "too little load to show anything").toBeGreaterThan((rounds * PLAYERS) / 4);
    console.log(`${rounds} kills, ${answered} answered commands, all there once; seed ${seed}`);
  },
  60_000 + rounds * 20_000,
);
