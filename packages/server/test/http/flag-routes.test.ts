/** The switches over HTTP: who may see and set them, what is refused, and that nobody's id is where it doesn't belong. */
import { createFlags, OFF } from "@mainspring/engine/flags";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/start-server.js";

async function startSwitched(): Promise<TestServer> {
  const clock = createManualClock();
  const notBuiltIn = { pool: "This store has no connections." };
  const flags = createFlags({ clock, timers: clock, lookEveryMs: null, notBuiltIn });
  return startServer({ flags });
}

describe("/v1/admin/flags", () => {
  it("shows every layer as configured at first", async () => {
    const { asAdmin } = await startSwitched();
    const { status, body } = await asAdmin("GET", "/v1/admin/flags");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: 0,
      reverts: 0,
      history: [],
      layers: {
        cache: { ...OFF, configured: OFF, isBuiltIn: true, changedAtMs: null, changedBy: null, arms: null },
        pool: { isBuiltIn: false, notBuiltInBecause: "This store has no connections." },
        memoryGovernor: { isOfWholeProcess: true },
      },
    });
    expect(Object.keys(body["layers"] ?? {})).toHaveLength(7);
  });

  it("switches a layer, says who and why, and puts it back", async () => {
    const { asAdmin, engine } = await startSwitched();
    const setting = { percent: 10.5, players: ["ada"], except: ["bob"], isGuarded: false, reason: "try it" };
    const set = await asAdmin("PUT", "/v1/admin/flags/cache", { body: { ...setting, ifVersion: 0 } });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({
      version: 1,
      layers: {
        cache: { ...setting, changedBy: expect.stringMatching(/^admin:/), arms: { on: { requests: 0 } } },
      },
      history: [{ layer: "cache", reason: "try it", to: { percent: 10.5, playerCount: 1, exceptCount: 1 } }],
    });
    expect(["ada", "bob"].map((id) => engine.flags?.asks("cache")(id))).toEqual([true, false]);
    const reset = await asAdmin("DELETE", "/v1/admin/flags/cache", { body: { reason: "enough" } });
    expect(reset.body).toMatchObject({ version: 2, layers: { cache: { ...OFF, changedBy: null } } });
    expect((await asAdmin("DELETE", "/v1/admin/flags/cache")).status).toBe(200);
  });

  it("tells the numbers without anybody's id", async () => {
    const { asAdmin } = await startSwitched();
    const body = { percent: 0, players: ["ada-the-first"] };
    await asAdmin("PUT", "/v1/admin/flags/cache", { body });
    const { body: performance, text } = await asAdmin("GET", "/v1/admin/performance");
    expect(performance["flagStats"]).toMatchObject({ version: 1, layers: { cache: { playerCount: 1 } } });
    expect(text).not.toContain("ada-the-first");
  });

  it("refuses what can't be, and says what helps", async () => {
    const { asAdmin } = await startSwitched();
    const refused: readonly [string, unknown, number, string, RegExp][] = [
      ["cash", { percent: 1 }, 400, "INVALID_REQUEST", /cache/],
      ["cache", {}, 400, "INVALID_REQUEST", /percent/],
      ["cache", { percent: 101 }, 400, "INVALID_REQUEST", /percent/],
      ["cache", { percent: 1.234 }, 400, "INVALID_REQUEST", /two decimals/],
      ["cache", { percent: "10" }, 400, "INVALID_REQUEST", /percent/],
      ["cache", { percent: 1, players: ["a b"] }, 400, "INVALID_REQUEST", /players/],
      ["cache", { percent: 1, player: ["a"] }, 400, "INVALID_REQUEST", /player/],
      ["cache", { percent: 1, ifVersion: 7 }, 409, "VERSION_CONFLICT", /version 0/],
      ["pool", { percent: 1 }, 409, "LAYER_NOT_BUILT_IN", /This store has no connections/],
      ["memoryGovernor", { percent: 1 }, 400, "INVALID_REQUEST", /whole process/],
    ];
    for (const [layer, body, status, code, detail] of refused) {
      const answer = await asAdmin("PUT", `/v1/admin/flags/${layer}`, { body });
      expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(detail) } });
    }
    expect((await asAdmin("GET", "/v1/admin/flags")).body).toMatchObject({ version: 0 });
  });

  it("is for administrators alone", async () => {
    const { call } = await startSwitched();
    for (const [method, path] of [
      ["GET", "/v1/admin/flags"],
      ["PUT", "/v1/admin/flags/cache"],
      ["DELETE", "/v1/admin/flags/cache"],
    ] as const) {
      expect((await call(method, path)).status).toBe(403);
      expect((await call(method, path, { token: null })).status).toBe(401);
    }
  });

  it("is nowhere to be found on a server without switches", async () => {
    const { asAdmin } = await startServer();
    const answer = await asAdmin("GET", "/v1/admin/flags");
    expect(answer).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect((await asAdmin("GET", "/v1/admin/performance")).body["flagStats"]).toBeNull();
  });
});
