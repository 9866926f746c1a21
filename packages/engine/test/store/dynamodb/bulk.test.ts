/** What rides in bulk: marks gather, snapshots share requests, and whoever asks learns whether all of it is kept. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Store } from "../../../src/ports.js";
import { createManualClock } from "../../../src/testing/index.js";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { rawItems } from "./raw-items.js";
import { INCARNATION, writeOf } from "./writes.js";

let server: DynaliteServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startDynalite();
  proxy = await startFaultProxy({ port: server.port, random: seededRandom("bulk") });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

const PLAYERS = 60;

/** A write in bulk is given up after so many. */
const MAX_ATTEMPTS = 12;

function markOf(version: number): Uint8Array {
  return Buffer.from(`mark ${version}`);
}

async function playAll(store: Store, versions: readonly number[]): Promise<void> {
  for (const version of versions) {
    await store.commit(
      Array.from({ length: PLAYERS }, (_, index) => ({
        ...writeOf(version, { playerId: `player-${index}` }),
        mark: markOf(version),
      })),
    );
  }
}

describe("marks", () => {
  it("gather for their delay: of many commits of many players the latest go, in a few requests", async () => {
    const clock = createManualClock();
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix, clock, timers: clock, markDelayMs: 60_000 });
    await playAll(store, [1, 2, 3, 4, 5]);
    clock.advance(59_999);
    const sent = () => store.stats().database?.requests["BatchWriteItem"] ?? 0;
    expect(sent()).toBe(0);
    // One that waits is told to whoever asks this process.
    expect((await store.readMark({ playerId: "player-7", incarnation: INCARNATION }))?.version).toBe(5);
    expect(await raw.history("player-7")).toEqual([]);
    clock.advance(1);
    await store.flush();
    expect(sent()).toBe(Math.ceil(PLAYERS / 25));
    const other = await server.openStore({ tablePrefix, clock });
    const mark = await other.readMark({ playerId: "player-7", incarnation: INCARNATION });
    expect([mark?.version, Buffer.from(mark?.bytes ?? []).toString()]).toEqual([5, "mark 5"]);
    await other.close();
    await store.close();
  });

  it("are written when the store closes", async () => {
    const clock = createManualClock();
    const tablePrefix = await server.newTables();
    const store = await server.openStore({ tablePrefix, clock, timers: clock });
    await playAll(store, [1]);
    await store.close();
    const again = await server.openStore({ tablePrefix, clock });
    for (const index of [0, PLAYERS - 1]) {
      const player = { playerId: `player-${index}`, incarnation: INCARNATION };
      expect((await again.readMark(player))?.version).toBe(1);
    }
    await again.close();
  });
});

