/** Whose requests go through the connection pool, where it is on for some players. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../../src/ports.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { INCARNATION, writeOf } from "./writes.js";

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => {
  await server.stop();
});

/** Requests that went through the pool, and all of them. */
function requestsOf(store: Store): { pooled: number; all: number } {
  const { pool, requests } = store.stats().database ?? { pool: null, requests: {} };
  return {
    pooled: pool?.requests ?? 0,
    all: Object.values(requests).reduce((sum, count) => sum + count, 0),
  };
}

/** How many requests some work sends through the pool, and how many past it. */
async function sentBy(store: Store, work: () => Promise<unknown>): Promise<{ pooled: number; past: number }> {
  const before = requestsOf(store);
  await work();
  const after = requestsOf(store);
  const pooled = after.pooled - before.pooled;
  return { pooled, past: after.all - before.all - pooled };
}

describe("a pool that is on for some players", () => {
  it("takes the requests of those, and by the first of them those of several", async () => {
    const isPoolOn = (playerId: string): boolean => playerId.startsWith("on");
    const store = await server.openStore({ isPoolOn, markDelayMs: 0 });
    for (const [playerId, way] of [
      ["on1", { pooled: 1, past: 0 }],
      ["off1", { pooled: 0, past: 1 }],
    ] as const) {
      expect(await sentBy(store, async () => store.commit([writeOf(1, { playerId })]))).toEqual(way);
      expect(await sentBy(store, async () => store.read([playerId]))).toEqual(way);
      const events = { playerId, incarnation: INCARNATION, afterNumber: 0, limit: 10 };
      const { pooled, past } = await sentBy(store, async () => store.readEvents(events));
      expect(pooled === 0).toBe(way.pooled === 0);
      expect(past === 0).toBe(way.past === 0);
    }
    expect(await sentBy(store, async () => store.read(["on1", "off1"]))).toEqual({ pooled: 1, past: 0 });
    expect(await sentBy(store, async () => store.read(["off1", "on1"]))).toEqual({ pooled: 0, past: 1 });
    await store.close();
  });

  it("is switched for a player with the next request", async () => {
    const switched = { isOn: false };
    const store = await server.openStore({ isPoolOn: () => switched.isOn });
    const read = async () => store.read(["ada"]);
    expect(await sentBy(store, read)).toEqual({ pooled: 0, past: 1 });
    switched.isOn = true;
    expect(await sentBy(store, read)).toEqual({ pooled: 1, past: 0 });
    switched.isOn = false;
    expect(await sentBy(store, read)).toEqual({ pooled: 0, past: 1 });
    await store.close();
    await expect(read()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("never takes what its own switch is kept in, so that it can be switched off when it is what is wrong", async () => {
    const store = await server.openStore({ isPoolOn: () => true });
    const put = async () => store.putSettings("switches", "{}", 0);
    expect(await sentBy(store, put)).toEqual({ pooled: 0, past: 1 });
    expect(await sentBy(store, async () => store.readSettings("switches"))).toEqual({ pooled: 0, past: 1 });
    await store.close();
  });

  it("takes what is no player's, unless it is on for nobody; then it isn't even made", async () => {
    const switched = { isOn: false };
    const isPoolOn = () => switched.isOn;
    const store = await server.openStore({ isPoolOn, isPoolOnForAnybody: isPoolOn });
    const readTimeline = async () => store.readTimeline();
    expect(store.stats().database?.pool).toBeNull();
    expect(await sentBy(store, readTimeline)).toEqual({ pooled: 0, past: 1 });
    expect(store.stats().database?.pool).toBeNull();
    switched.isOn = true;
    expect(await sentBy(store, readTimeline)).toEqual({ pooled: 1, past: 0 });
    await store.close();
    const pooled = await server.openStore({ isPoolOn: () => false });
    expect(await sentBy(pooled, async () => pooled.readTimeline())).toEqual({ pooled: 1, past: 0 });
    await pooled.close();
  });
});
