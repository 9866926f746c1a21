/** What operators do over HTTP. */
import { createMemoryStore } from "@mainspring/engine/memory";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";
import { openTestStore } from "../support/test-store.js";

const CATALOGS = "/v1/admin/catalogs";

function catalogWith(activity: string): Record<string, unknown> {
  const catalog = testCatalog();
  const activities = catalog["activities"] as Record<string, unknown>;
  return {
    ...catalog,
    name: "next",
    activities: { ...activities, [activity]: { kind: "harvest", durationMs: 500 } },
  };
}

describe("catalogs", () => {
  it("are stored and become active at an instant, not sooner than in 60 s", async () => {
    const { asAdmin, call, clock } = await startServer();
    const now = clock.nowMs();
    const catalog = catalogWith("stroll");
    expect(await asAdmin("POST", CATALOGS, { body: { catalog, activateAtMs: now + 59_999 } })).toMatchObject({
      status: 422,
      body: { code: "CATALOG_TOO_SOON" },
    });
    const stored = await asAdmin("POST", CATALOGS, { body: { catalog, activateAtMs: now + 60_000 } });
    expect(stored).toMatchObject({
      status: 201,
      body: { name: "next", activeAtMs: now + 60_000, isUnchanged: false },
    });
    const again = await asAdmin("POST", CATALOGS, { body: { catalog } });
    expect(again.body).toEqual({ ...stored.body, isUnchanged: true });
    const { body } = await asAdmin("GET", CATALOGS);
    expect(body).toMatchObject({
      active: { name: "test" },
      timeline: [{ atMs: now }, { atMs: now + 60_000 }],
    });
    expect((await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "stroll" } })).status).toBe(
      422,
    );
    clock.advance(60_000);
    expect((await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "stroll" } })).status).toBe(
      201,
    );
    expect((await asAdmin("GET", CATALOGS)).body).toMatchObject({ active: { name: "next" } });
  });

  it("are shown to players without what is hidden, and not again to who has them", async () => {
    const { call } = await startServer();
    const { body, headers } = await call("GET", "/v1/catalog");
    expect(body).toMatchObject({ name: "test", activities: { dig: { name: "Dig" } } });
    expect(body["activities"]).not.toHaveProperty("secret-dig");
    const etag = headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{32}-[0-9a-f]{12}"$/);
    for (const named of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const known = await call("GET", "/v1/catalog", { headers: { "if-none-match": named } });
      expect([known.status, known.text, known.headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await call("GET", "/v1/catalog", { headers: { "if-none-match": '"x"' } })).status).toBe(200);
  });

  it("with another text have another tag, though nobody moves", async () => {
    const { asAdmin, call } = await startServer();
    const before = (await call("GET", "/v1/catalog")).headers.get("etag") ?? "";
    const catalog = { ...testCatalog(), description: "Corrected." };
    expect((await asAdmin("POST", CATALOGS, { body: { catalog } })).body).toMatchObject({
      isUnchanged: true,
    });
    const after = await call("GET", "/v1/catalog", { headers: { "if-none-match": before } });
    expect([after.status, after.body["description"]]).toEqual([200, "Corrected."]);
  });

  it("may be larger than other bodies", async () => {
    const { asAdmin } = await startServer();
    const items = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`thing-${index}`, { description: "x".repeat(100) }]),
    );
    const catalog = { ...testCatalog(), items: { ...(testCatalog()["items"] as object), ...items } };
    expect((await asAdmin("POST", CATALOGS, { body: { catalog } })).status).toBe(201);
  });
});

describe("a look at a player", () => {
  it("shows everything but the seed, and doesn't count as the player's presence", async () => {
    const { call, asAdmin, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 4 } });
    const seenMs = clock.nowMs();
    clock.advance(1_500);
    const { status, body, text } = await asAdmin("GET", "/v1/admin/players/ada");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      player: { playerId: "ada", lastSeenMs: seenMs },
      queue: { status: "running" },
      incarnation: seenMs,
      clockOffsetMs: 0,
      nextTask: 2,
      tasks: [{ taskId: 1, cyclesDone: 1, gave: { ore: 1 }, xp: { mining: 10 } }],
      cycle: { startedAtMs: seenMs + 1_000, durationMs: 1_000, successPpm: 1_000_000 },
    });
    expect(text).not.toMatch(/seed/i);
    expect((await call("GET", "/v1/admin/players/ada")).status).toBe(403);
  });
});

