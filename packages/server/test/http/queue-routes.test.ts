/** Commands on a queue over HTTP. */
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import { heldBackMs, versionInTime } from "../support/test-store.js";

const TASKS = "/v1/players/ada/queue/tasks";

describe("enqueueing", () => {
  it("answers one task with the task and the queue", async () => {
    const { call, clock } = await startServer();
    const startMs = clock.nowMs();
    const { status, body, headers } = await call("POST", TASKS, {
      body: { activity: "dig", repeat: 3, onBlocked: "skip" },
    });
    expect(status).toBe(201);
    expect(headers.get("etag")).toBe('"1"');
    expect(body).toMatchObject({
      task: {
        taskId: 1,
        activity: "dig",
        cyclesDone: 0,
        cyclesTotal: 3,
        until: null,
        onBlocked: "skip",
        startsAtMs: startMs,
        startsExact: true,
        endsAtMs: startMs + 3_000,
        endsExact: true,
        hasEnded: false,
      },
      replayed: false,
      returned: {},
      stashed: {},
      queue: { status: "running", revision: 1, current: { taskId: 1 } },
    });
    expect(body).not.toHaveProperty("tasks");
  });

  it("answers a list with a list, all or none", async () => {
    const { call } = await startServer();
    const tasks = [{ activity: "dig" }, { activity: "dig", until: { items: { ore: 5 } } }];
    const { body } = await call("POST", TASKS, { body: { tasks } });
    expect(body).toMatchObject({
      tasks: [
        { taskId: 1, cyclesTotal: 1, until: null },
        { taskId: 2, cyclesTotal: null, until: { skills: {}, items: { ore: 5 } } },
      ],
    });
    const refused = await call("POST", TASKS, {
      body: { tasks: [{ activity: "dig" }, { activity: "digg" }] },
    });
    expect(refused).toMatchObject({ status: 422, body: { code: "UNKNOWN_ACTIVITY", didYouMean: "dig" } });
    expect((await call("GET", "/v1/players/ada/queue")).body["revision"]).toBe(1);
  });

  it("puts a task where it should go", async () => {
    const { call } = await startServer();
    await call("POST", TASKS, { body: { tasks: [{ activity: "dig" }, { activity: "dig" }] } });
    const { body } = await call("POST", TASKS, { body: { activity: "smelt", position: 1 } });
    expect(body).toMatchObject({
      queue: { current: { taskId: 1 }, upcoming: [{ taskId: 3 }, { taskId: 2 }] },
    });
  });

  it("happens once for a key, and says so when it is asked again", async () => {
    const { call, clock } = await startServer();
    const request = { body: { activity: "dig" }, headers: { "idempotency-key": "one" } };
    const first = await call("POST", TASKS, request);
    const again = await call("POST", TASKS, request);
    expect(again.status).toBe(201);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual({ ...first.body, replayed: true });
    clock.advance(10_000);
    const late = await call("POST", TASKS, request);
    expect(late.body).toMatchObject({
      replayed: true,
      task: { taskId: 1, activity: "dig", cyclesDone: null, hasEnded: true, startsAtMs: null },
      queue: { status: "idle" },
    });
  });

  it("refuses a key that was used for something else", async () => {
    const { call } = await startServer();
    const headers = { "idempotency-key": "one" };
    await call("POST", TASKS, { body: { activity: "dig" }, headers });
    const other = await call("POST", TASKS, { body: { activity: "smelt" }, headers });
    expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
  });

  it("refuses more than the queue holds, and tasks that are too long", async () => {
    const { call } = await startServer();
    const tasks = Array.from({ length: 6 }, () => ({ activity: "dig" }));
    expect(await call("POST", TASKS, { body: { tasks } })).toMatchObject({
      status: 409,
      body: { code: "QUEUE_FULL", canRetry: true, maxTasks: 5 },
    });
    expect(await call("POST", TASKS, { body: { activity: "dig", repeat: 3_601 } })).toMatchObject({
      status: 422,
      body: { code: "TASK_TOO_LONG", mostRepeats: 3_600 },
    });
  });
});

