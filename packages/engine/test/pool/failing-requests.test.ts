/** What callers are told when there is no answer, and what is never done behind their backs. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { failureCauseOf, mayHaveHappened } from "../../src/pool/pool-errors.js";
import { createConnectionPool } from "../../src/pool/connection-pool.js";
import { createManualTimers } from "./manual-timers.js";
import { type Arrival, ask, echo, openStub, poolFor, requestTo, until } from "./stub-server.js";

/** A port on which nobody listens. */
async function deadEndpoint(): Promise<URL> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return new URL(`http://127.0.0.1:${port}`);
}

const told = async (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => "an answer",
    (error: unknown) => error,
  );

describe("A request that gets no answer", () => {
  it("in time may have happened once it was sent, and its late answer is nobody else's", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { maxConnections: 1, minConnections: 1, connectionTimeoutMs: 500, timers });
    await pool.warm({ endpoint: stub.endpoint });
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const late = told(ask(pool, stub, "late"));
    await until(() => held.length === 1);
    timers.advance(499);
    expect(pool.stats().timeouts).toBe(0);
    timers.advance(1);
    expect(await late).toMatchObject({
      code: "STORE_UNAVAILABLE",
      details: { cause: "answering-timeout", mayHaveHappened: true, timeoutMs: 500 },
    });
    stub.answer = echo;
    const next = ask(pool, stub, "next");
    for (const arrival of held) echo(arrival);
    expect(await next).toBe("next");
    expect(pool.stats()).toMatchObject({ timeouts: 1, closed: { abandoned: 1 }, opened: 2 });
  });

  it("in time surely did not happen while it waited for a connection", async () => {
    const stub = await openStub();
    const timers = createManualTimers();
    const pool = poolFor(stub, { maxConnections: 1, timers });
    await pool.warm({ endpoint: stub.endpoint });
    stub.answer = () => undefined;
    const first = told(ask(pool, stub, "first", { requestTimeout: 60_000 }));
    const second = told(ask(pool, stub, "second"));
    await until(() => stub.bodies.length === 1);
    timers.advance(5_000);
    expect(await second).toMatchObject({
      code: "OVERLOADED",
      details: { cause: "waiting-timeout", mayHaveHappened: false },
    });
    pool.destroy();
    expect(mayHaveHappened(await first)).toBe(true);
    expect(stub.bodies).toEqual(["first"]);
  });

  it("in time surely did not happen while no connection could be opened", async () => {
    // It takes connections and never says a word of TLS.
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const endpoint = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const timers = createManualTimers();
    const pool = createConnectionPool({ timers });
    onTestFinished(() => pool.destroy());
    const request = told(pool.handle(requestTo(endpoint, "never")));
    timers.advance(5_000);
    expect(await request).toMatchObject({
      code: "STORE_UNAVAILABLE",
      details: { cause: "connecting-timeout", mayHaveHappened: false },
    });
  });

  it("because nobody listens is told so after a few tries, not at the end of its time", async () => {
    const endpoint = await deadEndpoint();
    const pool = createConnectionPool();
    const error = await told(pool.handle(requestTo(endpoint, "never")));
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", details: { reason: "ECONNREFUSED" } });
    expect(failureCauseOf(error)).toBe("unreachable");
    expect(mayHaveHappened(error)).toBe(false);
    expect(pool.stats().opened).toBe(0);
    expect(pool.stats().openingFailures).toBeGreaterThanOrEqual(3);
    expect(await told(pool.warm({ endpoint }))).toMatchObject({ code: "STORE_UNAVAILABLE" });
    await pool.close();
  });

  it("because the connection broke after the server read it may have happened, and is not sent again", async () => {
    const stub = await openStub();
    const pool = poolFor(stub);
    await pool.warm({ endpoint: stub.endpoint });
    stub.answer = ({ socket }) => void socket.resetAndDestroy();
    const error = await told(ask(pool, stub, "once"));
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", details: { mayHaveHappened: true } });
    expect(failureCauseOf(error)).toBe("broken-off");
    expect(stub.bodies).toEqual(["once"]);
    stub.answer = echo;
    expect(await ask(pool, stub, "next")).toBe("next");
    expect(pool.stats()).toMatchObject({ closed: { dead: 1 }, failures: { "broken-off": 1 } });
  });

  it("because only half of the answer came may have happened, and is not sent again", async () => {
    const stub = await openStub();
    const pool = poolFor(stub);
    stub.answer = ({ response, socket }) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => socket.destroy());
    };
    expect(failureCauseOf(await told(ask(pool, stub, "once")))).toBe("broken-off");
    expect(stub.bodies).toEqual(["once"]);
  });

  it("because the server hangs up on every connection ends, and doesn't hammer the server", async () => {
    const stub = await openStub();
    stub.welcome = (socket) => void socket.resetAndDestroy();
    const pool = poolFor(stub);
    const error = await told(ask(pool, stub, "never"));
    expect(["broken-off", "unreachable"]).toContain(failureCauseOf(error));
    expect(stub.accepted()).toBeLessThanOrEqual(4);
  });

  it("is told of without a word of its headers or its body", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1, maxWaiting: 0 });
    await pool.warm({ endpoint: stub.endpoint });
    stub.answer = () => undefined;
    const first = told(ask(pool, stub, "the-body"));
    const refused = await told(ask(pool, stub, "the-body"));
    await until(() => stub.bodies.length === 1);
    for (const socket of stub.sockets) socket.resetAndDestroy();
    for (const error of [await first, refused]) {
      expect(error).toBeInstanceOf(Error);
      const { message, stack, details, cause } = error as Error & { details: unknown };
      const all = JSON.stringify({ message, stack, details, cause });
      expect(all).not.toMatch(/a-secret|authorization|the-body/i);
    }
  });

  it("may have happened, for all that the pool knows of an error that is not its own", () => {
    expect(mayHaveHappened(new Error("socket hang up"))).toBe(true);
    expect(mayHaveHappened(undefined)).toBe(true);
    expect(failureCauseOf(new Error("socket hang up"))).toBeUndefined();
  });
});
