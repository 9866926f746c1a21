/** What goes wrong behind the server: the caller learns the code and when to try again, and the log the rest. */
import { type ErrorCode, MainspringError } from "@mainspring/core";
import { createEngine, type Engine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

async function engineThat(fails: () => never): Promise<Engine> {
  const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
  return { ...engine, read: async () => fails(), apply: async () => fails() };
}

const FAILURES: readonly (readonly [code: ErrorCode, status: number, retryAfter: string | null])[] = [
  ["RATE_LIMITED", 429, "60"],
  ["OVERLOADED", 503, "1"],
  ["STORE_UNAVAILABLE", 503, "2"],
  ["UPGRADE_REQUIRED", 503, "5"],
  ["SHUTTING_DOWN", 503, "1"],
  ["RECORD_CORRUPT", 500, null],
  ["RECORD_TOO_LARGE", 507, null],
  ["PLAYER_ERASED", 410, null],
];

describe("a failure behind the server", () => {
  it.each(FAILURES)("%s is answered with %i", async (code, status, retryAfter) => {
    const engine = await engineThat(() => {
      throw new MainspringError(code, "told in its own words");
    });
    const { call } = await startServer({ engine });
    const requests = [
      await call("GET", "/v1/players/ada/queue"),
      await call("POST", "/v1/players/ada/queue/pause"),
    ];
    for (const answer of requests) {
      expect([answer.status, answer.body["code"], answer.headers.get("retry-after")]).toEqual([
        status,
        code,
        retryAfter,
      ]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    }
  });

  it("that is a mistake of ours shows nothing of itself, and is in the log under the request's name", async () => {
    const lines: string[] = [];
    const engine = await engineThat(() => {
      throw new TypeError("undefined is not a clock at /srv/inside.js");
    });
    const { call } = await startServer({
      engine,
      logLevel: "error",
      logTo: { write: (line) => void lines.push(line) },
    });
    const { status, body, text } = await call("GET", "/v1/players/ada");
    expect([status, body["code"], body["canRetry"]]).toEqual([500, "INTERNAL", false]);
    expect(text).not.toContain("inside.js");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      requestId: body["requestId"],
      route: "/v1/players/:id",
      code: "INTERNAL",
      msg: "undefined is not a clock at /srv/inside.js",
      stack: expect.stringContaining("TypeError"),
    });
  });
});
