/** A session's fence: which content an answer shows, and that none is older than what the session has seen. */
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";

const ADA = "/v1/players/ada";

describe("Player-Version", () => {
  it("is on every answer that shows or changes a player", async () => {
    const { call, asAdmin, engine, clock } = await startServer();
    const made = await call("GET", ADA);
    const fence = `${clock.nowMs()}.1`;
    expect(made.headers.get("player-version")).toBe(fence);
    for (const path of ["", "/queue", "/progress", "/stats", "/events"]) {
      expect([path, (await call("GET", `${ADA}${path}`)).headers.get("player-version")]).toEqual([
        path,
        fence,
      ]);
    }
    expect((await asAdmin("GET", "/v1/admin/players/ada")).headers.get("player-version")).toBe(fence);
    const commands: readonly (readonly [method: string, path: string, body?: unknown])[] = [
      ["POST", "/queue/tasks", { activity: "dig", repeat: 9 }],
      ["POST", "/queue/tasks", { activity: "dig", repeat: 9 }],
      ["PUT", "/queue/order", { taskIds: [2, 1] }],
      ["POST", "/queue/tasks/2/move", { before: null }],
      ["DELETE", "/queue/tasks/2"],
      ["POST", "/queue/pause"],
      ["POST", "/queue/resume"],
      ["POST", "/queue/stop"],
      ["POST", "/stash/claim"],
    ];
    for (const [method, path, body] of commands) {
      const { status, headers } = await call(method, `${ADA}${path}`, body === undefined ? {} : { body });
      const { incarnation, version } = await engine.read("ada");
      expect([path, status < 300, headers.get("player-version")]).toEqual([
        path,
        true,
        `${incarnation}.${version}`,
      ]);
    }
    const adjusted = await asAdmin("POST", `${ADA}/adjust`, {
      body: { items: { ore: 1 } },
      headers: { "idempotency-key": "a" },
    });
    const forwarded = await asAdmin("POST", "/v1/admin/players/ada/fast-forward", { body: { byMs: 1 } });
    const [before] = fence.split(".");
    for (const { headers } of [adjusted, forwarded]) {
      expect(headers.get("player-version")).toMatch(new RegExp(`^${before}\\.[0-9]+$`));
    }
  });
});

describe("Player-At-Least", () => {
  const reads = ["", "/queue", "/progress", "/stats", "/events"];

  it("that the player has reached changes nothing", async () => {
    const { call } = await startServer();
    const { headers } = await call("POST", `${ADA}/queue/tasks`, { body: { activity: "dig" } });
    const fence = headers.get("player-version") ?? "";
    for (const path of reads) {
      const answer = await call("GET", `${ADA}${path}`, { headers: { "player-at-least": fence } });
      expect([path, answer.status, answer.headers.get("player-version")]).toEqual([path, 200, fence]);
    }
  });

  it("that the store itself has not reached is told with a conflict, and how to go on", async () => {
    const { call, asAdmin, clock } = await startServer();
    await call("GET", ADA);
    const headers = { "player-at-least": `${clock.nowMs()}.2` };
    for (const answer of [
      ...(await Promise.all(reads.map(async (path) => call("GET", `${ADA}${path}`, { headers })))),
      await asAdmin("GET", "/v1/admin/players/ada", { headers }),
    ]) {
      expect([answer.status, answer.body["code"]]).toEqual([409, "VERSION_CONFLICT"]);
      expect(answer.body["detail"]).toContain("read again without demanding it");
    }
    // What a command answers is always the newest.
    expect((await call("POST", `${ADA}/queue/pause`, { headers })).status).toBe(200);
  });

  it.each(["", "7", "1.2.3", "-1.2", "01.2", "1.", "a.b", "1.2, 1.3", "99999999999999999.1"])(
    "of the form %j is refused, with the form to send",
    async (text) => {
      const { call, asAdmin } = await startServer();
      const headers = { "player-at-least": text };
      for (const answer of [
        ...(await Promise.all(reads.map(async (path) => call("GET", `${ADA}${path}`, { headers })))),
        await call("POST", `${ADA}/queue/pause`, { headers }),
        await asAdmin("GET", "/v1/admin/players/ada", { headers }),
      ]) {
        expect([answer.status, answer.body["code"]]).toEqual([400, "INVALID_REQUEST"]);
        expect(answer.body["detail"]).toContain("header.player-at-least is not valid: ");
        expect(answer.body["detail"]).toContain("<incarnation>.<version>");
      }
    },
  );
});
