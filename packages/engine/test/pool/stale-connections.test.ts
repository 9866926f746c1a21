/** Connections that died while nobody looked: no request may fail because of one. */
import { describe, expect, it } from "vitest";
import { createManualTimers } from "./manual-timers.js";
import { type Arrival, ask, echo, openStub, poolFor, until } from "./stub-server.js";

const all = ["a", "b", "c", "d"];

describe("After a pause", () => {
  it("in which the server closed all connections no request fails", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, timers });
    await pool.warm({ endpoint: stub.endpoint });
    for (let pause = 0; pause < 20; pause += 1) {
      expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
      for (const socket of stub.sockets) socket.destroy();
      // Not a moment in which the pool could notice by itself.
      timers.advance(5_000);
    }
    expect(pool.stats()).toMatchObject({ answers: 80, failures: { "broken-off": 0 } });
    expect(stub.bodies).toHaveLength(80);
  });

  it("in which this process was too busy to read the server's goodbye no request fails", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all(all.map((body) => ask(pool, stub, body)));
    for (let pause = 0; pause < 20; pause += 1) {
      for (const socket of stub.sockets) socket.destroy();
      // Too short for a check.
      timers.advance(100);
      expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
    }
    expect(pool.stats()).toMatchObject({ answers: 84, checks: 0 });
    expect(pool.stats().moved).toBeGreaterThan(0);
  });

  it("a connection is asked whether it lives, and used again if it does", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, timers });
    await pool.warm({ endpoint: stub.endpoint });
    timers.advance(4_001);
    expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
    expect(stub.checks()).toBe(4);
    expect(pool.stats()).toMatchObject({ checks: 4, opened: 4, closed: { dead: 0 } });
    timers.advance(3_000);
    await Promise.all(all.map((body) => ask(pool, stub, body)));
    expect(stub.checks()).toBe(4);
  });

  it("a connection over TLS to a host with a name survives being asked, and the requests after it", async () => {
    const stub = await openStub({ isTls: true, host: "localhost" });
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, timers });
    await pool.warm({ endpoint: stub.endpoint });
    for (let pause = 0; pause < 3; pause += 1) {
      expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
      timers.advance(4_001);
    }
    expect(stub.checks()).toBeGreaterThan(0);
    expect(stub.accepted()).toBe(4);
    expect(pool.stats()).toMatchObject({ opened: 4, moved: 0, closed: { dead: 0 } });
  });

  it("a connection that the server closes in the very moment it is asked is replaced, and nobody notices", async () => {
    const stub = await openStub({ isTls: true });
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all(all.map((body) => ask(pool, stub, body)));
    stub.answerCheck = ({ socket }) => void socket.destroy();
    timers.advance(10_000);
    expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
    expect(pool.stats()).toMatchObject({ answers: 8, closed: { dead: 4 } });
  });

  it("a connection that says nothing any more is given up after a second, and nobody notices", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 1, maxConnections: 1, timers });
    await pool.warm({ endpoint: stub.endpoint });
    stub.answerCheck = () => undefined;
    timers.advance(10_000);
    const answer = ask(pool, stub, "patient");
    await until(() => stub.checks() === 1);
    expect(pool.stats()).toMatchObject({ waiting: 1, connections: { checking: 1 } });
    timers.advance(1_000);
    expect(await answer).toBe("patient");
    expect(pool.stats()).toMatchObject({ closed: { dead: 1 }, opened: 2 });
  });

  it("a connection is doubted from before the end of the time that the server promised to keep it", async () => {
    const stub = await openStub({ keepAliveTimeoutMs: 3_000 });
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 1, maxConnections: 1, timers });
    await ask(pool, stub, "promise");
    timers.advance(2_000);
    await ask(pool, stub, "trusted");
    expect(stub.checks()).toBe(0);
    timers.advance(2_001);
    await ask(pool, stub, "doubted");
    expect(stub.checks()).toBe(1);
  });

  it("a request that was not sent yet goes elsewhere when its connection ends", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { minConnections: 2, maxConnections: 2, timers: createManualTimers() });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all([ask(pool, stub, "a"), ask(pool, stub, "b")]);
    await until(() => pool.stats().connections.idle === 2);
    for (let round = 0; round < 20; round += 1) {
      const [socket] = stub.sockets;
      // The FIN is on its way when the request is given to the pool, and undici looks before it writes.
      await new Promise<void>((resolve) => {
        socket?.once("close", () => resolve()).destroy();
      });
      expect(await ask(pool, stub, `${round}`)).toBe(`${round}`);
      await until(() => pool.stats().connections.idle === 2);
    }
    expect(stub.bodies).toHaveLength(22);
  });
});

describe("After a freeze", () => {
  it("that the monotonic clock shows, connections are checked before they are used", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { minConnections: 4, checkAfterMs: 10 ** 9, timers });
    await pool.warm({ endpoint: stub.endpoint });
    await Promise.all(all.map((body) => ask(pool, stub, body)));
    stub.answerCheck = ({ socket, response }) => {
      // Half of them live.
      if (stub.checks() % 2 === 0) socket.destroy();
      else response.end();
    };
    timers.jump(60_000);
    expect(await Promise.all(all.map((body) => ask(pool, stub, body)))).toEqual(all);
    expect(pool.stats()).toMatchObject({ freezes: 1, answers: 8, closed: { frozen: 2, dead: 0 } });
  });

  it("that only the clock on the wall shows, connections are checked before they are used", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    let wallMs = 0;
    const pool = poolFor(stub, { timers, wallClock: { nowMs: () => wallMs } });
    await pool.warm({ endpoint: stub.endpoint });
    await ask(pool, stub, "before");
    wallMs += 3_600_000;
    await ask(pool, stub, "after");
    expect(pool.stats()).toMatchObject({ freezes: 1, checks: 1 });
    expect(stub.checks()).toBe(1);
  });

  it("an answer that lies in the socket already is taken, though its time is over", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { timers });
    await pool.warm({ endpoint: stub.endpoint });
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const answer = ask(pool, stub, "frozen");
    await until(() => held.length === 1);
    for (const arrival of held) echo(arrival);
    timers.jump(60_000);
    expect(await answer).toBe("frozen");
    expect(pool.stats().timeouts).toBe(0);
  });
});
