/** How many connections a pool keeps, and which it lets go. */
import { describe, expect, it } from "vitest";
import { createManualTimers } from "./manual-timers.js";
import { type Arrival, ask, echo, openStub, poolFor, until } from "./stub-server.js";

const PERIOD_MS = 60_000;

describe("A pool", () => {
  it("grows while requests wait, up to the maximum, and no faster than it doubles", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { maxConnections: 6, minConnections: 1, growAfterMs: 5, timers });
    await pool.warm({ endpoint: stub.endpoint });
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const answers = Array.from({ length: 10 }, (_, number) => ask(pool, stub, `${number}`));
    for (const expected of [1, 2, 4, 6]) {
      await until(() => held.length === expected);
      timers.advance(4);
      expect(pool.stats().connections).toMatchObject({ open: expected, connecting: 0 });
      timers.advance(1);
    }
    expect(pool.stats()).toMatchObject({ waiting: 4, connections: { open: 6, busy: 6, connecting: 0 } });
    stub.answer = echo;
    for (const arrival of held) echo(arrival);
    expect(await Promise.all(answers)).toHaveLength(10);
    expect(pool.stats().waits).toMatchObject({ requests: 10, maxMs: 20 });
  });

  it("doesn't grow for a request that waits shorter than the time of growth", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { maxConnections: 6, minConnections: 1, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all(["a", "b", "c"].map((body) => ask(pool, stub, body)));
    timers.advance(1_000);
    expect(pool.stats()).toMatchObject({ opened: 1, mostWaiting: 2 });
  });

  it("shrinks by half of what a period's load did not need, and never below the minimum", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, {
      maxConnections: 9,
      minConnections: 2,
      idleTimeoutMs: 10 * PERIOD_MS,
      usagePeriodMs: PERIOD_MS,
      timers,
    });
    await pool.warm({ endpoint: stub.endpoint, connections: 9 });
    const opens: number[] = [];
    for (let period = 0; period < 5; period += 1) {
      await Promise.all(["a", "b", "c"].map((body) => ask(pool, stub, body)));
      timers.advance(PERIOD_MS);
      opens.push(pool.stats().connections.open);
    }
    expect(opens).toEqual([6, 4, 3, 3, 3]);
    expect(pool.stats().closed).toMatchObject({ shrunk: 6, idle: 0, dead: 0 });
    timers.advance(3 * PERIOD_MS);
    expect(pool.stats().connections.open).toBe(2);
    await until(() => stub.sockets.size === 2);
  });

  it("counts each connection's uses anew in each period", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 2, usagePeriodMs: PERIOD_MS, timers });
    await pool.warm({ endpoint: stub.endpoint });
    for (let round = 0; round < 4; round += 1) await ask(pool, stub, "use");
    expect(pool.stats().usage.map(({ uses }) => uses)).toEqual([2, 2]);
    expect(pool.stats().waits.requests).toBe(4);
    timers.advance(PERIOD_MS);
    expect(pool.stats().usage.map(({ uses }) => uses)).toEqual([0, 0]);
    expect(pool.stats().waits.requests).toBe(0);
    expect(pool.stats().requests).toBe(4);
  });

  it("closes connections that nobody used for the idle time-out, down to the minimum", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { maxConnections: 5, usagePeriodMs: 10 ** 9, timers });
    await pool.warm({ endpoint: stub.endpoint, connections: 5 });
    timers.advance(299_000);
    expect(pool.stats().connections.open).toBe(5);
    timers.advance(2_000);
    expect(pool.stats()).toMatchObject({ connections: { open: 2 }, closed: { idle: 3 } });
    await until(() => stub.sockets.size === 2);
  });

  it("replaces dead connections up to the minimum while it is in use", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 2, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all([ask(pool, stub, "a"), ask(pool, stub, "b")]);
    for (const socket of stub.sockets) socket.destroy();
    await until(() => pool.stats().closed.dead === 2 && pool.stats().connections.open === 2);
    expect(pool.stats().opened).toBe(4);
  });

  it("notices that a connection died which was never used", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 2, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await until(() => stub.sockets.size === 2);
    for (const socket of stub.sockets) socket.end();
    await until(() => pool.stats().closed.dead === 2);
    timers.advance(1_000);
    await until(() => pool.stats().connections.open === 2);
  });

  it("lets dead connections be when nobody has used it for long, and comes back when somebody does", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 2, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all([ask(pool, stub, "a"), ask(pool, stub, "b")]);
    timers.advance(301_000);
    for (const socket of stub.sockets) socket.destroy();
    await until(() => pool.stats().closed.dead === 2);
    timers.advance(60_000);
    expect(pool.stats().connections).toMatchObject({ open: 0, connecting: 0 });
    expect(await ask(pool, stub, "back")).toBe("back");
    timers.advance(1_000);
    await until(() => pool.stats().connections.open === 2);
  });

  it("leaves a connection that the server wants closed", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1 });
    stub.answer = (arrival) => {
      arrival.response.shouldKeepAlive = false;
      echo(arrival);
    };
    for (const body of ["a", "b", "c"]) expect(await ask(pool, stub, body)).toBe(body);
    expect(stub.accepted()).toBe(3);
    expect(pool.stats()).toMatchObject({ answers: 3, closed: { dead: 3 } });
  });

  it("finishes what waits and what is under way before it closes, and takes nothing new", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1 });
    await pool.warm({ endpoint: stub.endpoint });
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const answers = [ask(pool, stub, "under way"), ask(pool, stub, "waiting")];
    await until(() => held.length === 1);
    const closed = pool.close();
    await expect(ask(pool, stub, "new")).rejects.toMatchObject({
      code: "SHUTTING_DOWN",
      details: { mayHaveHappened: false },
    });
    stub.answer = echo;
    for (const arrival of held) echo(arrival);
    expect(await Promise.all(answers)).toEqual(["under way", "waiting"]);
    await closed;
    await until(() => stub.sockets.size === 0);
    expect(pool.stats()).toMatchObject({ connections: { open: 0, connecting: 0 }, closed: { shutdown: 1 } });
    await pool.close();
  });
});
