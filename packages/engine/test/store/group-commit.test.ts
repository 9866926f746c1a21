/** Many commits share a flush; what waits is bounded. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordWrite, Store } from "../../src/ports.js";
import { MAX_PENDING_BYTES, MAX_PENDING_WRITES, openLmdbStore } from "../../src/store/lmdb/index.js";
import { turns } from "../support/gate.js";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.js";

let temporary: TemporaryFolder;
let store: Store;

beforeEach(async () => {
  temporary = temporaryFolder();
  store = await openLmdbStore({ folder: join(temporary.path, "data") });
});

afterEach(async () => {
  await store.close();
  temporary.remove();
});

function firstWrite(playerId: string, bytes = new Uint8Array(200)): RecordWrite {
  const next = { playerId, incarnation: 1, version: 1, bytes };
  return { expected: null, next, events: [{ number: 1, bytes: new Uint8Array(50) }] };
}

describe("a flush", () => {
  it("waits for what was given before, and not for what comes later", async () => {
    const progress = { isOver: false };
    let count = 0;
    const all: Promise<unknown>[] = [];
    const load = async (): Promise<void> => {
      while (!progress.isOver) {
        count += 1;
        all.push(store.commit([firstWrite(`player-${count}`)]));
        await turns(1);
      }
    };
    const loading = load();
    await turns(50);
    const own = store.commit([firstWrite("own")]);
    const order: string[] = [];
    await Promise.all([own.then(() => order.push("own")), store.flush().then(() => order.push("flush"))]);
    progress.isOver = true;
    await loading;
    await Promise.all(all);
    expect(order).toEqual(["own", "flush"]);
  });
});

describe("commits that are made at once", () => {
  it("share one transaction, and so one flush", async () => {
    const players = Array.from({ length: 1_000 }, (_, index) => `player-${index}`);
    await Promise.all(players.map(async (playerId) => store.commit([firstWrite(playerId)])));
    expect(store.stats()).toMatchObject({ writes: 1_000, conflicts: 0, batches: 1, pending: 0 });
  });

  it("share the next transaction when they come while one is under way", async () => {
    const first = store.commit([firstWrite("first")]);
    while (store.stats().batches === 0) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    const others = Array.from({ length: 500 }, async (_, index) =>
      store.commit([firstWrite(`player-${index}`)]),
    );
    expect(store.stats().pending).toBeGreaterThan(0);
    await Promise.all([first, ...others]);
    expect(store.stats()).toMatchObject({ batches: 2, pending: 0 });
  });

  it("need far fewer transactions than there are commits when 200 players commit one after another", async () => {
    const play = async (playerId: string) => {
      await store.commit([firstWrite(playerId)]);
      for (let version = 2; version <= 10; version += 1) {
        const next = { playerId, incarnation: 1, version, bytes: new Uint8Array(200) };
        await store.commit([{ expected: { incarnation: 1, version: version - 1 }, next, events: [] }]);
      }
    };
    await Promise.all(Array.from({ length: 200 }, async (_, index) => play(`player-${index}`)));
    const { writes, batches, conflicts } = store.stats();
    expect({ writes, conflicts }).toEqual({ writes: 2_000, conflicts: 0 });
    expect(batches).toBeLessThan(writes / 20);
  });

  it("need no transaction when all of them conflict", async () => {
    await store.commit([firstWrite("ada")]);
    expect(await store.commit([firstWrite("ada")])).toEqual([{ status: "conflict" }]);
    expect(store.stats()).toMatchObject({ batches: 1, conflicts: 1 });
  });
});

describe("a queue that is full", () => {
  it("refuses more writes with OVERLOADED, and takes some again when it has drained", async () => {
    const accepted = Array.from({ length: MAX_PENDING_WRITES }, async (_, index) =>
      store.commit([firstWrite(`player-${index}`, new Uint8Array(1))]),
    );
    await expect(store.commit([firstWrite("late")])).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(store.stats().pending).toBe(MAX_PENDING_WRITES);
    await Promise.all(accepted);
    expect(await store.read(["late"])).toEqual([null]);
    expect(await store.commit([firstWrite("late")])).toEqual([{ status: "committed" }]);
  });

  it("counts bytes as well", async () => {
    const large = new Uint8Array(MAX_PENDING_BYTES / 4);
    const accepted = ["a", "b", "c"].map(async (playerId) => store.commit([firstWrite(playerId, large)]));
    await expect(store.commit([firstWrite("d", large)])).rejects.toMatchObject({ code: "OVERLOADED" });
    await Promise.all(accepted);
    expect(await store.commit([firstWrite("d")])).toEqual([{ status: "committed" }]);
  });
});

describe("a write that only a bug makes", () => {
  it("is refused before anything is stored, and harms no other commit", async () => {
    const gap = {
      ...firstWrite("ada"),
      events: [1, 3].map((number) => ({ number, bytes: new Uint8Array(1) })),
    };
    const badId = firstWrite("no/slashes");
    const badVersion = { ...firstWrite("ada"), next: { ...firstWrite("ada").next, version: 0.5 } };
    const good = store.commit([firstWrite("bob")]);
    await expect(store.commit([gap])).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(store.commit([badVersion])).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(store.commit([badId])).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await expect(store.read(["x".repeat(65)])).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(await good).toEqual([{ status: "committed" }]);
    expect(await store.read(["ada"])).toEqual([null]);
  });
});
