/** Bugs that games of this kind have shipped, from their public trackers. Each is a story that must end well here. */
import { describe, expect, test } from "vitest";
import { type CatalogSource, forecast, nextBoundaryMs, settle } from "../../src/index.js";
import { canonical } from "../canonical.mjs";
import { createGame, DAY_MS, HOUR_MS, MINUTE_MS, START_MS, WORKSHOP } from "./game.js";

const withOnFull = (onFull: "stash" | "discard" | "block"): CatalogSource => ({
  ...WORKSHOP,
  settings: { inventory: { maxStacks: 2, onFull } },
  items: { ore: { maxStack: 10 }, bar: { maxStack: 10 }, gem: { maxStack: 10 } },
});

test("rewards are not collected twice by reloading", () => {
  const game = createGame();
  game.enqueue(START_MS, { activity: "mine", repeat: 5 });
  const once = game.lookAt(START_MS + HOUR_MS);
  const oreOnce = game.has("ore");
  const eventsOnce = game.events.length;
  for (let reload = 0; reload < 10; reload += 1) game.lookAt(START_MS + HOUR_MS);
  expect(game.state, "the very same object").toBe(once);
  expect(game.has("ore")).toBe(oreOnce);
  expect(oreOnce).toBe(7 + 5);
  expect(game.events).toHaveLength(eventsOnce);
});

describe("loot can't be rolled again", () => {
  test("by reloading from an earlier state and looking at other instants", () => {
    const game = createGame();
    game.enqueue(START_MS, { activity: "search", repeat: 200 });
    const saved = game.state;
    const endMs = START_MS + 200 * 10_000;
    const inOneGo = settle(saved, game.timeline, endMs);
    let inSmallSteps = saved;
    for (let atMs = START_MS; atMs <= endMs; atMs += 3_777) {
      inSmallSteps = settle(inSmallSteps, game.timeline, atMs);
    }
    inSmallSteps = settle(inSmallSteps, game.timeline, endMs);
    expect(canonical(inSmallSteps)).toBe(canonical(inOneGo));
    expect(inOneGo.items.get("gem") ?? 0, "some, not all").toBeGreaterThan(20);
    expect(inOneGo.items.get("gem") ?? 0).toBeLessThan(120);
  });

  test("by taking the task away from the head until its next cycle looks better", () => {
    const patient = createGame();
    patient.enqueue(START_MS, { activity: "search", repeat: 30 });
    patient.lookAt(START_MS + HOUR_MS);

    const fiddler = createGame();
    fiddler.enqueue(START_MS, { activity: "search", repeat: 30 }, { activity: "mine", repeat: 1_000 });
    let atMs = START_MS;
    while (fiddler.state.lanes[0].tasks.some(({ number }) => number === 1)) {
      // Half of a cycle of searching, half of a cycle of mining, and again: then a whole cycle of searching.
      fiddler.command(atMs + 5_000, { type: "move", task: 2, before: 1 });
      fiddler.command(atMs + 7_000, { type: "move", task: 1, before: 2 });
      atMs += 17_000;
      fiddler.lookAt(atMs);
    }
    const loot = (game: typeof patient): unknown => {
      const end = game.events.find((event) => event.type === "task-ended" && event.task === 1);
      return end?.type === "task-ended" ? canonical(end.totals.gave) : null;
    };
    expect(loot(fiddler)).toBe(loot(patient));
  });
});

describe("a cancel neither duplicates nor loses inputs", () => {
  test("in the middle of a cycle they come back, once", () => {
    const game = createGame();
    game.enqueue(START_MS, { activity: "forge" });
    expect(game.has("ore"), "taken at the start").toBe(2);
    game.command(START_MS + 19_999, { type: "cancel", task: 1 });
    expect(game.has("ore")).toBe(7);
    game.lookAt(START_MS + HOUR_MS);
    expect(game.has("ore")).toBe(7);
    expect(game.has("bar"), "no outcome").toBe(0);
  });

  test("at the cycle's very end the outcome stands and nothing comes back", () => {
    const game = createGame();
    game.enqueue(START_MS, { activity: "forge" });
    expect(() => game.command(START_MS + 20_000, { type: "cancel", task: 1 })).toThrow(/Task 1/);
    expect(game.has("ore")).toBe(2);
    expect(game.has("bar")).toBe(1);
  });

  test("what has no room any more goes to the stash", () => {
    const game = createGame(withOnFull("stash"));
    game.enqueue(START_MS, { activity: "forge" });
    game.command(START_MS + 1_000, { type: "adjust", adjust: { items: { gem: 10, ore: 7 } } });
    game.command(START_MS + 2_000, { type: "cancel", task: 1 });
    expect([game.has("ore"), game.state.stash.get("ore")]).toEqual([10, 4]);
  });
});

