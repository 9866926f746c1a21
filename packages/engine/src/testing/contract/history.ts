/** The contract's sentences about what restores a record: marks, snapshots, and how long they and the journal last. */
import assert from "node:assert/strict";
import { MAX_SNAPSHOTS, type Snapshot } from "../../ports.js";
import { bytesOf, type Clause, events, INCARNATION, plain, record, write } from "./fixture.js";

const ADA = { playerId: "ada", incarnation: INCARNATION };

export const historyClauses: readonly Clause[] = [
  {
    name: "keeps the latest mark of each incarnation",
    async prove({ store }) {
      assert.equal(await store.readMark(ADA), null);
      await store.commit([write({ mark: bytesOf("one") })]);
      await store.commit([write({ version: 2, mark: bytesOf("two") }), write({ version: 3 })]);
      const anew = { incarnation: INCARNATION + 1, expected: { incarnation: INCARNATION, version: 3 } };
      await store.commit([write({ ...anew, mark: bytesOf("anew") })]);
      await store.flush();
      const mark = await store.readMark(ADA);
      assert.deepEqual(mark && plain(mark), { version: 2, bytes: bytesOf("two") });
      const newer = await store.readMark({ ...ADA, incarnation: INCARNATION + 1 });
      assert.deepEqual(newer && plain(newer), { version: 1, bytes: bytesOf("anew") });
    },
  },
  {
    name: "keeps no mark of a write that conflicts",
    async prove({ store }) {
      await store.commit([write({ mark: bytesOf("one") })]);
      await store.commit([write({ version: 3, mark: bytesOf("of a conflict") })]);
      await store.flush();
      assert.deepEqual((await store.readMark(ADA))?.version, 1);
    },
  },
  {
    name: "gives snapshots back, the newest incarnation and the newest version first",
    async prove({ store, clock }) {
      const given = [
        snapshot({ version: 1, atMs: clock.nowMs() }),
        snapshot({ version: 7, eventCount: 3, atMs: clock.nowMs() }),
        snapshot({ incarnation: INCARNATION + 1, atMs: clock.nowMs() }),
      ];
      const bob = snapshot({ playerId: "bob", atMs: clock.nowMs() });
      await store.putSnapshots([...given, bob]);
      await store.putSnapshots(given.slice(0, 1));
      await store.flush();
      const found = await store.readSnapshots({ playerId: "ada", limit: 9 });
      assert.deepEqual(found.map(plainSnapshot), [...given].reverse());
      assert.equal((await store.readSnapshots({ playerId: "ada", limit: 2 })).length, 2);
      assert.deepEqual(await store.readSnapshots({ playerId: "ada", limit: 0 }), []);
      assert.deepEqual(await store.readSnapshots({ playerId: "a", limit: 9 }), []);
    },
  },
  {
    name: "keeps its own copy of a snapshot, and at least the newest few",
    async prove({ store, clock }) {
      const count = MAX_SNAPSHOTS + 2;
      for (let version = 1; version <= count; version += 1) {
        const given = snapshot({ version, atMs: clock.nowMs() });
        const underWay = store.putSnapshots([given]);
        given.record.bytes.fill(0);
        await underWay;
      }
      await store.flush();
      const found = await store.readSnapshots({ playerId: "ada", limit: MAX_SNAPSHOTS });
      const versions = Array.from({ length: MAX_SNAPSHOTS }, (_, index) => count - index);
      assert.deepEqual(
        found.map(plainSnapshot),
        versions.map((version) => snapshot({ version, atMs: clock.nowMs() })),
      );
    },
  },
  {
    name: "shows events and snapshots until they expire, and no longer",
    async prove({ store, clock, journalRetentionMs }) {
      await store.commit([write({ events: events(1, 2) })]);
      await store.putSnapshots([snapshot({ eventCount: 2, atMs: clock.nowMs() })]);
      await store.flush();
      clock.advance(journalRetentionMs - 60_000);
      await store.commit([write({ version: 2, events: events(3, 3) })]);
      await store.putSnapshots([snapshot({ version: 2, eventCount: 3, atMs: clock.nowMs() })]);
      await store.flush();
      const query = { ...ADA, afterNumber: 0, limit: 9 };
      assert.equal((await store.readEvents(query)).length, 3);
      assert.equal((await store.readSnapshots({ playerId: "ada", limit: 9 })).length, 2);
      clock.advance(120_000);
      assert.deepEqual((await store.readEvents(query)).map(plain), events(3, 3));
      const left = await store.readSnapshots({ playerId: "ada", limit: 9 });
      assert.deepEqual(
        left.map(({ record: { version } }) => version),
        [2],
      );
    },
  },
];

interface SnapshotOptions {
  readonly playerId?: string;
  readonly incarnation?: number;
  readonly version?: number;
  readonly eventCount?: number;
  readonly atMs: number;
}

function snapshot({ eventCount = 0, atMs, ...which }: SnapshotOptions): Snapshot {
  return { record: record(which), eventCount, atMs };
}

function plainSnapshot(given: Snapshot): Snapshot {
  return { ...given, record: plain(given.record) };
}
