/** At the door: what is asked of the limit, and what a refusal looks like, down to its bytes. */
import dns from "node:dns";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  createEngine,
  type DegradationStep,
  type OverloadLimit,
  type OverloadStats,
  type PriorityStats,
  type Refusal,
  type RequestPriority,
} from "@mainspring/engine";
import { cached, createCache } from "@mainspring/engine/cache";
import { createFlags } from "@mainspring/engine/flags";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { overloaded } from "../../src/http/overload/refusals.js";
import { priorityOf } from "../../src/http/overload/priority-of.js";
import { type CreateServerOptions, createServer, type Server } from "../../src/index.js";
import { MAX_BODY_BYTES } from "../../src/limits.js";
import { testCatalog } from "../support/test-catalog.js";

const REFUSAL: Refusal = { isAdmitted: false, reason: "load", step: 2, retryAfterSeconds: 7 };
const QUEUE = "/v1/players/ada/queue";

/** A limit that does as it is told, and keeps the books. */
function scriptedLimit() {
  const books = {
    asked: [] as RequestPriority[],
    ended: [] as number[],
    refusal: null as Refusal | null,
    step: 0 as DegradationStep,
    hasMemory: true,
  };
  const limit: OverloadLimit = {
    enter(priority) {
      books.asked.push(priority);
      if (books.refusal !== null) return books.refusal;
      const index = books.ended.push(0) - 1;
      return {
        isAdmitted: true,
        done() {
          books.ended[index] = (books.ended[index] ?? 0) + 1;
        },
      };
    },
    hasMemoryFor: () => books.hasMemory,
    step: () => books.step,
    stats: () => QUIET,
    close: () => undefined,
  };
  return { books, limit };
}

async function open(
  { prepare, ...options }: Partial<CreateServerOptions> & { prepare?: (server: Server) => void } = {},
  host = "127.0.0.1",
) {
  const { books, limit } = scriptedLimit();
  const store = cached(createMemoryStore(), createCache({ isSoleWriter: true }));
  const on = { isFor: (_playerId: string): boolean => true };
  const flags = {
    ...createFlags({ lookEveryMs: null }),
    asks: () => (playerId: string) => on.isFor(playerId),
  };
  const inner = await createEngine({ store, catalog: testCatalog(), overload: limit, flags });
  onTestFinished(async () => inner.close());
  const gate = { opens: Promise.resolve() };
  const engine: typeof inner = {
    ...inner,
    async read(playerId, readOptions) {
      await gate.opens;
      return inner.read(playerId, readOptions);
    },
  };
  const caller = { playerId: "ada", isAdmin: true, actor: "ada" };
  const server = createServer({ authenticate: () => caller, logLevel: "silent", ...options, engine });
  prepare?.(server);
  const url = await server.listen({ port: 0, host });
  onTestFinished(async () => server.close());
  return { books, on, flags, url, server, gate, port: Number(new URL(url).port) };
}

async function connected(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect({ host: "127.0.0.1", port });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return { socket, heard: () => Buffer.concat(chunks).toString("latin1") };
}

/** All bytes that come back until the server ends the connection. */
async function exchange(port: number, bytes: string): Promise<string> {
  const { socket, heard } = await connected(port);
  const closed = once(socket, "close");
  socket.write(bytes);
  await closed;
  return heard();
}

const NONE: PriorityStats = { admitted: 0, refused: 0, inFlight: 0, withoutQueueMs: null };

const QUIET: OverloadStats = {
  isOn: true,
  step: 0,
  limit: 1,
  inFlight: 0,
  byPriority: { command: NONE, read: NONE, low: NONE },
  refusedForLoad: 0,
  refusedForMemory: 0,
  stepsEntered: { 1: 0, 2: 0, 3: 0 },
};

function head(method: string, path: string, lines: readonly string[] = []): string {
  return [`${method} ${path} HTTP/1.1`, "Host: game.test", ...lines, "", ""].join("\r\n");
}
const LAST = "Connection: close";

function normalised(bytes: string): string {
  return bytes
    .replaceAll(/^Date: .*$/gm, "Date: now")
    .replaceAll(/[0-9a-f]{8}-[0-9a-z]{1,4}\b/g, "<request>");
}

const statuses = (bytes: string): string[] =>
  [...bytes.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? "");

