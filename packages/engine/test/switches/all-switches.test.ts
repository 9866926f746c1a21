/**
 * Every switch turned on and off again and again at random under load: no error, nothing shown is taken back, each command once, and in the
 * end each player is what the oracle of the rules says. `MAINSPRING_SEED` replays it.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/create-engine.js";
import { LAYERS } from "../../src/flags/layers.js";
import type { Store } from "../../src/ports.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { type DynaliteServer, startDynalite } from "../store/dynamodb/dynalite-server.js";
import { seededRandom } from "../store/seeded-random.js";
import { temporaryFolder } from "../store/temporary-folder.js";
import { playSwitched, type SwitchedOptions } from "./play-switched.js";

/** Of each switch. */
const THROWS = 1_000;

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => {
  await server.stop();
});

async function play(name: string, options: Omit<SwitchedOptions, "random" | "createEngine">): Promise<void> {
  const played = await playSwitched({ ...options, random: seededRandom(name), createEngine });
  const { violations, thrown, ...counts } = played;
  console.log(`${name}: ${JSON.stringify({ ...counts, thrown })}`);
  expect(violations).toEqual([]);
  for (const layer of LAYERS) expect(thrown[layer], layer).toBeGreaterThanOrEqual(THROWS);
  expect(counts.peeks).toBeGreaterThan(0);
  expect(counts.commands).toBeGreaterThan(0);
}

describe("with every switch thrown a thousand times and more", () => {
  it("one instance on the embedded store shows nothing wrong, though its clock is set back", async () => {
    const temporary = temporaryFolder();
    await play("switches over LMDB", {
      instanceCount: 1,
      playerCount: 20,
      waveCount: 150,
      throwsPerWave: 12,
      openStore: async () => openLmdbStore({ folder: join(temporary.path, "data") }),
    });
    temporary.remove();
  });

  it("two instances that share a store and a second tier show nothing wrong", async () => {
    const store = createMemoryStore();
    await play("switches over memory, two instances", {
      instanceCount: 2,
      playerCount: 20,
      waveCount: 150,
      throwsPerWave: 6,
      // Each closes one of its own.
      openStore: async (): Promise<Store> => ({ ...store, close: async () => undefined }),
    });
  });

  it("two instances on DynamoDB show nothing wrong", async () => {
    const tablePrefix = await server.newTables();
    await play("switches over DynamoDB, two instances", {
      instanceCount: 2,
      playerCount: 6,
      waveCount: 40,
      throwsPerWave: 20,
      openStore: async (isPoolOn) => server.openStore({ tablePrefix, isPoolOn }),
    });
  });
});
