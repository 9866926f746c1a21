/** A small game to tell stories with: a catalog, one player, and a clock that the story moves. */
import {
  type Activity,
  applyCommand,
  type Catalog,
  type CatalogSource,
  catalogOf,
  type Command,
  compileCatalog,
  createPlayer,
  createSeed,
  createTimeline,
  type PlayerEvent,
  type PlayerState,
  settle,
  type TaskRequest,
  type Timeline,
} from "../../src/index.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** When the stories begin. */
export const START_MS = 1_750_000_000_000;

/** A mine, a forge that eats what it gives, a press that eats it too, and a chest with something rare in it. */
export const WORKSHOP: CatalogSource = {
  name: "workshop",
  settings: { inventory: { maxStacks: 20, onFull: "stash" } },
  kinds: ["harvest", "craft"],
  skills: { mining: { levels: { table: [0, 100, 300, 600] } } },
  items: { ore: { maxStack: 1_000 }, bar: { maxStack: 1_000 }, gem: { maxStack: 10 } },
  activities: {
    mine: {
      kind: "harvest",
      durationMs: 6_000,
      gives: [{ item: "ore", count: 1 }],
      xp: { mining: 10 },
      speed: [{ skill: "mining", perLevel: 0.5, max: 2 }],
    },
    forge: { kind: "craft", durationMs: 20_000, takes: { ore: 5 }, gives: [{ item: "bar" }] },
    press: { kind: "craft", durationMs: 10_000, takes: { ore: 4 }, gives: [{ item: "bar" }] },
    search: {
      kind: "harvest",
      durationMs: 10_000,
      gives: [
        { item: "gem", chance: 0.3 },
        { item: "ore", count: [1, 100] },
      ],
    },
  },
  newPlayer: { items: { ore: 7 } },
};

export interface Game {
  readonly timeline: Timeline;
  readonly catalog: Catalog;
  readonly activity: (id: string) => Activity | undefined;
  state: PlayerState;
  /** All that happened so far. */
  readonly events: PlayerEvent[];
  /** Time passes; somebody looks. */
  lookAt(atMs: number): PlayerState;
  command(atMs: number, command: Command): void;
  enqueue(atMs: number, ...tasks: readonly TaskRequest[]): void;
  has(item: string): number;
}

export function createGame(source: CatalogSource = WORKSHOP, seedByte = 7): Game {
  const catalog = compileCatalog(source);
  const timeline = createTimeline([{ atMs: START_MS - DAY_MS, hash: catalog.hash }], [catalog]);
  const events: PlayerEvent[] = [];
  const emit = (event: PlayerEvent): void => void events.push(event);
  const seed = createSeed(new Uint8Array(16).fill(seedByte));
  const game: Game = {
    timeline,
    catalog: catalogOf(timeline, catalog.hash),
    activity: (id) => catalog.activities.get(id),
    state: createPlayer(timeline, { nowMs: START_MS, seed }),
    events,
    lookAt: (atMs) => (game.state = settle(game.state, timeline, atMs, { emit })),
    command: (atMs, command) => {
      game.lookAt(atMs);
      game.state = applyCommand(game.state, timeline, command, { atMs, emit }).state;
    },
    enqueue: (atMs, ...tasks) => game.command(atMs, { type: "enqueue", tasks }),
    has: (item) => game.state.items.get(item) ?? 0,
  };
  return game;
}
