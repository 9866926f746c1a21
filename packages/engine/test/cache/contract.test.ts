/** A store under a cache keeps the contract of every store: alone, and as one of two instances that share a second tier. */
import { join } from "node:path";
import { describe, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import type { Store } from "../../src/ports.js";
import { batched } from "../../src/batch/index.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, type ManualClock, storeContract } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { flipping, flipSeed } from "../support/flipping.js";
import { temporaryFolder } from "../store/temporary-folder.js";

const journalRetentionMs = 86_400_000;

interface Way {
  readonly name: string;
  readonly lay: (store: Store, clock: ManualClock) => Store;
}

const WAYS: readonly Way[] = [
  {
    name: "of its only writer",
    lay: (store, clock) => cached(store, createCache({ isSoleWriter: true, clock, timers: clock })),
  },
  {
    name: "of one among others, without a second tier",
    lay: (store, clock) => cached(store, createCache({ clock, timers: clock })),
  },
  {
    name: "with a second tier",
    lay(store, clock) {
      const server = createModelServer({ nowMs: () => clock.nowMs() });
      void beginGroup(server.connect());
      const remote = server.connect();
      return cached(store, createCache({ remote, clock, timers: clock }));
    },
  },
  {
    name: "that is off",
    lay(store, clock) {
      const server = createModelServer({ nowMs: () => clock.nowMs() });
      void beginGroup(server.connect());
      const remote = server.connect();
      return cached(store, createCache({ remote, isOn: () => false, clock, timers: clock }));
    },
  },
  {
    name: `that is switched all the time (seed ${flipSeed}), of its only writer`,
    lay(store, clock) {
      const isOn = flipping("cache");
      return cached(store, createCache({ isSoleWriter: true, isOn, clock, timers: clock }));
    },
  },
  {
    name: `that is switched all the time (seed ${flipSeed}), with a second tier`,
    lay(store, clock) {
      const server = createModelServer({ nowMs: () => clock.nowMs() });
      void beginGroup(server.connect());
      const remote = server.connect();
      const isPredicting = flipping("prediction");
      return cached(
        store,
        createCache({ remote, isOn: flipping("cache"), isPredicting, clock, timers: clock }),
      );
    },
  },
  {
    name: "with room for two entries",
    lay: (store, clock) =>
      cached(store, createCache({ isSoleWriter: true, maxEntries: 2, clock, timers: clock })),
  },
];

for (const { name: way, lay } of WAYS) {
  describe(`the memory store under a cache ${way}`, () => {
    const cases = storeContract({
      isDurable: false,
      async open() {
        const clock = createManualClock();
        const store = lay(createMemoryStore({ clock, journalRetentionMs }), clock);
        return { store, clock, journalRetentionMs, cleanup: async () => undefined };
      },
    });
    for (const { name, run } of cases) it(name, run);
  });

  describe(`the LMDB store under a batcher under a cache ${way}`, () => {
    const cases = storeContract({
      async open() {
        const temporary = temporaryFolder();
        const folder = join(temporary.path, "data");
        const clock = createManualClock();
        const open = async () => {
          const store = batched(await openLmdbStore({ folder, clock, journalRetentionMs }), {
            batchTimeoutMs: 2,
          });
          return lay(store, clock);
        };
        return {
          store: await open(),
          clock,
          journalRetentionMs,
          reopen: open,
          cleanup: async () => temporary.remove(),
        };
      },
    });
    for (const { name, run } of cases) it(name, run);
  });
}
