/** Kill -9 in the middle of the load, again and again on one folder: nothing that was acknowledged is lost. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { seededRandom } from "./seeded-random.js";
import { startProcess } from "./store-process.js";
import { temporaryFolder } from "./temporary-folder.js";

const ROUNDS = 8;
const PLAYER_COUNT = 50;
const ENDLESS = 1_000_000;
const MAX_ACKNOWLEDGED = 3_000;
const INCARNATION = 1_700_000_000_000;

it("has every commit that was acknowledged before a kill, each once, with its events", async () => {
  const random = seededRandom("kill -9 under load");
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "data");
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const load = startProcess("player-load.mjs", { folder, playerCount: PLAYER_COUNT, commitCount: ENDLESS });
    const until = random.integer(MAX_ACKNOWLEDGED);
    await load.said((line) => line !== "open" && load.lines.length > until && line.startsWith("ack"));
    await load.kill();
    for (const line of load.lines) {
      const [word, playerId = "", version] = line.split(" ");
      if (word === "ack") acknowledged.set(playerId, Number(version));
    }
    expect(load.lines.filter((line) => line.startsWith("fail"))).toEqual([]);

    const store = await openLmdbStore({ folder });
    for (const [playerId, version] of acknowledged) {
      const [found] = await store.read([playerId]);
      const stored = found?.version ?? 0;
      // At most the one commit that was under way is there without its acknowledgement.
      expect(stored - version).toBeGreaterThanOrEqual(0);
      expect(stored - version).toBeLessThanOrEqual(1);
      const afterNumber = Math.max(0, version - 1);
      const events = await store.readEvents({ playerId, incarnation: INCARNATION, afterNumber, limit: 10 });
      expect(events.at(-1)?.number).toBe(stored);
      acknowledged.set(playerId, stored);
    }
    await store.close();
  }
  expect(acknowledged.size).toBe(PLAYER_COUNT);
  temporary.remove();
});
