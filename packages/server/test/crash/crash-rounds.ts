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

/** What was not killed is played on for so long. */
const PLAY_ON_MS = 700;

/** Books that are checked at the same time. */
const CHECKED_TOGETHER = 20;

/** What is killed, and comes up again. */
export interface Victims {
  /** Brings up what is down; the addresses of the servers, any of which answers for all players. */
  start(): Promise<readonly string[]>;
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
  let world: Victims | null = null;
  try {
    await writeFile(path.join(folder, "catalog.json"), JSON.stringify(CRASH_CATALOG));
    const loads = await createLoads(players, seed);
    world = await victims(folder);
    for (let round = 0; round <= rounds; round += 1) {
      const urls = await world.start();
      await audit(urls, loads, { isShownSaved });
      if (round === rounds) break;
      let isOver = false;
      const playing = Promise.all(loads.map((load) => play(load, { urls, isOver: () => isOver })));
      await Promise.race([playing, passing(KILL_AFTER_MS.min + random(KILL_AFTER_MS.spread))]);
      await world.kill(random);
      await Promise.race([playing, passing(PLAY_ON_MS)]);
      isOver = true;
      await playing;
    }
    await world.stop();
    return loads.reduce((sum, { told }) => sum + told.done.length, 0);
  } catch (error) {
    // Whatever is wrong with how they end, what went wrong before is the reason.
    await world?.stop().catch(() => undefined);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function passing(durationMs: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/** Commands whose answer never came are sent again, and then all books are looked at. */
async function audit(urls: readonly string[], loads: readonly Load[], options: BooksOptions): Promise<void> {
  for (let first = 0; first < loads.length; first += CHECKED_TOGETHER) {
    const some = loads.slice(first, first + CHECKED_TOGETHER);
    await Promise.all(
      some.map(async (load, index) => {
        const url = urls[index % urls.length] ?? "";
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
