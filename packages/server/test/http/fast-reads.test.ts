/** Reads that are answered before Fastify give the very same bytes, and only where nobody could want otherwise. */
import { once } from "node:events";
import { connect } from "node:net";
import { createEngine, type Engine } from "@mainspring/engine";
import { cached, createCache } from "@mainspring/engine/cache";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CreateServerOptions, createServer, jwtAuthenticate, signToken } from "../../src/index.js";
import { SECRET } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";
import { openTestStore } from "../support/test-store.js";

const ADA = "/v1/players/ada";
const HOUR_MS = 3_600_000;

/** An engine that counts the reads that had to wait. */
async function openEngine() {
  const clock = createManualClock();
  const store = cached(await openTestStore(clock), createCache({ isSoleWriter: true, clock }));
  const inner = await createEngine({ store, catalog: testCatalog(), clock });
  onTestFinished(async () => inner.close());
  const counts = { reads: 0 };
  const engine: Engine = {
    ...inner,
    async read(playerId, options) {
      counts.reads += 1;
      return inner.read(playerId, options);
    },
    async summary(playerId, of, options) {
      counts.reads += 1;
      return inner.summary(playerId, of, options);
    },
  };
  await engine.apply("ada", { type: "enqueue", tasks: [{ activity: "dig", repeat: 9 }] }, { asPlayer: true });
  const token = async (playerId: string, isAdmin = false) =>
    signToken({ playerId, isAdmin, secret: SECRET, nowMs: clock.nowMs(), expiresInMs: HOUR_MS });
  const tokens = { ada: await token("ada"), bob: await token("bob"), ops: await token("ops", true) };
  return { clock, engine, counts, tokens, authenticate: jwtAuthenticate({ secret: SECRET, clock }) };
}

type Opened = Awaited<ReturnType<typeof openEngine>>;

async function listen(
  { engine, authenticate }: Pick<Opened, "engine" | "authenticate">,
  {
    prepare,
    ...options
  }: Partial<CreateServerOptions> & { prepare?: (server: ReturnType<typeof createServer>) => void } = {},
): Promise<string> {
  const server = createServer({ logLevel: "silent", authenticate, ...options, engine });
  prepare?.(server);
  const url = await server.listen({ port: 0 });
  onTestFinished(async () => server.close());
  return url;
}

/** All bytes that come back until the server ends the connection. */
async function exchange(url: string, bytes: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString("latin1");
}

/** What must differ: the instant, and the names that servers give requests. */
function normalised(bytes: string): string {
  return bytes
    .replaceAll(/^Date: .*$/gm, "Date: now")
    .replaceAll(/[0-9a-f]{8}-[0-9a-z]{1,4}\b/g, "<request>");
}

interface Head {
  readonly method?: string;
  readonly version?: string;
  readonly host?: string | null;
  readonly token?: string | null;
  readonly lines?: readonly string[];
  readonly body?: string;
  readonly isLast?: boolean;
}