describe("the door", () => {
  it.each([
    ["GET", "/healthz", null],
    ["GET", "/readyz?verbose", null],
    ["HEAD", "/metrics", null],
    ["GET", "/openapi.json", null],
    ["GET", "/v1/admin/performance", null],
    ["POST", "/v1/admin/heap/snapshots", null],
    ["GET", "/v1/admin/flags?x", null],
    ["PUT", "/v1/admin/flags/cache", null],
    ["POST", "/v1/admin/flagsandmore", "command"],
    ["GET", "/v1/admin/flagsandmore", "low"],
    ["POST", "/healthz", "command"],
    ["POST", `${QUEUE}/tasks`, "command"],
    ["PUT", `${QUEUE}/order`, "command"],
    ["DELETE", `${QUEUE}/tasks/1`, "command"],
    ["POST", "/v1/players/ada/away/ack", "command"],
    ["POST", "/v1/admin/catalogs", "command"],
    ["BREW", "/v1/players/ada", "command"],
    ["GET", "/v1/players/ada", "read"],
    ["GET", QUEUE, "read"],
    ["GET", "/v1/players/ada/progress?x=/stats", "read"],
    ["GET", "/v1/catalog", "read"],
    ["GET", "/v1/quests", "read"],
    ["OPTIONS", QUEUE, "read"],
    ["GET", "/v1/players/ada/stats", "low"],
    ["GET", "/v1/players/ada/events?after=3", "low"],
    ["GET", "/v1/players/ada/away", "low"],
    ["GET", "/v1/admin/players/ada", "low"],
    ["GET", "/v1/admin/performance/x", "low"],
  ] as const)("takes %s %s for %s", (method, url, priority) => {
    expect(priorityOf(method, url)).toBe(priority);
  });

  it("asks for everything but health, and for reads that are at hand only when memory is short", async () => {
    const { books, url } = await open();
    const look = async (path: string, method = "GET") => (await fetch(url + path, { method })).status;
    expect([await look("/healthz"), await look("/v1/admin/performance"), books.asked]).toEqual([
      200,
      200,
      [],
    ]);
    expect([await look(QUEUE), books.asked]).toEqual([200, ["read"]]);
    expect([await look(QUEUE), books.asked.length]).toEqual([200, 1]);
    expect([await look("/v1/players/ada/stats"), await look(`${QUEUE}/pause`, "POST")]).toEqual([200, 200]);
    expect(books.asked).toEqual(["read", "low", "command"]);
    await look(QUEUE);
    expect(books.asked.length).toBe(3);
    books.hasMemory = false;
    await look(QUEUE);
    expect(books.asked.slice(3)).toEqual(["read"]);
  });

  it("stands before Fastify whatever else does, or doesn't", async () => {
    let hooked = 0;
    const hook = async () => {
      hooked += 1;
    };
    const options = [
      {},
      { hasFastReads: false },
      { logLevel: "debug" as const, logTo: { write: () => undefined } },
      { prepare: ({ fastify }: Server) => void fastify.addHook("onRequest", hook) },
    ];
    for (const option of options) {
      const { books, url } = await open(option);
      books.refusal = REFUSAL;
      expect((await fetch(url + QUEUE)).status).toBe(503);
    }
    expect(hooked).toBe(0);
  });

  it("stands before all that listens, also where a name has several addresses", async () => {
    const look = dns.lookup;
    const both = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    const everyAddress = (...given: readonly unknown[]): void => {
      const [name, options] = given as [string, { readonly all?: boolean }];
      const tell = given.at(-1) as (error: null, addresses: typeof both) => void;
      if (name === "localhost" && options.all === true) tell(null, both);
      else Reflect.apply(look, dns, given);
    };
    const spy = vi.spyOn(dns, "lookup").mockImplementation(everyAddress);
    onTestFinished(() => spy.mockRestore());
    const { books, port } = await open({}, "localhost");
    books.refusal = REFUSAL;
    const answers = await Promise.all(
      both.map(async ({ address }) =>
        fetch(`http://${address}:${port}/v1/catalog`).then(
          ({ headers }) => headers.get("retry-after"),
          () => "nobody listens",
        ),
      ),
    );
    expect(answers).toEqual(["7", "nobody listens"]);
  });

  it("lets nobody but Fastify in the way where there is no limit", async () => {
    const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
    const caller = { playerId: "ada", isAdmin: false, actor: "ada" };
    const server = createServer({ engine, authenticate: () => caller, logLevel: "silent" });
    const response = await fetch((await server.listen({ port: 0 })) + QUEUE);
    expect([response.status, response.headers.get("degradation-step")]).toEqual([200, null]);
    await server.close();
    await engine.close();
  });
});

