/** Whatever the network and the server do to requests: nothing acknowledged is lost, nothing happens twice, no refusal is a lie. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { FAULTS, type FaultRates, startFaultProxy } from "./fault-proxy.js";
import { createLives } from "./player-histories.js";

const PLAYERS = 12;
const TRIES = 25;

/** So that requests that never get an answer cost the test little. */
const CONNECTION_TIMEOUT_MS = 250;

const RATES: FaultRates = {
  throttle: 0.05,
  failBefore: 0.03,
  failAfter: 0.03,
  resetBefore: 0.03,
  resetAfter: 0.03,
  hangAfter: 0.01,
  late: 0.01,
  partial: 0.2,
};

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => server.stop());

describe("random histories under faults at the wire", () => {
  it("of one writer, with requests that arrive twice as well", async () => {
    const random = seededRandom("one writer under faults");
    const proxy = await startFaultProxy({ port: server.port, random });
    const tablePrefix = await server.newTables();
    const lives = createLives(PLAYERS, random);
    proxy.setRates({ ...RATES, duplicate: 0.05 });
    const pool = { connectionTimeoutMs: CONNECTION_TIMEOUT_MS };
    const store = await server.openStore({ tablePrefix, endpoint: proxy.endpoint, pool, journalDelayMs: 20 });
    await lives.live(store, "one", TRIES);
    await lives.verify(store);
    proxy.setRates({});
    await store.close();
    await proxy.stop();

    for (const fault of FAULTS) expect([fault, proxy.met[fault] > 0]).toEqual([fault, true]);
    expect(lives.told.committed.size).toBeGreaterThan((PLAYERS * TRIES) / 2);
    const again = await server.openStore({ tablePrefix });
    await lives.verify(again);
    await again.close();
  });

  it("of two processes that want the same players", async () => {
    const random = seededRandom("two writers under faults");
    const proxy = await startFaultProxy({ port: server.port, random });
    const tablePrefix = await server.newTables();
    const lives = createLives(PLAYERS, random);
    proxy.setRates(RATES);
    const options = {
      tablePrefix,
      endpoint: proxy.endpoint,
      pool: { connectionTimeoutMs: CONNECTION_TIMEOUT_MS },
      journalDelayMs: 20,
    };
    const stores = [await server.openStore(options), await server.openStore(options)];
    await Promise.all(stores.map(async (store, index) => lives.live(store, `rival-${index}`, TRIES)));
    proxy.setRates({});
    for (const store of stores) {
      await lives.verify(store);
      await store.close();
    }
    await proxy.stop();
    expect(lives.told.refused.size).toBeGreaterThan(0);
  });
});
