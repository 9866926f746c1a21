/** Reading a player over HTTP. */
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import { heldBackMs, versionInTime } from "../support/test-store.js";

describe("a player", () => {
  it("is made by the first request with the player's own token", async () => {
    const { call, clock } = await startServer();
    const { status, body, headers } = await call("GET", "/v1/players/ada");
    expect(status).toBe(200);
    expect(body).toEqual({
      playerId: "ada",
      catalog: expect.stringMatching(/^[0-9a-f]{32}$/),
      skills: { mining: { level: 1, xp: 0, nextLevelXp: 20 } },
      items: { pick: 1 },
      stash: {},
      equipped: {},
      effects: [],
      lastSeenMs: clock.nowMs(),
      revision: 0,
      version: 1,
      serverTimeMs: clock.nowMs(),
    });
    expect(headers.get("etag")).toBe('"0"');
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  it("is not made by an administrator who looks", async () => {
    const { asAdmin, call } = await startServer();
    expect(await asAdmin("GET", "/v1/players/ada")).toMatchObject({
      status: 404,
      body: { code: "PLAYER_NOT_FOUND" },
    });
    await call("GET", "/v1/players/ada");
    expect(await asAdmin("GET", "/v1/players/ada")).toMatchObject({ status: 200, body: { playerId: "ada" } });
  });

  it("may have an id with every character that ids may have", async () => {
    const { call, token } = await startServer();
    const id = "AZaz09._:@|-";
    const { status, body } = await call("GET", `/v1/players/${encodeURIComponent(id)}`, {
      token: await token(id),
    });
    expect([status, body["playerId"]]).toEqual([200, id]);
  });

  it("has levels, rewards and totals as time passes", async () => {
    const { call, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 3 } });
    clock.advance(2_500);
    expect((await call("GET", "/v1/players/ada")).body).toMatchObject({
      skills: { mining: { level: 2, xp: 20, nextLevelXp: 60 } },
      items: { ore: 2, pick: 1 },
    });
    expect((await call("GET", "/v1/players/ada/stats")).body).toEqual({
      kinds: {
        harvest: { tasks: 0, cycles: 2, failures: 0, timeMs: 2_000, rewards: { ore: 2 } },
        craft: { tasks: 0, cycles: 0, failures: 0, timeMs: 0, rewards: {} },
        combat: { tasks: 0, cycles: 0, failures: 0, timeMs: 0, rewards: {} },
      },
      total: { tasks: 0, cycles: 2, failures: 0, timeMs: 2_000 },
      revision: 1,
      version: versionInTime(2),
      asOfMs: clock.nowMs(),
      serverTimeMs: clock.nowMs(),
    });
  });
});

