/** The contract's sentences about records: conditions, outcomes, order, and whose memory is whose. */
import assert from "node:assert/strict";
import type { Store, WriteOutcome } from "../../ports.js";
import { bytesOf, type Clause, INCARNATION, plainOrNull, record, write } from "./fixture.js";

const COMMITTED: WriteOutcome = { status: "committed" };
const CONFLICT: WriteOutcome = { status: "conflict" };

const MEBIBYTE = 1024 ** 2;

const MANY_PLAYERS = 200;
const MANY_VERSIONS = 10;
const MANY_RIVALS = 50;

const ODD_IDS = [
  ".",
  "..",
  "-",
  "|",
  "@",
  ":",
  "_",
  "0",
  "a",
  "A",
  "aa",
  "a|",
  "a.",
  "__proto__",
  "constructor",
  "toString",
  "user:42|eu-west-1@studio.example",
  "x".repeat(64),
];

export const recordClauses: readonly Clause[] = [
  {
    name: "gives null for a player without a record, and answers in the order of the ids",
    async prove({ store }) {
      await store.commit([write({ playerId: "ada" }), write({ playerId: "bob" })]);
      const answers = await store.read(["bob", "nobody", "ada", "bob"]);
      assert.deepEqual(answers.map(plainOrNull), [
        record({ playerId: "bob" }),
        null,
        record({ playerId: "ada" }),
        record({ playerId: "bob" }),
      ]);
    },
  },
  {
    name: "gives those who may be told late nothing that never was",
    async prove({ store }) {
      await store.commit([write()]);
      await store.commit([write({ version: 2 })]);
      const [found] = await store.read(["ada"], { consistency: "eventual" });
      const versions = [null, record(), record({ version: 2 })].map((known) => JSON.stringify(known));
      assert.ok(versions.includes(JSON.stringify(plainOrNull(found))));
      assert.deepEqual(await store.read(["nobody"], { consistency: "eventual" }), [null]);
    },
  },
  {
    name: "commits whatever the urgency, in the order of the calls",
    async prove({ store }) {
      const urgencies = ["bulk", "command", "milestone", "bulk", "command"] as const;
      const calls = urgencies.map((urgency, index) =>
        store.commit([write({ version: index + 1 })], { urgency }),
      );
      assert.deepEqual(
        (await Promise.all(calls)).flat(),
        urgencies.map(() => COMMITTED),
      );
      await assertStored(store, urgencies.length);
    },
  },
  {
    name: "answers nothing when nothing is asked",
    async prove({ store }) {
      assert.deepEqual(await store.read([]), []);
      assert.deepEqual(await store.commit([]), []);
    },
  },
  {
    name: "creates a record where none is expected and none is",
    async prove({ store }) {
      assert.deepEqual(await store.commit([write()]), [COMMITTED]);
      await assertStored(store, 1);
    },
  },
  {
    name: "refuses to create a record where one is",
    async prove({ store }) {
      await store.commit([write()]);
      assert.deepEqual(await store.commit([write({ bytes: bytesOf("another") })]), [CONFLICT]);
      await assertStored(store, 1);
    },
  },
  {
    name: "replaces the record that is expected",
    async prove({ store }) {
      await store.commit([write()]);
      assert.deepEqual(await store.commit([write({ version: 2 })]), [COMMITTED]);
      await assertStored(store, 2);
    },
  },
  {
    name: "refuses a write that expects an older version, and one that expects a newer",
    async prove({ store }) {
      await store.commit([write(), write({ version: 2 })]);
      assert.deepEqual(await store.commit([write({ version: 2, bytes: bytesOf("late") })]), [CONFLICT]);
      assert.deepEqual(await store.commit([write({ version: 4, bytes: bytesOf("early") })]), [CONFLICT]);
      await assertStored(store, 2);
    },
  },
  {
    name: "refuses a write that expects another incarnation with the same version",
    async prove({ store }) {
      await store.commit([write()]);
      const expected = { incarnation: INCARNATION + 1, version: 1 };
      assert.deepEqual(await store.commit([write({ version: 2, expected })]), [CONFLICT]);
      await assertStored(store, 1);
    },
  },
  {
    name: "refuses to replace a record that isn't there",
    async prove({ store }) {
      assert.deepEqual(await store.commit([write({ version: 2 })]), [CONFLICT]);
      assert.deepEqual(await store.read(["ada"]), [null]);
    },
  },
  {
    name: "puts a new incarnation in the place of the old one",
    async prove({ store }) {
      await store.commit([write()]);
      const anew = { incarnation: INCARNATION + 5, version: 1, bytes: bytesOf("anew") };
      const expected = { incarnation: INCARNATION, version: 1 };
      assert.deepEqual(await store.commit([write({ ...anew, expected })]), [COMMITTED]);
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [record(anew)]);
    },
  },
  {
    name: "gives each write of a call its own outcome",
    async prove({ store }) {
      await store.commit([write({ playerId: "ada" })]);
      const outcomes = await store.commit([
        write({ playerId: "bob" }),
        write({ playerId: "ada" }),
        write({ playerId: "cleo", version: 2 }),
        write({ playerId: "ada", version: 2 }),
      ]);
      assert.deepEqual(outcomes, [COMMITTED, CONFLICT, CONFLICT, COMMITTED]);
      const versions = await versionsOf(store, ["ada", "bob", "cleo"]);
      assert.deepEqual(versions, [2, 1, undefined]);
    },
  },
  {
    name: "does two writes of one player in one call in their order",
    async prove({ store }) {
      const outcomes = await store.commit([
        write({ version: 1 }),
        write({ version: 2 }),
        write({ version: 2, bytes: bytesOf("twice") }),
        write({ version: 3 }),
        write({ version: 1 }),
      ]);
      assert.deepEqual(outcomes, [COMMITTED, COMMITTED, CONFLICT, COMMITTED, CONFLICT]);
      await assertStored(store, 3);
    },
  },
  {
    name: "does the calls of one player in the order in which they were made, without waiting between",
    async prove({ store }) {
      const calls = [1, 2, 3, 4, 5].map((version) => store.commit([write({ version })]));
      assert.deepEqual(
        (await Promise.all(calls)).flat(),
        calls.map(() => COMMITTED),
      );
      await assertStored(store, calls.length);
    },
  },
  {
    name: "lets exactly one of many writes win that expect the same version at once",
    async prove({ store }) {
      await store.commit([write()]);
      const rivals = Array.from({ length: MANY_RIVALS }, (_, rival) =>
        store.commit([write({ version: 2, bytes: bytesOf(`rival ${rival}`) })]),
      );
      const outcomes = (await Promise.all(rivals)).flat();
      const winners = outcomes.flatMap(({ status }, rival) => (status === "committed" ? [rival] : []));
      assert.equal(winners.length, 1);
      const expected = record({ version: 2, bytes: bytesOf(`rival ${winners[0]}`) });
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [expected]);
    },
  },
  {
    name: "keeps every commit of many players who commit at once, and each reads its own when it resolves",
    async prove({ store }) {
      const ids = Array.from({ length: MANY_PLAYERS }, (_, index) => `player-${index}`);
      const play = async (playerId: string) => {
        for (let version = 1; version <= MANY_VERSIONS; version += 1) {
          assert.deepEqual(await store.commit([write({ playerId, version })]), [COMMITTED]);
          assert.deepEqual(await versionsOf(store, [playerId]), [version]);
        }
      };
      await Promise.all(ids.map(play));
      assert.deepEqual(
        await versionsOf(store, ids),
        ids.map(() => MANY_VERSIONS),
      );
    },
  },
  {
    name: "keeps its own copy of the bytes it is given, from the moment of the call",
    async prove({ store }) {
      const bytes = bytesOf("as given");
      const underWay = store.commit([write({ bytes })]);
      bytes.fill(0);
      await underWay;
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [
        record({ bytes: bytesOf("as given") }),
      ]);
    },
  },
  {
    name: "keeps its own copy of a Buffer as well, whose slices are no copies",
    async prove({ store }) {
      const bytes = Buffer.from("as given");
      const mark = Buffer.from("as marked");
      const underWay = store.commit([write({ bytes, mark })]);
      bytes.fill(0);
      mark.fill(0);
      await underWay;
      await store.flush();
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [
        record({ bytes: bytesOf("as given") }),
      ]);
      const kept = await store.readMark({ playerId: "ada", incarnation: INCARNATION });
      assert.equal(Buffer.from(kept?.bytes ?? []).toString(), "as marked");
    },
  },
  {
    name: "hands out copies: a reader who changes its bytes changes nothing",
    async prove({ store }) {
      await store.commit([write({ playerId: "ada" }), write({ playerId: "bob" })]);
      const read = await store.read(["ada", "bob"]);
      for (const found of read) found?.bytes.fill(0);
      const again = await store.read(["ada", "bob"]);
      assert.deepEqual(again.map(plainOrNull), [record({ playerId: "ada" }), record({ playerId: "bob" })]);
    },
  },
  {
    name: "leaves what a reader holds alone when the record changes",
    async prove({ store }) {
      await store.commit([write()]);
      const held = await store.read(["ada"]);
      await store.commit([write({ version: 2 })]);
      await store.read(["ada"]);
      assert.deepEqual(held.map(plainOrNull), [record()]);
    },
  },
  {
    name: "takes records of no byte, of every byte, and the largest that it promises to",
    async prove({ store, largestRecordBytes = MEBIBYTE }) {
      const contents = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, byte) => byte),
        new Uint8Array(largestRecordBytes).fill(7),
      ];
      await store.commit(contents.map((bytes, index) => write({ playerId: `player-${index}`, bytes })));
      const found = await store.read(contents.map((_, index) => `player-${index}`));
      for (const [index, bytes] of contents.entries()) {
        assert.equal(Buffer.compare(found[index]?.bytes ?? new Uint8Array(1), bytes), 0);
      }
    },
  },
  {
    name: "tells players apart whose ids are odd, alike, or as long as they may be",
    async prove({ store }) {
      await store.commit(ODD_IDS.map((playerId) => write({ playerId })));
      const found = await store.read(ODD_IDS);
      assert.deepEqual(
        found.map(plainOrNull),
        ODD_IDS.map((playerId) => record({ playerId })),
      );
    },
  },
  {
    name: "keeps the greatest incarnation and version exactly",
    async prove({ store }) {
      const greatest = { incarnation: Number.MAX_SAFE_INTEGER, version: Number.MAX_SAFE_INTEGER };
      await store.commit([write({ ...greatest, expected: null })]);
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [record(greatest)]);
      const expected = { ...greatest, version: greatest.version - 1 };
      assert.deepEqual(await store.commit([write({ ...greatest, expected })]), [CONFLICT]);
    },
  },
  {
    name: "counts what it did",
    async prove({ store }) {
      await store.commit([write(), write()]);
      await store.read(["ada", "bob", "cleo"]);
      const { kind, reads, writes, conflicts, batches, pending } = store.stats();
      assert.notEqual(kind, "");
      assert.deepEqual(
        { reads, writes, conflicts, pending },
        { reads: 3, writes: 2, conflicts: 1, pending: 0 },
      );
      assert.ok(batches >= 1);
    },
  },
];

async function assertStored(store: Store, version: number): Promise<void> {
  assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [record({ version })]);
}

async function versionsOf(store: Store, ids: readonly string[]): Promise<readonly (number | undefined)[]> {
  return (await store.read(ids)).map((found) => found?.version);
}
