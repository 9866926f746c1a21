/** The embedded store clears away what has expired, as fast as it comes, and nothing that is still needed. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { SNAPSHOT_PLAN } from "../../src/service/snapshot-plan.js";
import { openEnvironment } from "../../src/store/lmdb/environment.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { temporaryFolder } from "./temporary-folder.js";

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 5;
const DAYS = 20;

/** As many as there are between two snapshots, and a snapshot a day. */
const COMMITS_A_DAY = SNAPSHOT_PLAN.everyCommits;

it("keeps no more than what has not expired, and a day of it", async () => {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "data");
  const clock = createManualClock();
  const store = await openLmdbStore({ folder, clock, journalRetentionMs: RETENTION_DAYS * DAY_MS });
  let version = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const commits = Array.from({ length: COMMITS_A_DAY }, async () => {
      version += 1;
      const next = { playerId: "ada", incarnation: 1, version, bytes: Uint8Array.of(1) };
      const expected = version === 1 ? null : { incarnation: 1, version: version - 1 };
      return store.commit([{ expected, next, events: [{ number: version, bytes: Uint8Array.of(1) }] }]);
    });
    await Promise.all(commits);
    const [record] = await store.read(["ada"]);
    if (record === null || record === undefined) throw new Error("ada is gone");
    await store.putSnapshots([{ record, eventCount: version, atMs: clock.nowMs() }]);
    clock.advance(DAY_MS);
  }
  const snapshots = await store.readSnapshots({ playerId: "ada", limit: 9 });
  const oldest = snapshots.at(-1)?.eventCount ?? 0;
  const query = { playerId: "ada", incarnation: 1, afterNumber: oldest, limit: 100_000 };
  expect(await store.readEvents(query)).toHaveLength(version - oldest);
  await store.close();

  const { root, tables } = await openEnvironment({ folder });
  const kept = tables.events.getKeysCount();
  await root.close();
  temporary.remove();
  expect(kept).toBeLessThanOrEqual((RETENTION_DAYS + 1) * COMMITS_A_DAY);
  expect(kept).toBeGreaterThanOrEqual(RETENTION_DAYS * COMMITS_A_DAY - COMMITS_A_DAY);
});
