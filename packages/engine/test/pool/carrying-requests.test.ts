/** What a pool does with requests: carries them, shares them out, and refuses what is too much. */
import { isMainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { failureCauseOf, mayHaveHappened } from "../../src/pool/pool-errors.js";
import { createManualTimers } from "./manual-timers.js";
import { type Arrival, ask, echo, openStub, poolFor, requestTo, until } from "./stub-server.js";

describe("Requests", () => {
  it("are answered whole, whatever the status and however the answer is cut", async () => {
    const stub = await openStub();
    const pool = poolFor(stub);
    stub.answer = ({ response }) => {
      response.writeHead(400, { "x-amzn-requestid": "R1", "x-twice": ["a", "b"] });
      response.write("one ");
      setImmediate(() => response.end("two"));
    };
    const { response } = await pool.handle(requestTo(stub.endpoint, "question"));
    expect(response.statusCode).toBe(400);
    expect(response.headers).toMatchObject({ "x-amzn-requestid": "R1", "x-twice": "a, b" });
    expect(Buffer.from(response.body as Uint8Array).toString()).toBe("one two");
    stub.answer = ({ response: empty }) => void empty.end();
    expect(await ask(pool, stub, "again")).toBe("");
    expect(pool.stats()).toMatchObject({ requests: 2, answers: 2 });
  });

  it("carry their query, headers and bytes", async () => {
    const stub = await openStub();
    let arrived: Arrival | undefined;
    stub.answer = (arrival) => {
      arrived = arrival;
      echo(arrival);
    };
    const request = requestTo(stub.endpoint, new TextEncoder().encode("bytes"), { a: "1" });
    await poolFor(stub).handle(request);
    expect(arrived?.message.url).toBe("/?a=1");
    expect(arrived?.message.headers).toMatchObject({
      host: stub.endpoint.host,
      authorization: "Signature=a-secret",
      "content-length": "5",
    });
    expect(stub.bodies).toEqual(["bytes"]);
  });

  it("go over TLS connections that were opened ahead of need", async () => {
    const stub = await openStub({ isTls: true });
    const pool = poolFor(stub, { maxConnections: 4, timers: createManualTimers() });
    await pool.warm({ endpoint: stub.endpoint, connections: 4 });
    await until(() => stub.accepted() === 4);
    expect(pool.stats().connections).toMatchObject({ open: 4, idle: 4, connecting: 0 });
    await Promise.all(["a", "b", "c", "d"].map((body) => ask(pool, stub, body)));
    expect(stub.accepted()).toBe(4);
    expect(pool.stats().waits).toEqual({ meanMs: 0, maxMs: 0, requests: 4 });
  });

  it("go to the connection with the least in flight, and of those to the one with the fewest uses", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 3, timers: createManualTimers() });
    await pool.warm({ endpoint: stub.endpoint, connections: 3 });
    for (let round = 0; round < 6; round += 1) await ask(pool, stub, "in turn");
    expect(pool.stats().usage.map(({ uses }) => uses)).toEqual([2, 2, 2]);
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const answers = ["a", "b", "c"].map((body) => ask(pool, stub, body));
    await until(() => held.length === 3);
    expect(pool.stats().usage.map(({ inFlight }) => inFlight)).toEqual([1, 1, 1]);
    expect(new Set(held.map(({ socket }) => socket)).size).toBe(3);
    for (const arrival of held) echo(arrival);
    expect(await Promise.all(answers)).toEqual(["a", "b", "c"]);
  });

  it("wait in their order when all connections are busy, and are refused when too many wait", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1, maxWaiting: 3 });
    await pool.warm({ endpoint: stub.endpoint });
    const held: Arrival[] = [];
    stub.answer = (arrival) => void held.push(arrival);
    const answers = ["1", "2", "3", "4"].map((body) => ask(pool, stub, body));
    const refused: unknown = await ask(pool, stub, "5").catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "OVERLOADED", details: { waiting: 3, maxWaiting: 3 } });
    expect(isMainspringError(refused)).toBe(true);
    expect(mayHaveHappened(refused)).toBe(false);
    expect(pool.stats()).toMatchObject({ waiting: 3, mostWaiting: 3, refused: 1, requests: 4 });
    await until(() => held.length === 1);
    stub.answer = echo;
    for (const arrival of held) echo(arrival);
    expect(await Promise.all(answers)).toEqual(["1", "2", "3", "4"]);
    expect(stub.bodies).toEqual(["1", "2", "3", "4"]);
    expect(pool.stats()).toMatchObject({ waiting: 0, opened: 1, failures: { overloaded: 1 } });
  });

  it("find a connection to themselves even where no waiting is allowed", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1, maxWaiting: 0 });
    await pool.warm({ endpoint: stub.endpoint });
    expect(await ask(pool, stub, "one")).toBe("one");
    expect(await ask(pool, stub, "two")).toBe("two");
  });

  it("that the pool can't carry are refused before anything is sent", async () => {
    const stub = await openStub();
    const pool = poolFor(stub);
    await pool.warm({ endpoint: stub.endpoint });
    const elsewhere = requestTo(new URL("http://127.0.0.1:1"), "lost");
    const streamed = requestTo(stub.endpoint, new ReadableStream());
    for (const request of [elsewhere, streamed]) {
      const refused: unknown = await pool.handle(request).catch((error: unknown) => error);
      expect(failureCauseOf(refused)).toBe("unsupported");
      expect(mayHaveHappened(refused)).toBe(false);
    }
    expect(stub.bodies).toEqual([]);
  });

  it("can be called off while they wait, and while they are answered", async () => {
    const stub = await openStub();
    const pool = poolFor(stub, { maxConnections: 1, minConnections: 1 });
    await pool.warm({ endpoint: stub.endpoint });
    stub.answer = () => undefined;
    const [sent, waiting] = [new AbortController(), new AbortController()];
    const first = ask(pool, stub, "sent", { abortSignal: sent.signal }).catch((error: unknown) => error);
    const second = ask(pool, stub, "waiting", { abortSignal: waiting.signal }).catch(
      (error: unknown) => error,
    );
    await until(() => stub.bodies.length === 1);
    waiting.abort();
    expect(await second).toMatchObject({ name: "AbortError" });
    expect(mayHaveHappened(await second)).toBe(false);
    sent.abort();
    expect(await first).toMatchObject({ name: "AbortError" });
    expect(mayHaveHappened(await first)).toBe(true);
    const before: unknown = await ask(pool, stub, "late", { abortSignal: sent.signal }).catch(
      (e: unknown) => e,
    );
    expect(before).toMatchObject({ name: "AbortError", details: { mayHaveHappened: false } });
    expect(stub.bodies).toEqual(["sent"]);
    stub.answer = echo;
    expect(await ask(pool, stub, "next")).toBe("next");
    expect(pool.stats()).toMatchObject({ failures: { aborted: 3 }, closed: { abandoned: 1 } });
  });
});
