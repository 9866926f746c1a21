/**
 * A disk that fails in the middle: strace makes the store's own system calls fail, each time at another place. Whatever
 * happens, every commit gets its answer, none is half there, and what was acknowledged is there afterwards.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MIN_FREE_BYTES } from "../../src/store/lmdb/free-space.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { openStore } from "../../src/store/lmdb/open-store.js";
import { type SeededRandom, seededRandom } from "./seeded-random.js";
import { runTraced, type Traced } from "./system-calls.js";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.js";

const SCRIPT = fileURLToPath(new URL("player-load.mjs", import.meta.url));
const PLAYER_COUNT = 6;
const COMMIT_COUNT = 12;
const INCARNATION = 1_700_000_000_000;
const FAULT_COUNT = 10;
/** So that a fault hits the opening, or any of the load's transactions. */
const LATEST_FAULT = 14;

let temporary: TemporaryFolder;
let folder: string;

beforeEach(async () => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "data");
  await (await openLmdbStore({ folder })).close();
});

afterEach(() => {
  temporary.remove();
});

/** @param inject as strace writes it: which call fails how, and when */
async function runWith(inject: string): Promise<Traced> {
  const options = { folder, playerCount: PLAYER_COUNT, commitCount: COMMIT_COUNT };
  return runTraced({
    script: SCRIPT,
    argument: JSON.stringify(options),
    logPath: join(temporary.path, "strace.log"),
    straceOptions: ["-P", join(folder, "store", "data.mdb"), "-e", `inject=${inject}`],
  });
}

function drawFault(call: string, random: SeededRandom): string {
  const first = 1 + random.integer(LATEST_FAULT);
  const when = [`${first}`, `${first}..${first + 3}`, `${first}+`][random.integer(3)];
  return `${call}:error=${["EIO", "ENOSPC"][random.integer(2)]}:when=${when}`;
}

function expectOnlyUnavailable(output: readonly string[]): void {
  for (const line of output.filter((said) => said.startsWith("fail"))) {
    expect(line).toMatch(/^fail player-\d \d+ STORE_UNAVAILABLE$/);
  }
}

async function expectAllThere(output: readonly string[]): Promise<void> {
  const acknowledged = new Map<string, number>();
  for (const line of output) {
    const [word, playerId = "", version] = line.split(" ");
    if (word === "ack") acknowledged.set(playerId, Number(version));
  }
  const store = await openLmdbStore({ folder });
  for (let index = 0; index < PLAYER_COUNT; index += 1) {
    const playerId = `player-${index}`;
    const [found] = await store.read([playerId]);
    const stored = found?.version ?? 0;
    expect(stored).toBeGreaterThanOrEqual(acknowledged.get(playerId) ?? 0);
    const events = await store.readEvents({
      playerId,
      incarnation: INCARNATION,
      afterNumber: 0,
      limit: 1_000,
    });
    expect(events.map(({ number }) => number)).toEqual(Array.from({ length: stored }, (_, at) => at + 1));
  }
  await store.close();
}

describe("a disk that fails", () => {
  it("lets every commit end with an answer when a flush fails, and loses none that was acknowledged", async () => {
    const random = seededRandom("flushes that fail");
    for (let round = 0; round < FAULT_COUNT; round += 1) {
      const inject = drawFault("fdatasync", random);
      const { output, errors } = await runWith(inject);
      // A fault may hit the opening.
      const hasAnswered = output.at(-1) === "done" || errors.includes("STORE_UNAVAILABLE");
      expect({ inject, hasAnswered, errors }).toMatchObject({ inject, hasAnswered: true });
      expectOnlyUnavailable(output);
      await expectAllThere(output);
    }
  });

  // lmdb 3.5.6 writes its message about a failed page beyond the memory it has for it, and may die of that.
  it("loses nothing that was acknowledged when a page can't be written, even if that ends the process", async () => {
    const random = seededRandom("pages that can't be written");
    for (let round = 0; round < FAULT_COUNT; round += 1) {
      const { output } = await runWith(drawFault(["pwrite64", "writev"][round % 2] ?? "", random));
      expectOnlyUnavailable(output);
      await expectAllThere(output);
    }
  });

  it("is refused writes while there is still some room on it, and takes them when there is more", async () => {
    let freeBytes = 2 * MIN_FREE_BYTES;
    const store = await openStore({ folder, readFreeBytes: () => freeBytes });
    const next = { playerId: "ada", incarnation: 1, version: 1, bytes: new Uint8Array(100) };
    const write = { expected: null, next, events: [] };
    freeBytes = MIN_FREE_BYTES - 1;
    await expect(store.commit([write])).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringMatching(/^Only 31 MiB are free on the disk of .*; nothing was written/),
    });
    expect(await store.read(["ada"])).toEqual([null]);
    freeBytes = 2 * MIN_FREE_BYTES;
    expect(await store.commit([write])).toEqual([{ status: "committed" }]);
    await store.close();
    await expect(openStore({ folder, readFreeBytes: () => 0 })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
  });

  it("goes on by itself when there is space again", async () => {
    const { output } = await runWith("fdatasync:error=ENOSPC:when=4");
    expect(output.some((line) => line.startsWith("fail"))).toBe(true);
    expect(output.at(-1)).toBe("done");
    expect(output.filter((line) => line.startsWith("ack"))).toHaveLength(PLAYER_COUNT * COMMIT_COUNT);
    await expectAllThere(output);
  });

  it("is told apart from a folder that may not be written", async () => {
    const { errors, exitCode } = await runWith("openat:error=EROFS");
    expect(exitCode).not.toBe(0);
    expect(errors).toMatch(/STORE_UNAVAILABLE/);
    expect(errors).toMatch(/The file system is read-only/);
  });
});