test("the queue notices that an earlier task eats the inputs of a later one", () => {
  const game = createGame();
  // Seven ore: enough for either, not for both.
  game.enqueue(START_MS, { activity: "forge" }, { activity: "press" });
  expect(forecast(game.state, game.timeline).shortfalls).toEqual([
    {
      task: 2,
      block: { code: "INSUFFICIENT_ITEMS", subject: "ore", retryAtMs: null },
      needed: 4,
      available: 2,
      at: { atMs: START_MS + 20_000, isExact: true },
      isSkipped: false,
    },
  ]);
  game.lookAt(START_MS + HOUR_MS);
  expect(game.state.lanes[0].blocked?.code, "and so it comes").toBe("INSUFFICIENT_ITEMS");
});

describe("a full bag does not void the catch-up", () => {
  test("stash: what doesn't fit is kept aside, and said once", () => {
    const game = createGame(withOnFull("stash"));
    game.enqueue(START_MS, { activity: "mine", repeat: 1_000 });
    game.lookAt(START_MS + DAY_MS);
    expect([game.has("ore"), game.state.stash.get("ore")]).toEqual([20, 987]);
    expect(game.events.filter(({ type }) => type === "overflow")).toMatchObject([
      { item: "ore", amount: 1, to: "stash" },
    ]);
  });

  test("discard: what doesn't fit is gone, all else counts", () => {
    const game = createGame(withOnFull("discard"));
    game.enqueue(START_MS, { activity: "mine", repeat: 1_000 });
    game.lookAt(START_MS + DAY_MS);
    expect([game.has("ore"), game.state.stash.size, game.state.xp.get("mining")]).toEqual([20, 0, 10_000]);
  });

  test("block: the task waits, keeps what it has earned, and goes on when there is room", () => {
    const game = createGame(withOnFull("block"));
    game.enqueue(START_MS, { activity: "mine", repeat: 1_000 });
    game.lookAt(START_MS + HOUR_MS);
    expect([game.has("ore"), game.state.lanes[0].blocked?.code]).toEqual([20, "INVENTORY_FULL"]);
    game.command(START_MS + HOUR_MS, { type: "adjust", adjust: { items: { ore: -12 } } });
    game.lookAt(START_MS + 2 * HOUR_MS);
    expect(game.has("ore")).toBe(20);
  });
});

test("a level-up in the middle of a run makes the very next cycle faster", () => {
  const game = createGame();
  game.enqueue(START_MS, { activity: "mine", repeat: 21 });
  game.lookAt(START_MS + DAY_MS);
  // Ten cycles at 6 s reach level 2; at speed 1.5 the other eleven take 4 s.
  expect(game.events.find(({ type }) => type === "level-reached")?.atMs).toBe(START_MS + 60_000);
  expect(game.events.find(({ type }) => type === "task-ended")?.atMs).toBe(START_MS + 60_000 + 11 * 4_000);
});

test("catching up on a month costs no more than on a minute", () => {
  const settings = { queue: { maxTasks: 50, maxTaskMs: 30 * DAY_MS } };
  const activities = { mine: { kind: "harvest", durationMs: 1_000, gives: [{ item: "ore" }] } };
  const game = createGame({ ...WORKSHOP, settings, activities });
  game.enqueue(START_MS, { activity: "mine", repeat: null });
  // Room for eight boundaries: the bag fills up on the way, and nothing else counts, though 2.5 million cycles pass.
  const settled = settle(game.state, game.timeline, START_MS + 29 * DAY_MS, { maxCost: 8 * 32 });
  expect(nextBoundaryMs(settled, game.timeline)).toBeGreaterThan(START_MS + 29 * DAY_MS);
  expect(settled.lanes[0].tasks[0]?.cyclesDone).toBe(29 * 86_400);
});

test("the remainder of a cycle is not thrown away when somebody looks", () => {
  const game = createGame();
  game.enqueue(START_MS, { activity: "search", repeat: 360 });
  // Looked at every 9.9 s, a rounding game would never finish a cycle of 10 s.
  for (let atMs = START_MS; atMs < START_MS + HOUR_MS; atMs += 9_900) game.lookAt(atMs);
  game.lookAt(START_MS + HOUR_MS);
  expect(game.events.find(({ type }) => type === "task-ended")?.atMs).toBe(START_MS + HOUR_MS);
});

test("a clock set back gives nothing, takes nothing, and forgets nothing", () => {
  const game = createGame();
  game.enqueue(START_MS, { activity: "mine", repeat: 100 });
  const atNoon = game.lookAt(START_MS + 5 * MINUTE_MS);
  const before = canonical(atNoon);
  for (const atMs of [START_MS + 4 * MINUTE_MS, START_MS, START_MS - DAY_MS, 0]) {
    expect(game.lookAt(atMs)).toBe(atNoon);
  }
  expect(canonical(game.state)).toBe(before);
  const straight = createGame();
  straight.enqueue(START_MS, { activity: "mine", repeat: 100 });
  expect(canonical(game.lookAt(START_MS + HOUR_MS))).toBe(canonical(straight.lookAt(START_MS + HOUR_MS)));
});
