/** Equipment, the stash, and adjustments over HTTP. */
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import { heldBackMs } from "../support/test-store.js";

const ADJUST = "/v1/players/ada/adjust";

describe("equipping", () => {
  it("puts an item into its slot and takes it out", async () => {
    const { call } = await startServer();
    const on = await call("POST", "/v1/players/ada/equip", { body: { slot: "tool", item: "pick" } });
    expect(on).toMatchObject({
      status: 200,
      body: { returned: {}, player: { equipped: { tool: "pick" }, items: {} } },
    });
    const off = await call("POST", "/v1/players/ada/equip", { body: { slot: "tool", item: null } });
    expect(off.body).toMatchObject({ returned: { pick: 1 }, player: { equipped: {}, items: { pick: 1 } } });
  });

  it("refuses what doesn't fit, and says what was probably meant", async () => {
    const { call } = await startServer();
    const equip = (slot: string, item: string) =>
      call("POST", "/v1/players/ada/equip", { body: { slot, item } });
    expect(await equip("tol", "pick")).toMatchObject({
      status: 422,
      body: { code: "UNKNOWN_SLOT", didYouMean: "tool" },
    });
    expect(await equip("tool", "pik")).toMatchObject({
      status: 422,
      body: { code: "UNKNOWN_ITEM", didYouMean: "pick" },
    });
    expect(await equip("tool", "ore")).toMatchObject({ status: 422, body: { code: "UNKNOWN_SLOT" } });
  });
});

describe("the stash", () => {
  it("is claimed in part and in whole", async () => {
    const { call, asAdmin, clock } = await startServer();
    await call("POST", "/v1/players/ada/queue/tasks", { body: { activity: "haul" } });
    clock.advance(1_000 + heldBackMs);
    expect((await call("GET", "/v1/players/ada")).body).toMatchObject({
      items: { boulder: 3 },
      stash: { boulder: 3 },
    });
    const claim = (body?: unknown) =>
      call("POST", "/v1/players/ada/stash/claim", body === undefined ? {} : { body });
    expect(await claim()).toMatchObject({ status: 409, body: { code: "INVENTORY_FULL" } });
    const spend = { items: { boulder: -3 } };
    await asAdmin("POST", ADJUST, { body: spend, headers: { "idempotency-key": "a" } });
    expect((await claim({ items: { boulder: 1 } })).body).toMatchObject({
      claimed: { boulder: 1 },
      player: { stash: { boulder: 2 } },
    });
    expect(await claim({ items: { boulder: 9 } })).toMatchObject({
      status: 409,
      body: { code: "INSUFFICIENT_ITEMS" },
    });
    expect((await claim()).body).toMatchObject({
      claimed: { boulder: 2 },
      player: { items: { boulder: 3 }, stash: {} },
    });
  });
});

describe("adjusting", () => {
  it("puts items, xp and effects in, once by its key, with a reason for the journal", async () => {
    const { call, asAdmin, clock } = await startServer();
    await call("GET", "/v1/players/ada");
    const untilMs = clock.nowMs() + 60_000;
    const body = {
      items: { ore: 5, pick: -1 },
      xp: { mining: 25 },
      effects: [{ stat: "speed", add: 0.5, kind: "harvest", untilMs }],
      reason: "quest",
    };
    const request = { body, headers: { "idempotency-key": "quest-1" } };
    const first = await asAdmin("POST", ADJUST, request);
    expect(first).toMatchObject({
      status: 200,
      body: {
        replayed: false,
        items: { ore: 5, pick: -1 },
        xp: { mining: 25 },
        player: {
          items: { ore: 5 },
          skills: { mining: { level: 2, xp: 25 } },
          effects: [{ stat: "speed", add: 0.5, kind: "harvest", activity: null, untilMs }],
        },
      },
    });
    expect((await asAdmin("POST", ADJUST, request)).body).toMatchObject({
      replayed: true,
      player: { items: { ore: 5 } },
    });
    const { body: journal } = await call("GET", "/v1/players/ada/events");
    expect(journal).toMatchObject({
      events: [{ type: "level-reached" }, { type: "command", actor: "ops", reason: "quest" }],
    });
  });

  it("takes what is there if that is what was asked for, and all or nothing otherwise", async () => {
    const { call, asAdmin } = await startServer();
    await call("GET", "/v1/players/ada");
    const adjust = (key: string, body: object) =>
      asAdmin("POST", ADJUST, { body, headers: { "idempotency-key": key } });
    await adjust("a", { items: { ore: 2 } });
    expect(await adjust("b", { items: { ore: -3, bar: 1 } })).toMatchObject({
      status: 409,
      body: { code: "INSUFFICIENT_ITEMS", available: 2 },
    });
    expect(await adjust("c", { xp: { mining: -1 } })).toMatchObject({
      status: 409,
      body: { code: "INSUFFICIENT_XP" },
    });
    expect((await adjust("d", { items: { ore: -3, bar: 1 }, atMost: true })).body).toMatchObject({
      items: { ore: -2, bar: 1 },
      player: { items: { bar: 1, pick: 1 } },
    });
  });

  it("is for administrators, and asks for a key", async () => {
    const { call, asAdmin } = await startServer();
    await call("GET", "/v1/players/ada");
    const body = { items: { ore: 1 } };
    expect(await call("POST", ADJUST, { body, headers: { "idempotency-key": "a" } })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    expect(await asAdmin("POST", ADJUST, { body })).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST" },
    });
    expect((await call("GET", "/v1/players/ada")).body).toMatchObject({ items: { pick: 1 }, revision: 0 });
  });
});