/** A request's bytes. By default it is ada's, and the connection ends with it. */
function request(path: string, tokens: Opened["tokens"], head: Head = {}): string {
  const {
    method = "GET",
    version = "1.1",
    host = "game.test",
    token = tokens.ada,
    lines = [],
    body = "",
  } = head;
  return [
    `${method} ${path} HTTP/${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    ...lines,
    ...(head.isLast === false ? [] : ["Connection: close"]),
    "",
    body,
  ].join("\r\n");
}

const QUEUE = `${ADA}/queue`;

type Odd = (tokens: Opened["tokens"], fence: string) => string;

/** How many of the requests are answered before Fastify, and the bytes. */
const REQUESTS: readonly (readonly [what: string, fastCount: number, bytes: Odd])[] = [
  ["a queue", 1, (tokens) => request(QUEUE, tokens)],
  ["progress", 1, (tokens) => request(`${ADA}/progress`, tokens)],
  ["a player", 1, (tokens) => request(ADA, tokens)],
  ["an administrator's look", 1, (tokens) => request(QUEUE, tokens, { token: tokens.ops })],
  ["HTTP/1.0", 1, (tokens) => request(QUEUE, tokens, { version: "1.0" })],
  ["HTTP/1.0 without a host", 1, (tokens) => request(QUEUE, tokens, { version: "1.0", host: null })],
  [
    "HTTP/1.0 kept alive",
    2,
    (tokens) =>
      request(QUEUE, tokens, { version: "1.0", lines: ["Connection: keep-alive"], isLast: false }) +
      request(QUEUE, tokens, { version: "1.0" }),
  ],
  ["no host", 0, (tokens) => request(QUEUE, tokens, { host: null })],
  [
    "several at once, a slow one among them",
    3,
    (tokens) =>
      request(QUEUE, tokens, { isLast: false }) +
      request(`${ADA}/stats`, tokens, { isLast: false }) +
      request(`${ADA}/progress`, tokens, { isLast: false }) +
      request(`${ADA}/nothing`, tokens, { isLast: false }) +
      request(QUEUE, tokens),
  ],
  ["a name of its own", 1, (tokens) => request(QUEUE, tokens, { lines: ["X-Request-Id: mine-1"] })],
  ["a bad name", 1, (tokens) => request(QUEUE, tokens, { lines: ["X-Request-Id: not a name"] })],
  ["tags", 1, (tokens) => request(QUEUE, tokens, { lines: ['If-None-Match: "1"', 'If-Match: "9"'] })],
  [
    "compression",
    1,
    (tokens) => request(QUEUE, tokens, { lines: ["Accept-Encoding: gzip", "Accept: text/html"] }),
  ],
  ["100-continue", 1, (tokens) => request(QUEUE, tokens, { lines: ["Expect: 100-continue"] })],
  ["another expectation", 1, (tokens) => request(QUEUE, tokens, { lines: ["Expect: the-unexpected"] })],
  [
    "a wish to upgrade",
    1,
    (tokens) => request(QUEUE, tokens, { lines: ["Upgrade: h2c", "Connection: Upgrade"] }),
  ],
  ["a version constraint", 1, (tokens) => request(QUEUE, tokens, { lines: ["Accept-Version: 2.x"] })],
  [
    "what it must not be older than",
    1,
    (tokens, fence) => request(QUEUE, tokens, { lines: [`Player-At-Least: ${fence}`] }),
  ],
  [
    "too much demanded",
    0,
    (tokens, fence) => request(QUEUE, tokens, { lines: [`Player-At-Least: ${fence}9`] }),
  ],
  ["nonsense demanded", 0, (tokens) => request(QUEUE, tokens, { lines: ["Player-At-Least: soon"] })],
  [
    "two demands",
    0,
    (tokens, fence) =>
      request(QUEUE, tokens, { lines: [`Player-At-Least: ${fence}`, `Player-At-Least: ${fence}`] }),
  ],
  ["two tokens", 1, (tokens) => request(QUEUE, tokens, { lines: [`Authorization: Bearer ${tokens.bob}`] })],
  ["no token", 0, (tokens) => request(QUEUE, tokens, { token: null })],
  ["a bad token", 0, (tokens) => request(QUEUE, tokens, { token: "x.y.z" })],
  ["another player's token", 0, (tokens) => request(QUEUE, tokens, { token: tokens.bob })],
  ["nobody's queue", 0, (tokens) => request("/v1/players/nobody/queue", tokens, { token: tokens.ops })],
  ["HEAD", 0, (tokens) => request(QUEUE, tokens, { method: "HEAD" })],
  ["OPTIONS", 0, (tokens) => request(QUEUE, tokens, { method: "OPTIONS" })],
  ["a method of no route", 0, (tokens) => request(QUEUE, tokens, { method: "PATCH" })],
  ["a method in small letters", 0, (tokens) => request(QUEUE, tokens, { method: "get" })],
  ["a body", 0, (tokens) => request(QUEUE, tokens, { lines: ["Content-Length: 2"], body: "{}" })],
  [
    "a body in chunks",
    0,
    (tokens) =>
      request(QUEUE, tokens, { lines: ["Transfer-Encoding: chunked"], body: "2\r\n{}\r\n0\r\n\r\n" }),
  ],
  ["the absolute form", 0, (tokens) => request(`http://game.test${QUEUE}`, tokens)],
  ["a percent-encoded id", 0, (tokens) => request("/v1/players/%61da/queue", tokens)],
  [
    "an administrator's percent-encoded id",
    0,
    (tokens) => request("/v1/players/%61da/queue", tokens, { token: tokens.ops }),
  ],
  ["broken percent-encoding", 0, (tokens) => request("/v1/players/%zz/queue", tokens, { token: tokens.ops })],
  ["no id", 0, (tokens) => request("/v1/players//queue", tokens, { token: tokens.ops })],
  [
    "a long id",
    0,
    (tokens) => request(`/v1/players/${"a".repeat(2_000)}/queue`, tokens, { token: tokens.ops }),
  ],
  ["a query", 0, (tokens) => request(`${QUEUE}?now`, tokens)],
  ["an empty query", 0, (tokens) => request(`${ADA}?`, tokens)],
  ["a fragment", 0, (tokens) => request(`${QUEUE}#top`, tokens)],
  ["a semicolon", 0, (tokens) => request(`${QUEUE};v=1`, tokens)],
  ["a slash at the end", 0, (tokens) => request(`${QUEUE}/`, tokens)],
  ["two slashes", 0, (tokens) => request(`/v1/players/ada//queue`, tokens)],
  ["capitals", 0, (tokens) => request("/v1/players/ada/Queue", tokens)],
  ["dots", 0, (tokens) => request("/v1/players/../players/ada/queue", tokens)],
];

describe("a read that is at hand", () => {
  it.each(REQUESTS)("with %s has the same bytes as by way of Fastify", async (_, fastCount, bytesOf) => {
    const opened = await openEngine();
    const { clock, engine, counts, tokens } = opened;
    const urls = [await listen(opened), await listen(opened, { hasFastReads: false })];
    const { incarnation, version } = await engine.read("ada");
    for (const url of urls) {
      for (const path of ["", "/queue", "/progress"]) await exchange(url, request(`${ADA}${path}`, tokens));
      await exchange(url, request(QUEUE, tokens, { token: tokens.ops }));
    }
    clock.advance(1);
    const bytes = bytesOf(tokens, `${incarnation}.${version}`);
    const answers: string[] = [];
    const reads: number[] = [];
    for (const url of urls) {
      counts.reads = 0;
      answers.push(normalised(await exchange(url, bytes)));
      reads.push(counts.reads);
    }
    expect(answers[0]).toMatch(/^HTTP\/1\.1 /);
    expect(answers[0]).toBe(answers[1]);
    expect((reads[1] ?? 0) - (reads[0] ?? 0)).toBe(fastCount);
  });

  it("shows what a command has changed, and what time has brought once it is saved", async () => {
    const opened = await openEngine();
    const { clock, engine, counts, tokens } = opened;
    const url = await listen(opened);
    const look = async () => {
      const response = await fetch(`${url}${QUEUE}`, { headers: { authorization: `Bearer ${tokens.ada}` } });
      return (await response.json()) as { version: number; status: string; serverTimeMs: number };
    };
    const first = await look();
    expect(await look()).toEqual(first);
    await engine.apply("ada", { type: "pause" });
    expect(await look()).toMatchObject({ status: "paused", version: first.version + 1 });
    await engine.apply("ada", { type: "resume" });
    await look();
    counts.reads = 0;
    clock.advance(1);
    expect((await look()).serverTimeMs).toBe(first.serverTimeMs + 1);
    expect(counts.reads).toBe(0);
    clock.advance(HOUR_MS / 2);
    expect(await look()).toMatchObject({ status: "idle", version: first.version + 3 });
    expect(counts.reads).toBe(1);
  });

  it("is refused with a token that has expired", async () => {
    const opened = await openEngine();
    const url = await listen(opened);
    const look = async () =>
      (await fetch(`${url}${QUEUE}`, { headers: { authorization: `Bearer ${opened.tokens.ada}` } })).status;
    expect([await look(), await look()]).toEqual([200, 200]);
    opened.clock.advance(2 * HOUR_MS);
    expect(await look()).toBe(401);
  });
});

describe("a game that embeds the server", () => {
  /** Looks twice, and says how many of the looks didn't go by way of Fastify. */
  async function fastOf(opened: Opened, options: Parameters<typeof listen>[1]): Promise<number> {
    const url = await listen(opened, options);
    const headers = { authorization: `Bearer ${opened.tokens.ada}` };
    opened.counts.reads = 0;
    for (let look = 0; look < 3; look += 1) {
      expect((await fetch(`${url}${QUEUE}`, { headers })).status).toBe(200);
    }
    return 3 - opened.counts.reads;
  }

  it("has its hooks on all requests see every one of them, however it puts them there", async () => {
    const opened = await openEngine();
    expect(await fastOf(opened, {})).toBe(2);
    for (const name of ["onRequest", "preHandler", "onSend", "onResponse"] as const) {
      let seen = 0;
      const hook = async () => {
        seen += 1;
      };
      const isFast = await fastOf(opened, {
        prepare: ({ fastify }) => void fastify.addHook(name as "onRequest", hook),
      });
      expect([name, isFast]).toEqual([name, 0]);
      expect(seen).toBe(3);
    }
  });

  it("has hooks that it puts on these routes see every request, as plugins do that limit rates", async () => {
    const opened = await openEngine();
    let seen = 0;
    const isFast = await fastOf(opened, {
      prepare({ fastify }) {
        fastify.addHook("onRoute", (route) => {
          route.preHandler = async () => {
            seen += 1;
          };
        });
      },
    });
    expect([isFast, seen]).toEqual([0, 3]);
  });

  it("may have hooks on routes of its own without slowing these down", async () => {
    const opened = await openEngine();
    const isFast = await fastOf(opened, {
      prepare({ fastify }) {
        fastify.register(async (own) => {
          own.addHook("onRequest", async () => undefined);
          own.get("/v1/quests", { config: { access: "open" } }, () => ({}));
        });
      },
    });
    expect(isFast).toBe(2);
  });

  it("is asked who calls once for each request, whichever way it goes", async () => {
    const opened = await openEngine();
    const { engine, tokens } = opened;
    let asked = 0;
    const isAsync = { now: false };
    const url = await listen({
      engine,
      authenticate({ headers, method, url: path, ip }) {
        asked += 1;
        expect([method, path, ip, headers.host !== undefined]).toEqual(["GET", QUEUE, "127.0.0.1", true]);
        const caller = { playerId: "ada", isAdmin: false, actor: "ada" };
        if (headers.authorization === "Bearer fails") throw new Error("the session store fell over");
        return isAsync.now ? Promise.resolve(caller) : caller;
      },
    });
    const look = async (token = tokens.ada) =>
      (await fetch(`${url}${QUEUE}`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await look(), await look(), asked]).toEqual([200, 200, 2]);
    isAsync.now = true;
    expect([await look(), asked]).toEqual([200, 3]);
    expect([await look("fails"), asked]).toEqual([500, 4]);
  });

  it("has a line in the log for each request, if it wants one", async () => {
    const opened = await openEngine();
    const lines: string[] = [];
    const isFast = await fastOf(opened, {
      logLevel: "debug",
      logTo: { write: (line) => void lines.push(line) },
    });
    expect(isFast).toBe(0);
    expect(lines.filter((line) => line.includes('"answered"'))).toHaveLength(3);
  });
});
