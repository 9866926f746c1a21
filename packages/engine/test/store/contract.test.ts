/** Both stores keep the contract that is exported for others. */
import { join } from "node:path";
import { describe, it } from "vitest";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock, storeContract } from "../../src/testing/index.js";
import { temporaryFolder } from "./temporary-folder.js";

const journalRetentionMs = 86_400_000;

describe("the memory store", () => {
  const cases = storeContract({
    isDurable: false,
    async open() {
      const clock = createManualClock();
      const times = { clock, journalRetentionMs };
      return { store: createMemoryStore(times), ...times, cleanup: async () => undefined };
    },
  });
  for (const { name, run } of cases) it(name, run);
});

describe("the LMDB store", () => {
  const cases = storeContract({
    async open() {
      const temporary = temporaryFolder();
      const folder = join(temporary.path, "data");
      const times = { clock: createManualClock(), journalRetentionMs };
      return {
        store: await openLmdbStore({ folder, ...times }),
        ...times,
        reopen: async () => openLmdbStore({ folder, ...times }),
        cleanup: async () => temporary.remove(),
      };
    },
  });
  for (const { name, run } of cases) it(name, run);
});