describe("If-Match", () => {
  it("holds a command to the revision that was seen", async () => {
    const { call } = await startServer();
    const seen = (await call("GET", "/v1/players/ada/queue")).headers.get("etag") ?? "";
    const post = (ifMatch: string) =>
      call("POST", TASKS, { body: { activity: "dig" }, headers: { "if-match": ifMatch } });
    expect((await post(seen)).status).toBe(201);
    expect(await post(seen)).toMatchObject({
      status: 409,
      body: { code: "VERSION_CONFLICT", canRetry: true, revision: 1 },
    });
    expect((await post('W/"1"')).status).toBe(201);
    expect((await post("*")).status).toBe(201);
  });

  it("is not broken by a read that saved a milestone", async () => {
    const { call, clock } = await startServer();
    await call("POST", TASKS, { body: { activity: "dig", repeat: 5 } });
    clock.advance(1_000 + heldBackMs);
    expect((await call("GET", "/v1/players/ada/queue")).body["version"]).toEqual(versionInTime(2));
    const { status } = await call("POST", "/v1/players/ada/queue/pause", { headers: { "if-match": '"1"' } });
    expect(status).toBe(200);
  });
});

describe("the queue's other commands", () => {
  it("cancel a task and say what was given back", async () => {
    const { call, clock } = await startServer();
    await call("POST", TASKS, { body: { tasks: [{ activity: "dig", repeat: 2 }, { activity: "smelt" }] } });
    clock.advance(2_500);
    const { status, body } = await call("DELETE", `${TASKS}/2`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ returned: { ore: 2 }, stashed: {}, queue: { status: "idle" } });
    expect(await call("DELETE", `${TASKS}/2`)).toMatchObject({
      status: 404,
      body: { code: "TASK_NOT_FOUND", task: 2 },
    });
  });

  it("move a task before another, or to the end", async () => {
    const { call } = await startServer();
    await call("POST", TASKS, {
      body: { tasks: [{ activity: "dig" }, { activity: "dig" }, { activity: "dig" }] },
    });
    const order = (body: Awaited<ReturnType<typeof call>>["body"]): number[] => {
      const queue: unknown = body["queue"];
      const { current, upcoming } = queue as { current: { taskId: number }; upcoming: { taskId: number }[] };
      return [current.taskId, ...upcoming.map(({ taskId }) => taskId)];
    };
    expect(order((await call("POST", `${TASKS}/3/move`, { body: { before: 1 } })).body)).toEqual([3, 1, 2]);
    expect(order((await call("POST", `${TASKS}/3/move`, { body: { before: null } })).body)).toEqual([
      1, 2, 3,
    ]);
    expect(
      order((await call("PUT", "/v1/players/ada/queue/order", { body: { taskIds: [2, 99, 3, 1] } })).body),
    ).toEqual([2, 3, 1]);
    expect(await call("PUT", "/v1/players/ada/queue/order", { body: { taskIds: [2, 3] } })).toMatchObject({
      status: 409,
      body: { code: "VERSION_CONFLICT", missing: [1] },
    });
  });

  it("pause, resume and stop it", async () => {
    const { call, clock } = await startServer();
    await call("POST", TASKS, { body: { activity: "dig", repeat: 2 } });
    clock.advance(400);
    expect((await call("POST", "/v1/players/ada/queue/pause")).body).toMatchObject({
      queue: { status: "paused" },
    });
    clock.advance(60_000);
    const { body } = await call("POST", "/v1/players/ada/queue/resume");
    expect(body).toMatchObject({
      queue: { status: "running", current: { cycleEndsAtMs: clock.nowMs() + 600 } },
    });
    expect((await call("POST", "/v1/players/ada/queue/stop", { body: {} })).body).toMatchObject({
      queue: { status: "idle", upcoming: [] },
    });
  });

  it("may be given by an administrator, in whose name they stand in the journal", async () => {
    const { call, asAdmin } = await startServer();
    await call("GET", "/v1/players/ada");
    expect((await asAdmin("POST", TASKS, { body: { activity: "dig" } })).status).toBe(201);
    expect((await call("GET", "/v1/players/ada/events")).body).toMatchObject({
      events: [{ actor: "ops" }, {}],
    });
  });
});
