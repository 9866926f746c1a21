/** Rounds of load, kill and audit, on whatever store: what was answered is there, once, and items add up. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SignJWT } from "jose";
import { expect } from "vitest";
import { type BooksOptions, checkBooks } from "./books.js";
import { CRASH_CATALOG } from "./crash-catalog.js";
import { command, createTold, type Load, play } from "./player-load.js";
import { createRandom } from "./random.js";

export const CRASH_SECRET = "only for this test: a key of the crash rounds";

/** The kill comes so long after the load began, at random. */
const KILL_AFTER_MS = { min: 300, spread: 1_700 };

/** Books that are checked at the same time. */
const CHECKED_TOGETHER = 20;

/** What is killed, and comes up again. */
export interface Victims {
  /** Brings up what is down; the server's address. */
  start(): Promise<string>;
  /** Kills something, with signal 9. `random(n)` is uniform in [0, n). */
  kill(random: (below: number) => number): Promise<void>;
  /** In order, at the end. */
  stop(): Promise<void>;
}

export interface RoundsOptions extends Partial<BooksOptions> {
  readonly rounds: number;
  readonly players: number;
  readonly seed: number;
  /** @param folder a new one, with the game's catalog in it as `catalog.json` */
  readonly victims: (folder: string) => Promise<Victims>;
}

/** @returns how many commands were answered */
export async function playRounds({
  rounds,
  players,
  seed,
  victims,
  isShownSaved = true,
}: RoundsOptions): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "mainspring-crash-"));
  const random = createRandom(seed);
  try {
    await writeFile(path.join(folder, "catalog.json"), JSON.stringify(CRASH_CATALOG));
    const loads = await createLoads(players, seed);
    const world = await victims(folder);
    for (let round = 0; round <= rounds; round += 1) {
      const url = await world.start();
      await audit(url, loads, { isShownSaved });
      if (round === rounds) break;
      const playing = loads.map((load) => play(url, load));
      await new Promise((resolve) => {
        setTimeout(resolve, KILL_AFTER_MS.min + random(KILL_AFTER_MS.spread));
      });
      await world.kill(random);
      await Promise.all(playing);
    }
    await world.stop();
    return loads.reduce((sum, { told }) => sum + told.done.length, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Commands whose answer never came are sent again, and then all books are looked at. */
async function audit(url: string, loads: readonly Load[], options: BooksOptions): Promise<void> {
  for (let first = 0; first < loads.length; first += CHECKED_TOGETHER) {
    const some = loads.slice(first, first + CHECKED_TOGETHER);
    await Promise.all(
      some.map(async (load) => {
        const { open } = load.told;
        if (open !== null) expect(await command(url, load, open)).toBe(true);
        await checkBooks(url, load, options);
      }),
    );
  }
}

async function createLoads(players: number, seed: number): Promise<Load[]> {
  const admin = await bearer("operator", "admin");
  const loads: Load[] = [];
  for (let number = 0; number < players; number += 1) {
    const playerId = `player-${number}`;
    const random = createRandom(seed + number);
    loads.push({ playerId, told: createTold(), random, own: await bearer(playerId), admin });
  }
  return loads;
}

async function bearer(subject: string, scope?: string): Promise<string> {
  const token = new SignJWT(scope === undefined ? {} : { scope })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setExpirationTime("2h");
  return `Bearer ${await token.sign(new TextEncoder().encode(CRASH_SECRET))}`;
}
