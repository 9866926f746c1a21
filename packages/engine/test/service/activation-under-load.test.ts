import { type Command, createTimeline, compileCatalog } from "@mainspring/core";
import { expect, it } from "vitest";
import { canonical } from "../../../core/test/canonical.mjs";
import { apply, createWorld, settleTo } from "../../../core/test/oracle/oracle.js";
import type { Engine } from "../../src/engine.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { fixedBytes, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";
import { allEvents } from "../support/all-events.js";

const PLAYERS = 100;
const WAVES = 120;
/** Far more than the waves have time for. */
const MAX_CYCLES = 100_000;
const seed = Number(process.env["MAINSPRING_SEED"] ?? Date.now() % 1_000_000);

/** Faster, scarcer, without the craft, and with too little room. */
const NEXT_CATALOG = {
  ...TICK_CATALOG,
  settings: { ...TICK_CATALOG.settings, inventory: { maxStacks: 3, onFull: "discard" } },
  items: { ore: { maxStack: 15 }, gem: { rarity: "rare" } },
  activities: {
    mine: { ...TICK_CATALOG.activities.mine, durationMs: 700 },
    dig: {
      ...TICK_CATALOG.activities.dig,
      gives: [
        { item: "ore", count: [2, 5] },
        { item: "gem", chance: 0.3 },
      ],
    },
  },
} as const;

interface Ordered {
  readonly command: Command;
  readonly revision: number;
}

function createRandom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function randomCommand(random: (below: number) => number): Command {
  const choice = random(8);
  if (choice < 4) {
    const activity = ["mine", "dig", "smelt"][random(3)] ?? "mine";
    return {
      type: "enqueue",
      tasks: [
        {
          activity,
          repeat: 1 + random(20),
          onBlocked: random(2) === 0 ? "skip" : "wait",
          position: random(3),
        },
      ],
    };
  }
  if (choice === 4) return { type: "cancel", task: 1 + random(10) };
  return { type: choice === 5 ? "pause" : choice === 6 ? "stop" : "resume" };
}

it(`moves every player as the oracle says when a catalog is activated under load (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const store = createMemoryStore();
  const clock = createManualClock(START_MS);
  const engines = [(await openEngine({ store, clock })).engine, (await openEngine({ store, clock })).engine];
  const anyEngine = (): Engine => engines[random(2)] as Engine;
  const players = Array.from({ length: PLAYERS }, (_, number) => ({
    playerId: `player-${number}`,
    ordered: [] as Ordered[],
  }));
  await Promise.all(players.map(({ playerId }) => anyEngine().read(playerId, OWN)));
  const activation = await anyEngine().catalogs.propose(NEXT_CATALOG);

  for (let wave = 0; wave < WAVES; wave += 1) {
    clock.advance(1 + random(1_200));
    await Promise.all(
      players.map(async ({ playerId, ordered }) => {
        if (random(3) === 0) return anyEngine().read(playerId);
        const command = randomCommand(random);
        const outcome = await anyEngine()
          .apply(playerId, command)
          .catch(() => null);
        if (outcome !== null) ordered.push({ command, revision: outcome.revision });
        return null;
      }),
    );
  }
  clock.advance(10_000);
  expect(clock.nowMs()).toBeGreaterThan(activation.atMs + 10_000);

  const timeline = createTimeline(
    await anyEngine().catalogs.timeline(),
    [TICK_CATALOG, NEXT_CATALOG].map(compileCatalog),
  );
  for (const { playerId, ordered } of players) {
    const { state, incarnation } = await anyEngine().read(playerId);
    const events = await allEvents(anyEngine(), playerId);
    const instants = new Map(
      events.flatMap((event) => (event.type === "command" ? [[event.revision, event.atMs] as const] : [])),
    );
    const world = createWorld(timeline, incarnation, fixedBytes(16));
    for (const { command, revision } of [...ordered].sort((a, b) => a.revision - b.revision)) {
      const atMs = instants.get(revision) ?? Number.NaN;
      settleTo(world, atMs, MAX_CYCLES);
      apply(world, atMs, command);
    }
    settleTo(world, clock.nowMs(), MAX_CYCLES);
    expect(canonical(events)).toBe(canonical(world.events));
    expect(canonical(state)).toBe(canonical(world.state));
    expect(state.catalog).toBe(activation.hash);
  }
});