describe("a request that was let in", () => {
  it("ends once: when it is answered, refused otherwise, or its connection breaks off", async () => {
    const { books, url, port, gate } = await open();
    const everyoneGone = async (count: number) =>
      expect.poll(() => books.ended).toEqual(Array.from({ length: count }, () => 1));
    await (await fetch(url + QUEUE)).text();
    await (await fetch(`${url}/v1/nothing`)).text();
    await (await fetch(`${url}${QUEUE}/tasks`, { method: "POST", body: "no json" })).text();
    await (await fetch(url + QUEUE, { method: "HEAD" })).text();
    await everyoneGone(4);
    let letGo = (): void => undefined;
    gate.opens = new Promise((resolve) => {
      letGo = resolve;
    });
    const { socket } = await connected(port);
    // Three on one connection: for the answers of the last two it never is their turn.
    socket.write(
      head("GET", "/v1/admin/players/a") + head("GET", "/v1/players/b") + head("GET", "/v1/players/c"),
    );
    await expect.poll(() => books.asked.length).toBe(7);
    expect(books.ended.slice(4)).toEqual([0, 0, 0]);
    socket.destroy();
    await everyoneGone(7);
    letGo();
    await (await fetch(`${url}/v1/players/b`)).text();
    await everyoneGone(8);
  });
});

describe("a refusal", () => {
  it.each(
    (["load", "memory"] as const).flatMap((reason) =>
      ([0, 1, 2, 3] as const).map((step) => [reason, step] as const),
    ),
  )("for %s at step %i has the bytes that Fastify sends for such a problem", async (reason, step) => {
    const refusal: Refusal = { isAdmitted: false, reason, step, retryAfterSeconds: 11 };
    const { books, port } = await open({
      prepare({ fastify }) {
        fastify.route({
          method: ["GET", "POST"],
          url: "/v1/same",
          config: { access: "open" },
          handler: async (request) => {
            throw overloaded(refusal, request.method === "POST" ? "command" : "read");
          },
        });
      },
    });
    const json = ["Content-Type: application/json", "Content-Length: 2"];
    const requests = [
      head("GET", "/v1/same", [LAST]),
      head("GET", "/v1/same", ["X-Request-Id: mine-1", LAST]),
      head("GET", "/v1/same") + head("GET", "/v1/same", [LAST]),
      `${head("POST", "/v1/same", [...json, LAST])}{}`,
      head("GET", "/v1/same", [LAST]).replace("1.1", "1.0"),
    ];
    books.step = step;
    for (const bytes of requests) {
      books.refusal = refusal;
      const fast = normalised(await exchange(port, bytes));
      books.refusal = null;
      const entered = books.ended.length;
      const slow = normalised(await exchange(port, bytes));
      expect(books.ended.length).toBeGreaterThan(entered);
      expect(fast).toBe(slow);
      expect(fast.includes(`\r\ndegradation-step: ${step}\r\n`)).toBe(step > 0);
      expect(fast).toContain('"code":"OVERLOADED"');
      expect(fast).toContain("\r\nretry-after: 11\r\n");
    }
  });

  it("says why, at which step, for what and for how long", async () => {
    const { books, url } = await open();
    books.refusal = REFUSAL;
    books.step = 2;
    const response = await fetch(url + QUEUE, { headers: { "x-request-id": "mine-1" } });
    expect(await response.json()).toEqual({
      type: "urn:mainspring:error:OVERLOADED",
      title: "The service has more work than it can take; try again shortly.",
      status: 503,
      code: "OVERLOADED",
      detail:
        "There is more to do than can be done in time; come back after so many seconds as Retry-After says.",
      canRetry: true,
      requestId: "mine-1",
      reason: "load",
      step: 2,
      priority: "read",
      retryAfterSeconds: 7,
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/problem+json; charset=utf-8",
      "degradation-step": "2",
      "retry-after": "7",
      "x-request-id": "mine-1",
    });
  });

  it("stands in its place among the answers of a connection", async () => {
    const { books, port } = await open();
    const { socket, heard } = await connected(port);
    const closed = once(socket, "close");
    socket.write(head("GET", "/v1/players/ada"));
    await expect.poll(() => books.asked.length).toBe(1);
    books.refusal = REFUSAL;
    socket.write(head("GET", QUEUE) + head("GET", "/healthz") + head("GET", QUEUE, [LAST]));
    await closed;
    expect(statuses(heard())).toEqual(["200", "503", "200", "503"]);
  });

  it("throws a short body away, and the connection goes on", async () => {
    const { books, port } = await open();
    books.refusal = REFUSAL;
    const body = "x".repeat(MAX_BODY_BYTES);
    const length = `Content-Length: ${body.length}`;
    const heard = await exchange(
      port,
      head("POST", `${QUEUE}/tasks`, [length]) +
        body +
        head("POST", `${QUEUE}/tasks`, ["Expect: 100-continue", "Content-Length: 2"]) +
        "{}" +
        head("GET", "/healthz", [LAST]),
    );
    expect(statuses(heard)).toEqual(["503", "100", "503", "200"]);
  });

  it("ends the connection rather than read a long body, or one of unknown length", async () => {
    const { books, port } = await open();
    books.refusal = REFUSAL;
    for (const line of [`Content-Length: ${MAX_BODY_BYTES + 1}`, "Transfer-Encoding: chunked"]) {
      const heard = await exchange(port, head("POST", `${QUEUE}/tasks`, [line]));
      expect([line, statuses(heard), /^connection: close\r$/im.test(heard)]).toEqual([line, ["503"], true]);
    }
  });

  it("ends the connection while the server closes, as every other answer does", async () => {
    const { books, port, server, gate } = await open();
    let letGo = (): void => undefined;
    gate.opens = new Promise((resolve) => {
      letGo = resolve;
    });
    const { socket, heard } = await connected(port);
    const ended = once(socket, "close");
    socket.write(head("GET", "/v1/admin/players/a"));
    await expect.poll(() => books.asked.length).toBe(1);
    const closed = server.close();
    books.refusal = REFUSAL;
    socket.write(head("GET", QUEUE));
    await expect.poll(() => books.asked.length).toBe(2);
    letGo();
    await Promise.all([ended, closed]);
    expect(statuses(heard())).toEqual(["404", "503"]);
    expect(heard().slice(heard().indexOf("503"))).toMatch(/^connection: close\r$/im);
  });

  it("to HEAD has no body", async () => {
    const { books, port } = await open();
    books.refusal = REFUSAL;
    const heard = await exchange(port, head("HEAD", QUEUE, [LAST]));
    expect([statuses(heard), heard.endsWith("\r\n\r\n")]).toEqual([["503"], true]);
  });

  it("has a line in the log, if every request has one", async () => {
    const lines: string[] = [];
    const { books, url } = await open({
      logLevel: "debug",
      logTo: { write: (line) => void lines.push(line) },
    });
    books.refusal = REFUSAL;
    await fetch(url + QUEUE);
    expect(lines.filter((line) => line.includes('"refused"'))).toHaveLength(1);
  });
});