describe("a queue", () => {
  it("is idle when it is empty", async () => {
    const { call, clock } = await startServer();
    const { body, headers } = await call("GET", "/v1/players/ada/queue");
    expect(body).toEqual({
      playerId: "ada",
      status: "idle",
      reason: null,
      pausedSinceMs: null,
      block: null,
      current: null,
      upcoming: [],
      finishesAtMs: null,
      finishesExact: false,
      pausesAtMs: null,
      shortfalls: [],
      warnings: [],
      maxTasks: 5,
      revision: 0,
      version: 1,
      serverTimeMs: clock.nowMs(),
    });
    expect(headers.get("etag")).toBe('"0"');
  });

  it("tells of the current task, those to come, and when they start and end", async () => {
    const { call, clock } = await startServer();
    const startMs = clock.nowMs();
    const tasks = [{ activity: "dig", repeat: 4 }, { activity: "smelt", repeat: 2 }, { activity: "fight" }];
    await call("POST", "/v1/players/ada/queue/tasks", { body: { tasks } });
    clock.advance(1_500);
    const { body } = await call("GET", "/v1/players/ada/queue");
    expect(body).toMatchObject({
      status: "running",
      current: {
        taskId: 1,
        activity: "dig",
        cyclesDone: 1,
        cyclesTotal: 4,
        startedAtMs: startMs,
        cycleStartedAtMs: startMs + 1_000,
        cycleEndsAtMs: startMs + 2_000,
        cycleDurationMs: 1_000,
        endsAtMs: startMs + 4_000,
        endsExact: true,
      },
      upcoming: [
        {
          taskId: 2,
          activity: "smelt",
          startsAtMs: startMs + 4_000,
          startsExact: true,
          endsAtMs: startMs + 8_000,
        },
        {
          taskId: 3,
          activity: "fight",
          startsAtMs: startMs + 8_000,
          endsAtMs: startMs + 9_000,
          endsExact: true,
        },
      ],
      finishesAtMs: startMs + 9_000,
      finishesExact: true,
      serverTimeMs: startMs + 1_500,
    });
  });

  it("shows the same to every reader until something changes, and the time as it passes", async () => {
    const { call, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 2 } });
    const first = await call("GET", "/v1/players/ada/queue");
    clock.advance(400);
    const second = await call("GET", "/v1/players/ada/queue");
    expect({ ...second.body, serverTimeMs: 0 }).toEqual({ ...first.body, serverTimeMs: 0 });
    expect(second.body["serverTimeMs"]).toBe(clock.nowMs());
    expect(second.headers.get("etag")).toBe('"1"');
  });

  it("says why it is blocked, and what will be missing", async () => {
    const { call } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "smelt" } });
    expect((await call("GET", "/v1/players/ada/queue")).body).toMatchObject({
      status: "blocked",
      reason: "INSUFFICIENT_ITEMS",
      block: { code: "INSUFFICIENT_ITEMS", subject: "ore", retryAtMs: null },
      current: { taskId: 1, cycleStartedAtMs: null, cycleEndsAtMs: null, endsAtMs: null },
      finishesAtMs: null,
      shortfalls: [
        { taskId: 1, code: "INSUFFICIENT_ITEMS", subject: "ore", needed: 2, available: 0, isSkipped: false },
      ],
    });
  });

  it("is paused before it is blocked, and then the cycle has no end", async () => {
    const { call, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig" } });
    clock.advance(300);
    await call("POST", "/v1/players/ada/queue/pause");
    const { body } = await call("GET", "/v1/players/ada/queue");
    expect(body).toMatchObject({
      status: "paused",
      reason: "COMMAND",
      pausedSinceMs: clock.nowMs(),
      current: { cycleStartedAtMs: clock.nowMs() - 300, cycleEndsAtMs: null, cycleDurationMs: 1_000 },
    });
  });

  it("warns when it is long", async () => {
    const { call, clock } = await startServer();
    const startMs = clock.nowMs();
    const tasks = Array.from({ length: 3 }, () => ({ activity: "dig", repeat: 3_600 }));
    await call("POST", "/v1/players/ada/queue/tasks", { body: { tasks } });
    const { body } = await call("GET", "/v1/players/ada/queue");
    expect(body["warnings"]).toEqual([
      { code: "QUEUE_LONG", detail: "The queue takes longer than 2 hours.", atMs: startMs + 3 * 3_600_000 },
    ]);
  });

  it("has a progress of a few bytes", async () => {
    const { call, clock } = await startServer();
    const startMs = clock.nowMs();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 2 } });
    clock.advance(1_000 + heldBackMs);
    expect((await call("GET", "/v1/players/ada/progress")).body).toEqual({
      status: "running",
      taskId: 1,
      activity: "dig",
      cyclesDone: 1,
      cyclesTotal: 2,
      cycleStartedAtMs: startMs + 1_000,
      cycleEndsAtMs: startMs + 2_000,
      tasks: 1,
      finishesAtMs: startMs + 2_000,
      finishesExact: true,
      revision: 1,
      version: versionInTime(2),
      serverTimeMs: startMs + 1_000 + heldBackMs,
    });
  });
});

describe("the journal", () => {
  it("tells what happened, in pages", async () => {
    const { call, clock } = await startServer();
    const startMs = clock.nowMs();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "dig", repeat: 2 } });
    clock.advance(5_000);
    const { body } = await call("GET", "/v1/players/ada/events?limit=2");
    expect(body).toEqual({
      events: [
        {
          number: 1,
          atMs: startMs,
          type: "command",
          revision: 1,
          actor: "ada",
          command: {
            type: "enqueue",
            tasks: [
              { taskId: 1, activity: "dig", repeat: 2, until: null, onBlocked: "wait", position: null },
            ],
            result: { taskIds: [1] },
          },
        },
        { number: 2, atMs: startMs, type: "task-started", taskId: 1, activity: "dig" },
      ],
      lastNumber: 4,
    });
    expect((await call("GET", "/v1/players/ada/events?after=2")).body).toEqual({
      events: [
        { number: 3, atMs: startMs + 2_000, type: "level-reached", skill: "mining", fromLevel: 1, level: 2 },
        {
          number: 4,
          atMs: startMs + 2_000,
          type: "task-ended",
          taskId: 1,
          activity: "dig",
          reason: "done",
          block: null,
          totals: {
            cyclesDone: 2,
            failures: 0,
            ranMs: 2_000,
            rareFinds: 0,
            gave: { ore: 2 },
            took: {},
            stashed: {},
            discarded: {},
            xp: { mining: 20 },
          },
        },
      ],
      lastNumber: 4,
    });
    expect((await call("GET", "/v1/players/ada/events?after=4")).body).toEqual({ events: [], lastNumber: 4 });
  });
});
