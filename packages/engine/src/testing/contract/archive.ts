/** The contract's sentences about moving players: all of them are listed, once, and journals are taken over. */
import assert from "node:assert/strict";
import type { StoredRecord } from "../../ports.js";
import { bytesOf, type Clause, events, INCARNATION, plain, record, write } from "./fixture.js";

const MANY_PLAYERS = 60;
const MAX_PAGES = 1_000;

const ADA = { playerId: "ada", incarnation: INCARNATION };

export const archiveClauses: readonly Clause[] = [
  {
    name: "lists every record once, page by page, whatever the size of a page",
    async prove({ store }) {
      assert.deepEqual(await store.listRecords({ after: null, limit: 5 }), { records: [], next: null });
      const ids = Array.from({ length: MANY_PLAYERS }, (_, index) => `player-${index}`);
      await store.commit(ids.map((playerId) => write({ playerId })));
      for (const limit of [1, 7, MANY_PLAYERS, 2 * MANY_PLAYERS]) {
        const found: StoredRecord[] = [];
        let after: string | null = null;
        for (let page = 0; page < MAX_PAGES; page += 1) {
          const answer: Awaited<ReturnType<typeof store.listRecords>> = await store.listRecords({
            after,
            limit,
          });
          assert.ok(answer.records.length <= limit);
          found.push(...answer.records);
          after = answer.next;
          if (after === null) break;
        }
        assert.equal(after, null);
        const sorted = found.map(plain).sort((one, other) => (one.playerId < other.playerId ? -1 : 1));
        assert.deepEqual(
          sorted,
          [...ids].sort().map((playerId) => record({ playerId })),
        );
      }
    },
  },
  {
    name: "takes over a journal in parts, each as often as it is given",
    async prove({ store }) {
      await store.importEvents(ADA, events(1, 4));
      await store.importEvents(ADA, events(1, 4));
      await store.importEvents(ADA, events(3, 6));
      await store.importEvents({ ...ADA, playerId: "bob" }, events(1, 1, "of bob"));
      await store.importEvents(ADA, []);
      const query = { ...ADA, afterNumber: 0, limit: 99 };
      assert.deepEqual((await store.readEvents(query)).map(plain), events(1, 6));
      assert.equal((await store.readEvents({ ...query, playerId: "bob" })).length, 1);
    },
  },
  {
    name: "takes over a mark with its version, and goes on from it",
    async prove({ store }) {
      const mark = { version: 7, bytes: bytesOf("taken over") };
      await store.importMark(ADA, mark);
      await store.commit([write({ version: 9, expected: null })]);
      await store.flush();
      const found = await store.readMark(ADA);
      assert.deepEqual(found && plain(found), mark);
      await store.commit([write({ version: 10, mark: bytesOf("its own") })]);
      await store.flush();
      assert.equal((await store.readMark(ADA))?.version, 10);
    },
  },
  {
    name: "goes on with commits where an imported journal ended",
    async prove({ store }) {
      await store.importEvents(ADA, events(1, 3));
      await store.commit([write({ version: 9, expected: null })]);
      await store.commit([write({ version: 10, events: events(4, 5) })]);
      const query = { ...ADA, afterNumber: 1, limit: 99 };
      assert.deepEqual((await store.readEvents(query)).map(plain), events(2, 5));
    },
  },
];
