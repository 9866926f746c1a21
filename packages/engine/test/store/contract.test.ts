/** Both stores keep the contract that is exported for others. */
import { join } from "node:path";
import { describe, it } from "vitest";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { storeContract } from "../../src/testing/index.js";
import { temporaryFolder } from "./temporary-folder.js";

describe("the memory store", () => {
  const cases = storeContract({
    isDurable: false,
    open: async () => ({ store: createMemoryStore(), cleanup: async () => undefined }),
  });
  for (const { name, run } of cases) it(name, run);
});

describe("the LMDB store", () => {
  const cases = storeContract({
    async open() {
      const temporary = temporaryFolder();
      const folder = join(temporary.path, "data");
      return {
        store: await openLmdbStore({ folder }),
        reopen: async () => openLmdbStore({ folder }),
        cleanup: async () => temporary.remove(),
      };
    },
  });
  for (const { name, run } of cases) it(name, run);
});
