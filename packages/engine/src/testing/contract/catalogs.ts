/** The contract's sentences about catalogs, their timeline, and the quarantine. */
import assert from "node:assert/strict";
import type { QuarantinedRecord } from "../../ports.js";
import { bytesOf, type Clause, plain, plainOrNull, record, write } from "./fixture.js";

const MANY_RIVALS = 20;

export const catalogClauses: readonly Clause[] = [
  {
    name: "keeps a catalog's document under its hash, and knows no others",
    async prove({ store }) {
      await store.putCatalog("c0ffee", '{"name":"Gießerei ⚙"}');
      assert.equal(await store.readCatalog("c0ffee"), '{"name":"Gießerei ⚙"}');
      assert.equal(await store.readCatalog("c0ffe"), null);
    },
  },
  {
    name: "replaces the document of an equal hash",
    async prove({ store }) {
      await store.putCatalog("c0ffee", "{}");
      await store.putCatalog("c0ffee", '{"description":"new"}');
      assert.equal(await store.readCatalog("c0ffee"), '{"description":"new"}');
    },
  },
  {
    name: "takes a document of two mebibytes",
    async prove({ store }) {
      const document = JSON.stringify({ text: "ü".repeat(1024 ** 2) });
      await store.putCatalog("large", document);
      assert.equal(await store.readCatalog("large"), document);
    },
  },
  {
    name: "begins with an empty timeline and appends in order",
    async prove({ store }) {
      assert.deepEqual(await store.readTimeline(), []);
      assert.equal(await store.appendTimeline({ atMs: 0, hash: "a" }, 0), true);
      assert.equal(await store.appendTimeline({ atMs: 60_000, hash: "b" }, 1), true);
      assert.equal(await store.appendTimeline({ atMs: 60_001, hash: "a" }, 2), true);
      assert.deepEqual(await store.readTimeline(), [
        { atMs: 0, hash: "a" },
        { atMs: 60_000, hash: "b" },
        { atMs: 60_001, hash: "a" },
      ]);
    },
  },
  {
    name: "appends nothing when the timeline has another length than expected",
    async prove({ store }) {
      await store.appendTimeline({ atMs: 1, hash: "a" }, 0);
      assert.equal(await store.appendTimeline({ atMs: 2, hash: "b" }, 0), false);
      assert.equal(await store.appendTimeline({ atMs: 2, hash: "b" }, 2), false);
      assert.deepEqual(await store.readTimeline(), [{ atMs: 1, hash: "a" }]);
    },
  },
  {
    name: "appends nothing that isn't later than the last activation",
    async prove({ store }) {
      await store.appendTimeline({ atMs: 5, hash: "a" }, 0);
      assert.equal(await store.appendTimeline({ atMs: 5, hash: "b" }, 1), false);
      assert.equal(await store.appendTimeline({ atMs: 4, hash: "b" }, 1), false);
      assert.deepEqual(await store.readTimeline(), [{ atMs: 5, hash: "a" }]);
    },
  },
  {
    name: "lets exactly one of many activations win that expect the same length at once",
    async prove({ store }) {
      const rivals = Array.from({ length: MANY_RIVALS }, (_, rival) =>
        store.appendTimeline({ atMs: 10 + rival, hash: `rival-${rival}` }, 0),
      );
      const outcomes = await Promise.all(rivals);
      assert.equal(outcomes.filter(Boolean).length, 1);
      const winner = outcomes.indexOf(true);
      assert.deepEqual(await store.readTimeline(), [{ atMs: 10 + winner, hash: `rival-${winner}` }]);
    },
  },
];

export const quarantineClauses: readonly Clause[] = [
  {
    name: "puts a copy of a record into quarantine and leaves the record alone",
    async prove({ store }) {
      await store.commit([write()]);
      assert.deepEqual(await store.quarantined(10), []);
      await store.quarantine(record(), "its checksum is wrong", 77);
      assert.deepEqual((await store.quarantined(10)).map(plainEntry), [
        { record: record(), reason: "its checksum is wrong", atMs: 77 },
      ]);
      assert.deepEqual((await store.read(["ada"])).map(plainOrNull), [record()]);
    },
  },
  {
    name: "quarantines a version of an incarnation once, however often and at once it is asked to",
    async prove({ store }) {
      const first = store.quarantine(record(), "first", 1);
      await Promise.all([first, ...[2, 3, 4].map((atMs) => store.quarantine(record(), "again", atMs))]);
      await store.quarantine(record(), "once more", 5);
      await store.quarantine(record({ version: 2 }), "another version", 6);
      await store.quarantine(record({ incarnation: 9 }), "another incarnation", 7);
      const reasons = (await store.quarantined(10)).map(({ reason }) => reason);
      assert.deepEqual(reasons, ["first", "another version", "another incarnation"]);
    },
  },
  {
    name: "lists the quarantine oldest first, at most as much as asked for",
    async prove({ store }) {
      for (const atMs of [30, 10, 20]) {
        await store.quarantine(record({ playerId: `at-${atMs}` }), "damaged", atMs);
      }
      assert.deepEqual(
        (await store.quarantined(2)).map(({ atMs }) => atMs),
        [10, 20],
      );
      assert.deepEqual(await store.quarantined(0), []);
    },
  },
  {
    name: "keeps its own copy of what is quarantined, of any bytes and any reason",
    async prove({ store }) {
      const bytes = bytesOf("damaged \u0000 bytes");
      const underWay = store.quarantine(record({ bytes }), "größer als erlaubt ⚠", 1);
      bytes.fill(0);
      await underWay;
      await store.quarantine(record({ version: 2, bytes: new Uint8Array(0) }), "", 2);
      assert.deepEqual((await store.quarantined(10)).map(plainEntry), [
        {
          record: record({ bytes: bytesOf("damaged \u0000 bytes") }),
          reason: "größer als erlaubt ⚠",
          atMs: 1,
        },
        { record: record({ version: 2, bytes: new Uint8Array(0) }), reason: "", atMs: 2 },
      ]);
    },
  },
];

function plainEntry(entry: QuarantinedRecord): QuarantinedRecord {
  return { ...entry, record: plain(entry.record) };
}