describe("fast-forward", () => {
  const PATH = "/v1/admin/players/ada/fast-forward";

  it("puts one player's clock ahead on a development server", async () => {
    const { call, asAdmin, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 4 } });
    const { status, body } = await asAdmin("POST", PATH, { body: { byMs: 4_000 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      clockOffsetMs: 4_000,
      replayed: false,
      queue: { status: "idle", serverTimeMs: clock.nowMs() + 4_000 },
    });
    expect((await call("GET", "/v1/players/ada")).body).toMatchObject({
      items: { ore: 4 },
      serverTimeMs: clock.nowMs() + 4_000,
    });
    expect((await call("POST", PATH, { body: { byMs: 1 } })).status).toBe(403);
  });

  it("is not there on others", async () => {
    const { asAdmin } = await startServer({ isDevelopment: false });
    expect(await asAdmin("POST", PATH, { body: { byMs: 1 } })).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND" },
    });
  });
});

describe("the service", () => {
  it("shows its numbers to administrators", async () => {
    const { call, asAdmin, store } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig" } });
    expect((await asAdmin("GET", "/v1/admin/performance")).body).toMatchObject({
      activeQueues: 1,
      cacheStats: {},
      storeStats: { kind: store.stats().kind },
      serviceStats: { commands: 1, commits: 1 },
    });
    expect((await call("GET", "/v1/admin/performance")).status).toBe(403);
  });

  it("says whether it lives and whether it is ready, to anybody", async () => {
    const { call, engine } = await startServer();
    const ask = (path: string) => call("GET", path, { token: null });
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await ask("/readyz")).toMatchObject({ status: 200, body: { status: "ready" } });
    await engine.close();
    const closed = await ask("/readyz");
    expect(closed).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE", canRetry: true } });
    expect(closed.headers.get("retry-after")).toBe("2");
  });

  it("names each request, or takes the name it is given", async () => {
    const { call } = await startServer();
    const own = (await call("GET", "/healthz")).headers.get("x-request-id");
    expect(own).toMatch(/^[0-9a-f]{8}-[0-9a-z]+$/);
    const named = await call("GET", "/v1/nowhere", { headers: { "x-request-id": "trace.1" } });
    expect([named.headers.get("x-request-id"), named.body["requestId"]]).toEqual(["trace.1", "trace.1"]);
    const odd = await call("GET", "/healthz", { headers: { "x-request-id": "a b" } });
    expect(odd.headers.get("x-request-id")).not.toBe("a b");
  });

  it("answers HEAD where it answers GET", async () => {
    const { call } = await startServer();
    const { status, text, headers } = await call("HEAD", "/v1/players/ada/queue");
    expect([status, text, headers.get("etag")]).toEqual([200, "", '"0"']);
  });
});

describe("restoring a player", () => {
  it("puts back a damaged record as it was, and says from what", async () => {
    const store = await openTestStore(createManualClock());
    const { asAdmin, call } = await startServer({ store });
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 5 } });
    const before = await call("GET", "/v1/players/ada/queue");
    const [expected] = await store.read(["ada"]);
    if (expected === null || expected === undefined) throw new Error("ada is gone");
    const next = { ...expected, version: expected.version + 1, bytes: Uint8Array.of(7) };
    await store.commit([{ expected, next, events: [] }]);
    expect((await call("GET", "/v1/players/ada/queue")).body).toMatchObject({ code: "RECORD_CORRUPT" });

    const path = "/v1/admin/players/ada/restore";
    expect((await call("POST", path)).status).toBe(403);
    const restored = await asAdmin("POST", path, { body: { reason: "a bad night" } });
    expect([restored.status, restored.body]).toMatchObject([
      200,
      { version: next.version + 1, lastVersion: expected.version, snapshotVersion: 1 },
    ]);
    const after = await call("GET", "/v1/players/ada/queue");
    expect(after.body).toEqual({ ...before.body, version: next.version + 1 });
    expect((await asAdmin("POST", path)).body).toMatchObject({ code: "INVALID_REQUEST" });
    expect((await asAdmin("POST", "/v1/admin/players/nobody/restore")).status).toBe(404);
  });

  it("is asked for where a record is gone, of everybody, before the player starts anew", async () => {
    const store = createMemoryStore();
    const { call, asAdmin } = await startServer({ store: { ...store, read: async () => [null] } });
    const record = { playerId: "ada", incarnation: 5, version: 1, bytes: Uint8Array.of(1) };
    await store.putSnapshots([{ record, eventCount: 0, atMs: Date.now() }]);
    expect((await call("GET", "/v1/players/ada")).body).toMatchObject({ code: "RECORD_CORRUPT" });
    expect((await asAdmin("GET", "/v1/players/ada")).body).toMatchObject({ code: "RECORD_CORRUPT" });
    expect((await asAdmin("GET", "/v1/players/bob")).body).toMatchObject({ code: "PLAYER_NOT_FOUND" });
  });
});