describe("what can't be kept", () => {
  const refused = Array.from({ length: 500 }, () => "throttle" as const);

  it("is told to whoever asks with flush(); marks go on waiting, and are kept later", async () => {
    const store = await server.openStore({ endpoint: proxy.endpoint, random: () => 0 });
    await playAll(store, [1]);
    proxy.plan("BatchWriteItem", ...refused);
    await expect(store.flush()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    proxy.clear();
    await store.flush();
    expect(proxy.met.throttle).toBeGreaterThan(0);
    await store.close();
  });

  it("of snapshots is told to whoever asks with flush(); they go on waiting, and are kept later", async () => {
    const store = await server.openStore({ endpoint: proxy.endpoint, random: () => 0 });
    const { next: record } = writeOf(1);
    proxy.plan("BatchWriteItem", ...refused);
    await store.putSnapshots([{ record, eventCount: 0, atMs: Date.now() }]);
    await expect(store.flush()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    proxy.clear();
    await store.flush();
    expect(await store.readSnapshots({ playerId: record.playerId, limit: 1 })).toHaveLength(1);
    await store.close();
  });

  it("of snapshots while the table was away is written when the store closes", async () => {
    const tablePrefix = await server.newTables();
    const store = await server.openStore({ tablePrefix, endpoint: proxy.endpoint, random: () => 0 });
    const { next: record } = writeOf(1);
    const throttlesBefore = proxy.met.throttle;
    proxy.plan("BatchWriteItem", ...refused);
    await store.putSnapshots([{ record, eventCount: 0, atMs: Date.now() }]);
    await vi.waitFor(() => expect(proxy.met.throttle).toBe(throttlesBefore + MAX_ATTEMPTS), 10_000);
    proxy.clear();
    await store.close();
    const again = await server.openStore({ tablePrefix });
    expect(await again.readSnapshots({ playerId: record.playerId, limit: 1 })).toHaveLength(1);
    await again.close();
  });

  it("of more snapshots than may wait is lost, and that is told once", async () => {
    const store = await server.openStore({ endpoint: proxy.endpoint, random: () => 0 });
    const snapshots = Array.from({ length: 250 }, (_, index) => ({
      record: writeOf(index + 1).next,
      eventCount: index,
      atMs: Date.now(),
    }));
    proxy.plan("BatchWriteItem", ...refused, ...refused);
    await store.putSnapshots(snapshots);
    await expect(store.flush()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    proxy.clear();
    await store.flush();
    expect(await store.readSnapshots({ playerId: "ada", limit: 300 })).toHaveLength(200);
    await store.close();
  });

  it("in part is sent again until it is whole", async () => {
    const store = await server.openStore({ endpoint: proxy.endpoint, random: () => 0 });
    const snapshots = Array.from({ length: 60 }, (_, index) => ({
      record: writeOf(index + 1).next,
      eventCount: index,
      atMs: Date.now(),
    }));
    proxy.plan("BatchWriteItem", "partial", "partial", "failAfter", "resetBefore", "partial");
    await store.putSnapshots(snapshots);
    await store.flush();
    const found = await store.readSnapshots({ playerId: "ada", limit: 100 });
    expect(found.map(({ record }) => record.version)).toEqual(
      Array.from({ length: 60 }, (_, index) => 60 - index),
    );
    expect(
      (await store.readSnapshots({ playerId: "ada", limit: 7 })).map(({ eventCount }) => eventCount),
    ).toEqual([59, 58, 57, 56, 55, 54, 53]);
    await store.close();
  });
});

describe("a catalog's document", () => {
  const documents = ["a", "b"].map((letter) => JSON.stringify({ text: letter.repeat(900_000) }));

  it("is one or the other to a reader while it is replaced, never a mixture", async () => {
    const tablePrefix = await server.newTables();
    const [store, reader] = [
      await server.openStore({ tablePrefix }),
      await server.openStore({ tablePrefix }),
    ];
    await store.putCatalog("hash", documents[0] ?? "");
    const progress = { isDone: false };
    const seen = new Set<string>();
    const watch = async () => {
      while (!progress.isDone) seen.add((await reader.readCatalog("hash")) ?? "nothing");
    };
    const replace = async () => {
      for (let round = 0; round < 6; round += 1) await store.putCatalog("hash", documents[round % 2] ?? "");
      await store.putCatalog("hash", "{}");
      progress.isDone = true;
    };
    await Promise.all([watch(), replace()]);
    expect([...seen].filter((text) => !documents.includes(text) && text !== "{}")).toEqual([]);
    expect(await reader.readCatalog("hash")).toBe("{}");
    await store.close();
    await reader.close();
  });

  it("of four mebibytes fits", async () => {
    const store = await server.openStore();
    const document = JSON.stringify({ text: "x".repeat(4 * 1_024 ** 2) });
    await store.putCatalog("largest", document);
    expect((await store.readCatalog("largest")) === document).toBe(true);
    await store.close();
  });

  it("is activated once, whatever the wire does to the request", async () => {
    for (const fault of ["failAfter", "resetAfter", "duplicate", "failBefore", "throttle"] as const) {
      const store = await server.openStore({ endpoint: proxy.endpoint, random: () => 0 });
      proxy.plan("UpdateItem", fault);
      expect(await store.appendTimeline({ atMs: 1, hash: "a" }, 0)).toBe(true);
      proxy.plan("UpdateItem", fault);
      expect(await store.appendTimeline({ atMs: 2, hash: "b" }, 1)).toBe(true);
      expect(await store.readTimeline()).toEqual([
        { atMs: 1, hash: "a" },
        { atMs: 2, hash: "b" },
      ]);
      await store.close();
    }
  });
});
