/** The log: JSON lines with the names of requests, and nothing secret, whoever passes it. */
import { createEngine, type Engine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEarlyLog } from "../../src/cli/early-log.js";
import { withoutSecrets } from "../../src/http/redaction.js";
import type { LogLevel } from "../../src/index.js";
import { startServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly [fact: string]: unknown;
}

interface Logged extends TestServer {
  /** What was logged, as text and line by line. */
  readonly text: () => string;
  readonly lines: () => readonly Line[];
}

async function startLogged(logLevel: LogLevel, change: (engine: Engine) => Engine = (same) => same) {
  const written: string[] = [];
  const log = createEarlyLog();
  const store = createMemoryStore();
  const engine = await createEngine({ store, catalog: testCatalog(), telemetry: log.telemetry });
  onTestFinished(async () => engine.close());
  const server = await startServer({
    engine: change(engine),
    store,
    logLevel,
    logTo: { write: (line) => void written.push(line) },
  });
  log.connect(server.server.log);
  const text = (): string => written.join("");
  return {
    ...server,
    store,
    text,
    lines: () =>
      text()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Line),
  } satisfies Logged;
}

/** Planted wherever a careless hand could leave it. */
const PLANTED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLXRoYXQtd2FzLXBsYW50ZWQ";
const PASSWORD = "correct-horse-battery-staple";

describe("the log", () => {
  it.each(["error", "warn", "info", "debug"] as const)("has no planted secret at %s", async (logLevel) => {
    const { call, server, text } = await startLogged(logLevel, (engine) => ({
      ...engine,
      async summary() {
        throw new Error(`Refused: authorization: Bearer ${PLANTED}, password=${PASSWORD}`);
      },
    }));
    const headers = { "x-api-key": PASSWORD, cookie: `session=${PLANTED}`, "idempotency-key": PASSWORD };
    await call("GET", "/v1/players/ada/stats", { headers });
    await call("POST", "/v1/players/ada/queue/tasks", {
      headers,
      body: { activity: "dig", token: PLANTED, password: PASSWORD },
    });
    await call("GET", `/v1/players/ada?token=${PLANTED}`, { headers });
    await call("GET", "/v1/players/ada", { token: PLANTED });
    const facts = {
      token: PLANTED,
      seed: PASSWORD,
      request: { headers: { authorization: `Bearer ${PLANTED}`, cookie: PASSWORD } },
      list: [{ secret: PASSWORD }],
      note: `Bearer ${PLANTED}`,
      // A JSON text inside of JSON.
      body: JSON.stringify({ password: PASSWORD, token: PLANTED }),
    };
    for (const level of ["debug", "info", "warn", "error"] as const)
      server.log[level](facts, `Got ${PLANTED}.`);
    server.log.error(new Error(`secret=${PASSWORD}`), `password: ${PASSWORD}`);
    expect(text()).not.toContain(PASSWORD);
    for (const part of PLANTED.split(".")) expect(text()).not.toContain(part);
    expect(text()).toContain("[redacted]");
    // It is still JSON.
    for (const line of text().trim().split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it("looks through any line once, however many beginnings of tokens it has", () => {
    const line = "eyJaaaaaa-".repeat(300_000);
    expect(withoutSecrets(line)).toBe(line);
  });

  it("leaves everything else as it is", async () => {
    const { server, lines } = await startLogged("info");
    const facts = {
      playerId: "ada",
      tokens: 3,
      tokenCount: 3,
      code: "UNAUTHENTICATED",
      sub: { seeds: [1, 2] },
    };
    server.log.info(facts, "The token is missing, and its secret isn't known.");
    expect(lines().at(-1)).toMatchObject({
      ...facts,
      msg: "The token is missing, and its secret isn't known.",
    });
  });

  it("names the request of each failure, by its client's name or by one of its own", async () => {
    const { call, lines } = await startLogged("warn", (engine) => ({
      ...engine,
      async read() {
        throw new Error("A bug.");
      },
    }));
    const named = await call("GET", "/v1/players/ada", { headers: { "x-request-id": "my-request.1" } });
    const other = await call("GET", "/v1/players/ada");
    expect([named.status, named.headers.get("x-request-id")]).toEqual([500, "my-request.1"]);
    const own = other.headers.get("x-request-id") ?? "";
    expect(own).toMatch(/^[0-9a-f]{8}-[0-9a-z]+$/);
    expect(lines()).toMatchObject([
      { requestId: "my-request.1", code: "INTERNAL", route: "/v1/players/:id", msg: "A bug." },
      { requestId: own, code: "INTERNAL" },
    ]);
  });

  it("names the request that came upon a damaged record", async () => {
    const { call, store, lines } = await startLogged("error");
    const bytes = new Uint8Array([1, 2, 3]);
    await store.commit([
      { expected: null, next: { playerId: "ada", incarnation: 1, version: 1, bytes }, events: [] },
    ]);
    const { headers } = await call("GET", "/v1/players/ada");
    const [note] = lines();
    expect(note).toMatchObject({
      msg: "A damaged record was put in quarantine.",
      playerId: "ada",
      requestId: headers.get("x-request-id"),
    });
  });
});
