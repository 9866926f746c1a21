/** The contract's sentences about the end: closing, and opening again. */
import assert from "node:assert/strict";
import type { Store } from "../../ports.js";
import {
  bytesOf,
  type Clause,
  events,
  INCARNATION,
  plain,
  plainOrNull,
  record,
  type StoreFixture,
  write,
} from "./fixture.js";

const MANY_PLAYERS = 100;

export const closeClauses: readonly Clause[] = [
  {
    name: "finishes what is under way before it closes",
    async prove({ store }) {
      const underWay = Array.from({ length: MANY_PLAYERS }, (_, index) =>
        store.commit([write({ playerId: `player-${index}` })]),
      );
      const closing = store.close();
      assert.deepEqual(
        (await Promise.all(underWay)).flat(),
        underWay.map(() => ({ status: "committed" })),
      );
      await closing;
    },
  },
  {
    name: "answers STORE_UNAVAILABLE to everything once it is closed, and closes once however often it is asked to",
    async prove({ store }) {
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const calls: readonly ((closed: Store) => Promise<unknown>)[] = [
        (closed) => closed.read(["ada"]),
        (closed) => closed.commit([write()]),
        (closed) => closed.readEvents({ playerId: "ada", incarnation: 1, afterNumber: 0, limit: 1 }),
        (closed) => closed.putCatalog("hash", "{}"),
        (closed) => closed.readCatalog("hash"),
        (closed) => closed.readTimeline(),
        (closed) => closed.appendTimeline({ atMs: 1, hash: "hash" }, 0),
        (closed) => closed.readSettings("flags"),
        (closed) => closed.putSettings("flags", "{}", 0),
        (closed) => closed.quarantine(record(), "damaged", 1),
        (closed) => closed.quarantined(1),
        (closed) => closed.readMark({ playerId: "ada", incarnation: 1 }),
        (closed) => closed.putSnapshots([{ record: record(), eventCount: 0, atMs: 1 }]),
        (closed) => closed.readSnapshots({ playerId: "ada", limit: 1 }),
        (closed) => closed.listRecords({ after: null, limit: 1 }),
        (closed) => closed.importEvents({ playerId: "ada", incarnation: 1 }, events(1, 1)),
        (closed) =>
          closed.importMark({ playerId: "ada", incarnation: 1 }, { version: 1, bytes: bytesOf("m") }),
        (closed) => closed.flush(),
      ];
      for (const call of calls) await assert.rejects(call(store), { code: "STORE_UNAVAILABLE" });
    },
  },
];

export const reopenClauses: readonly Clause[] = [
  {
    name: "has everything again when it is opened again",
    async prove({ store, reopen, clock }) {
      await store.commit([
        write({ version: 1, events: events(1, 3) }),
        write({ version: 2, events: events(4, 4) }),
      ]);
      await store.putCatalog("hash", '{"name":"kept"}');
      await store.appendTimeline({ atMs: 1, hash: "hash" }, 0);
      await store.putSettings("flags", "kept", 0);
      await store.quarantine(record({ playerId: "bob" }), "damaged", 5);
      await store.commit([write({ version: 3, mark: bytesOf("the mark") })]);
      await store.putSnapshots([{ record: record({ version: 3 }), eventCount: 4, atMs: clock.nowMs() }]);
      await store.close();

      const again = await open(reopen);
      assert.deepEqual((await again.read(["ada"])).map(plainOrNull), [record({ version: 3 })]);
      const query = { playerId: "ada", incarnation: INCARNATION, afterNumber: 0, limit: 10 };
      assert.deepEqual((await again.readEvents(query)).map(plain), events(1, 4));
      assert.equal(await again.readCatalog("hash"), '{"name":"kept"}');
      assert.deepEqual(await again.readTimeline(), [{ atMs: 1, hash: "hash" }]);
      assert.deepEqual(await again.readSettings("flags"), { version: 1, document: "kept" });
      assert.equal((await again.quarantined(10)).length, 1);
      const mark = await again.readMark({ playerId: "ada", incarnation: INCARNATION });
      assert.deepEqual(mark && plain(mark), { version: 3, bytes: bytesOf("the mark") });
      assert.equal((await again.readSnapshots({ playerId: "ada", limit: 9 })).length, 1);
    },
  },
  {
    name: "goes on under the same conditions when it is opened again",
    async prove({ store, reopen }) {
      await store.commit([write()]);
      await store.close();

      const again = await open(reopen);
      const outcomes = await again.commit([write(), write({ version: 2 })]);
      assert.deepEqual(outcomes, [{ status: "conflict" }, { status: "committed" }]);
      assert.equal(await again.appendTimeline({ atMs: 1, hash: "hash" }, 0), true);
    },
  },
  {
    name: "has every commit that was under way when it was closed",
    async prove({ store, reopen }) {
      const ids = Array.from({ length: MANY_PLAYERS }, (_, index) => `player-${index}`);
      const underWay = ids.map((playerId) => store.commit([write({ playerId })]));
      await store.close();
      await Promise.all(underWay);

      const again = await open(reopen);
      assert.deepEqual(
        (await again.read(ids)).map(plainOrNull),
        ids.map((playerId) => record({ playerId })),
      );
    },
  },
];

async function open(reopen: StoreFixture["reopen"]): Promise<Store> {
  assert.ok(reopen, "A durable store's fixture needs reopen().");
  return reopen();
}
