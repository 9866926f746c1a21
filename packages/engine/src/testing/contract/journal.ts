/** The contract's sentences about events: they come with commits, all or none, and are read in ranges. */
import assert from "node:assert/strict";
import type { JournalEntry, Store } from "../../ports.js";
import { bytesOf, type Clause, events, INCARNATION, plain, write } from "./fixture.js";

const MANY_EVENTS = 1_000;
const PAGE_EVENTS = 64;
const WATCHED_VERSIONS = 50;

export const journalClauses: readonly Clause[] = [
  {
    name: "keeps the events of a commit, in order",
    async prove({ store }) {
      await store.commit([write({ events: events(1, 3) })]);
      assert.deepEqual(await readAll(store), events(1, 3));
    },
  },
  {
    name: "goes on where the last commit's events ended, and takes commits without any",
    async prove({ store }) {
      await store.commit([write({ version: 1, events: events(1, 2) })]);
      await store.commit([write({ version: 2 }), write({ version: 3, events: events(3, 3) })]);
      await store.commit([write({ version: 4, events: events(4, 9) })]);
      assert.deepEqual(await readAll(store), events(1, 9));
    },
  },
  {
    name: "keeps no event of a write that conflicts, and those of the others in the call",
    async prove({ store }) {
      await store.commit([write({ events: events(1, 1) })]);
      await store.commit([
        write({ version: 3, events: events(2, 5, "of a conflict") }),
        write({ playerId: "bob", events: events(1, 1) }),
        write({ version: 2, events: events(2, 2) }),
      ]);
      assert.deepEqual(await readAll(store), events(1, 2));
      assert.deepEqual(await readAll(store, { playerId: "bob" }), events(1, 1));
    },
  },
  {
    name: "reads from after any number, up to any limit, wherever commits began and ended",
    async prove({ store }) {
      await store.commit([write({ version: 1, events: events(1, 4) })]);
      await store.commit([write({ version: 2, events: events(5, 5) })]);
      await store.commit([write({ version: 3, events: events(6, 10) })]);
      for (let afterNumber = 0; afterNumber <= 11; afterNumber += 1) {
        for (let limit = 0; limit <= 11; limit += 1) {
          const found = await readAll(store, { afterNumber, limit });
          assert.deepEqual(found, events(afterNumber + 1, Math.min(10, afterNumber + limit)));
        }
      }
    },
  },
  {
    name: "pages through a long journal without a gap or a repetition",
    async prove({ store }) {
      await store.commit([write({ events: events(1, MANY_EVENTS) })]);
      const found: JournalEntry[] = [];
      for (let page = -1; page !== 0; ) {
        const entries = await readAll(store, { afterNumber: found.length, limit: PAGE_EVENTS });
        page = entries.length;
        found.push(...entries);
      }
      assert.deepEqual(found, events(1, MANY_EVENTS));
    },
  },
  {
    name: "knows no events of players without any",
    async prove({ store }) {
      await store.commit([write({ playerId: "b", events: events(1, 2) })]);
      for (const playerId of ["a", "c", "bb"]) {
        assert.deepEqual(await readAll(store, { playerId }), []);
      }
    },
  },
  {
    name: "keeps apart the events of players whose ids begin alike",
    async prove({ store }) {
      const ids = ["a", "aa", "a-", "a.", "a|", "aA", "A", "a:1", "a:10"];
      await store.commit(ids.map((playerId) => write({ playerId, events: events(1, 3, playerId) })));
      for (const playerId of ids) {
        assert.deepEqual(await readAll(store, { playerId }), events(1, 3, playerId));
      }
    },
  },
  {
    name: "keeps apart the events of two incarnations",
    async prove({ store }) {
      const incarnation = INCARNATION + 1;
      const expected = { incarnation: INCARNATION, version: 1 };
      await store.commit([write({ events: events(1, 3, "old") })]);
      await store.commit([write({ incarnation, expected, events: events(1, 2, "new") })]);
      assert.deepEqual(await readAll(store), events(1, 3, "old"));
      assert.deepEqual(await readAll(store, { incarnation }), events(1, 2, "new"));
    },
  },
  {
    name: "takes events of no byte and of 100 KiB",
    async prove({ store }) {
      const entries = [
        { number: 1, bytes: new Uint8Array(0) },
        { number: 2, bytes: new Uint8Array(100 * 1024).fill(3) },
        { number: 3, bytes: bytesOf("small") },
      ];
      await store.commit([write({ events: entries })]);
      assert.deepEqual(await readAll(store), entries);
    },
  },
  {
    name: "keeps its own copy of events, and hands out copies",
    async prove({ store }) {
      const given = events(1, 2);
      const underWay = store.commit([write({ events: given })]);
      for (const { bytes } of given) bytes.fill(0);
      await underWay;
      for (const { bytes } of await store.readEvents(queryOf({}))) bytes.fill(0);
      assert.deepEqual(await readAll(store), events(1, 2));
    },
  },
  {
    name: "never shows a record without its events, nor events without their record",
    async prove({ store }) {
      const progress = { isDone: false };
      const watch = async () => {
        while (!progress.isDone) {
          const [found] = await store.read(["ada"]);
          const entries = await readAll(store);
          const [after] = await store.read(["ada"]);
          assert.ok(entries.length >= (found?.version ?? 0), "a record came before its events");
          assert.ok((after?.version ?? 0) >= entries.length, "events came before their record");
          await nextTurn();
        }
      };
      const commitAll = async () => {
        for (let version = 1; version <= WATCHED_VERSIONS; version += 1) {
          await store.commit([write({ version, events: events(version, version) })]);
        }
      };
      await Promise.all([
        watch(),
        commitAll().finally(() => {
          progress.isDone = true;
        }),
      ]);
    },
  },
];

type Query = Partial<Parameters<Store["readEvents"]>[0]>;

function queryOf(query: Query): Parameters<Store["readEvents"]>[0] {
  return { playerId: "ada", incarnation: INCARNATION, afterNumber: 0, limit: MANY_EVENTS * 2, ...query };
}

async function readAll(store: Store, query: Query = {}): Promise<readonly JournalEntry[]> {
  return (await store.readEvents(queryOf(query))).map(plain);
}

/** Lets the writer's turn come: a store may answer reads without ever giving way. */
async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
