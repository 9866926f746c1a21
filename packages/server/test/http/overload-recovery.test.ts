/** A store that doesn't answer for a while: what is low goes first, health and commands last, and afterwards all is as before. */
import { createEngine, type Store } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { createManualClock } from "@mainspring/engine/testing";
import { expect, it, onTestFinished } from "vitest";
import { createServer } from "../../src/index.js";
import { testCatalog } from "../support/test-catalog.js";

const WINDOW_MS = 100;

/** A store whose reads wait while its gate is shut. */
function gatedStore(inner: Store) {
  const gate = { opens: Promise.resolve(), open: (): void => undefined };
  const store: Store = {
    ...inner,
    async read(...args) {
      await gate.opens;
      return inner.read(...args);
    },
  };
  return {
    store,
    shut: () => {
      gate.opens = new Promise((resolve) => {
        gate.open = resolve;
      });
    },
    open: () => gate.open(),
  };
}

it("keeps commands and health going when it can't do everything, and everything again as soon as it can", async () => {
  const clock = createManualClock();
  const gated = gatedStore(createMemoryStore());
  const overload = createOverloadLimit({ minLimit: 20, maxLimit: 20, timers: clock });
  const engine = await createEngine({ store: gated.store, catalog: testCatalog(), clock, overload });
  onTestFinished(async () => engine.close());
  // The header says who it is.
  const server = createServer({
    engine,
    logLevel: "silent",
    authenticate: ({ headers }) => ({
      playerId: String(headers["x-player"]),
      isAdmin: headers["x-player"] === "ops",
      actor: "test",
    }),
  });
  const url = await server.listen({ port: 0 });
  onTestFinished(async () => server.close());
  const ask = async (player: string, path = "/queue", method = "GET") => {
    const body = method === "GET" ? {} : { body: JSON.stringify({ activity: "dig" }) };
    const response = await fetch(`${url}/v1/players/${player}${path}`, {
      method,
      headers: { "x-player": player, "content-type": "application/json" },
      ...body,
    });
    await response.text();
    return response;
  };
  const command = async (player: string) => (await ask(player, "/queue/tasks", "POST")).status;
  const read = async (player: string) => (await ask(player)).status;
  const low = async (player: string) => (await ask(player, "/stats")).status;
  const underWay = async (count: number) => expect.poll(() => overload.stats().inFlight).toBe(count);
  const players = Array.from({ length: 20 }, (_, index) => `p${index}`);
  expect(await Promise.all(players.map(command))).toEqual(players.map(() => 201));
  await underWay(0);
  clock.advance(WINDOW_MS);

  gated.shut();
  const waiting = players.slice(0, 10).map(command);
  await underWay(10);
  // Half of the limit is taken: that much what is low may fill, and no more.
  expect(await low("p11")).toBe(503);
  const waitingReads = players.slice(10, 18).map(read);
  await underWay(18);
  const refusedRead = await ask("p18");
  expect(refusedRead.status).toBe(503);
  expect(Number(refusedRead.headers.get("retry-after"))).toBeGreaterThan(0);
  waiting.push(...players.slice(18).map(command));
  await underWay(20);
  expect(await command("p10")).toBe(503);
  clock.advance(WINDOW_MS);
  const health = await fetch(`${url}/healthz`);
  expect([health.status, health.headers.get("degradation-step")]).toEqual([200, "3"]);
  const performance = await fetch(`${url}/v1/admin/performance`, { headers: { "x-player": "ops" } });
  expect(await performance.json()).toMatchObject({
    overloadStats: {
      step: 3,
      inFlight: 20,
      refusedForLoad: 3,
      refusedForMemory: 0,
      stepsEntered: { 1: 1, 2: 1, 3: 1 },
      byPriority: { command: { inFlight: 12, refused: 1 }, read: { refused: 1 }, low: { refused: 1 } },
    },
    serviceStats: { errors: {} },
  });

  gated.open();
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: 12 }, () => 201));
  expect(await Promise.all(waitingReads)).toEqual(Array.from({ length: 8 }, () => 200));
  await underWay(0);
  clock.advance(4_000);
  expect([overload.step(), await low("p11"), await read("p18"), await command("p10")]).toEqual([
    0, 200, 200, 201,
  ]);
  expect((await ask("p1")).headers.get("degradation-step")).toBeNull();
});