describe("a limit that is on for some players", () => {
  it("counts what it refuses against those whom it is on for, while it is rolled out", async () => {
    const { books, flags, url } = await open();
    await flags.set("overloadLimit", {
      percent: 0,
      players: ["ada"],
      except: [],
      isGuarded: false,
      by: "ops",
    });
    books.refusal = REFUSAL;
    for (let request = 0; request < 3; request += 1) expect((await fetch(`${url}${QUEUE}`)).status).toBe(503);
    const { arms } = flags.view().layers.overloadLimit;
    expect([arms?.on.errors, arms?.off.requests]).toEqual([3, 0]);
  });

  it("is not asked for requests of the others, whatever way their id is written", async () => {
    const { books, on, url } = await open({ hasFastReads: false });
    on.isFor = (playerId) => playerId !== "a:b";
    books.refusal = REFUSAL;
    for (const [path, status] of [
      ["/v1/players/a:b", 404],
      ["/v1/players/a%3Ab?x=1", 404],
      ["/v1/players/a%3Ab/queue", 404],
      ["/v1/players/a%3ab/stats", 404],
      ["/v1/players/a:bc", 503],
      ["/v1/players/a%zz", 503],
      ["/v1/players/", 503],
      // No player's in particular.
      ["/v1/catalog", 503],
      ["/v1/admin/players/a:b", 503],
    ] as const) {
      expect([path, (await fetch(url + path)).status]).toEqual([path, status]);
    }
    expect(books.asked).toHaveLength(5);
    expect(books.ended).toEqual([]);
  });
});

describe("an answer while something is refused", () => {
  it("says so, whichever way it went", async () => {
    const { books, url } = await open();
    await fetch(url + QUEUE);
    books.refusal = REFUSAL;
    books.step = 1;
    // At hand, health, refused.
    for (const path of [QUEUE, "/healthz", "/v1/players/ada/stats"]) {
      const response = await fetch(url + path);
      expect([path, [...response.headers.keys()].includes("degradation-step")]).toEqual([path, true]);
      expect(response.headers.get("degradation-step")).toBe("1");
    }
    books.step = 0;
    expect((await fetch(url + QUEUE)).headers.get("degradation-step")).toBeNull();
  });

  it("has the same bytes by the fast way and by Fastify's", async () => {
    const answers: string[] = [];
    for (const hasFastReads of [true, false]) {
      const { books, url, port } = await open({ hasFastReads });
      await fetch(url + QUEUE);
      books.step = 3;
      const heard = normalised(await exchange(port, head("GET", QUEUE, [LAST])));
      answers.push(heard.replaceAll(/"serverTimeMs":\d+|\d{13}/g, "<instant>"));
    }
    expect(answers[0]).toContain("OK\r\ndegradation-step: 3\r\n");
    expect(answers[0]).toBe(answers[1]);
  });
});
