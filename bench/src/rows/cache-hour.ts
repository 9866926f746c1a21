/** What the cache answers in an hour of a game, on two instances between which players roam, and what is left for the database. */
import { type CatalogSource, isMainspringError } from "@mainspring/core";
import {
  createEngine,
  type Engine,
  type PlayerValues,
  type PlayerView,
  type Stamp,
  type Store,
} from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { type Cache, type CacheStats, createCache, type OwnNamespace } from "@mainspring/engine/cache";
import { createManualClock, type ManualClock } from "@mainspring/engine/testing";
import { pass } from "../fixtures/beating-time.js";
import { type CountedDynalite, startCountedDynalite } from "../fixtures/counted-dynalite.js";
import { seededRandom } from "../fixtures/crowd.js";
import { createSecondTier } from "../fixtures/second-tier.js";
import {
  AWAY_SECONDS,
  createGameHour,
  type Deed,
  type PlayerRequest,
  POLL_SECONDS,
  ROAMING_SHARE,
  VISIT_SECONDS,
} from "../fixtures/game-hour.js";
import { formatNumber } from "../format.js";
import type { Finding, Row, RowContext } from "../row.js";

/** Of reads of queues that asked the cache, so many are to be answered without the store. */
const BUDGET_SHARE = 0.95;

const SEED = 4;
const INSTANCE_COUNT = 2;
const CYCLE_MS = 30_000;
const MAX_REPEAT = 20;
const SECOND_MS = 1_000;

interface Load {
  readonly playerCount: number;
  /** Game time. */
  readonly seconds: number;
}

const FULL: Load = { playerCount: 1_000, seconds: 3_600 };
const QUICK: Load = { playerCount: 100, seconds: 120 };

const CATALOG: CatalogSource = {
  name: "bench-hour",
  kinds: ["harvest"],
  skills: { mining: { levels: { xpBase: 100, xpGrowth: 1.15, max: 99 } } },
  items: { ore: { maxStack: 9999 } },
  activities: {
    mine: {
      kind: "harvest",
      durationMs: CYCLE_MS,
      gives: [{ item: "ore", count: [1, 3] }],
      xp: { mining: 25 },
    },
  },
};

export const cacheHour: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const withCache = await playWithCache(context, load);
  const without = await playWithout(load);
  return [queuesFinding(withCache, load), ...valueFindings(withCache), databaseFinding(withCache, without)];
};

/** What a progress bar needs, and what a profile shows. */
interface Progress {
  readonly finishesAtMs: number | null;
  readonly changesAtMs: number;
}
type Totals = Readonly<Record<string, number>>;

interface Instance {
  readonly engine: Engine;
  readonly progress: PlayerValues<Progress>;
  readonly stats: PlayerValues<Totals>;
}

interface World {
  readonly clock: ManualClock;
  readonly instances: readonly Instance[];
  /** Records read from the store so far. */
  readonly storeReads: () => number;
}

type Asked = Readonly<Record<Deed, number>>;

interface Outcome {
  readonly asked: Asked;
  readonly visits: number;
  readonly commits: number;
  /** Reads and commands that the engines were asked for: whatever could need a record. */
  readonly recordsWanted: number;
  readonly storeReads: number;
}

interface CachedOutcome extends Outcome {
  /** By namespace and tier, of all instances. */
  readonly tiers: Readonly<Record<string, Pick<CacheStats, "hits" | "misses" | "loads">>>;
  readonly requests: Readonly<Record<string, number>>;
}

async function playWithCache({ defer }: RowContext, load: Load): Promise<CachedOutcome> {
  const database = await startCountedDynalite();
  defer(() => database.stop());
  const clock = createManualClock();
  const server = createSecondTier(clock);
  const caches: Cache[] = [];
  const counts: (() => number)[] = [];
  const instances: Instance[] = [];
  while (instances.length < INSTANCE_COUNT) {
    const cache = createCache({
      remote: server.connect(),
      clock,
      timers: clock,
      random: seededRandom(instances.length),
    });
    caches.push(cache);
    instances.push(await openCached(database, { clock, cache, counts }));
  }
  const world = { clock, instances, storeReads: () => sum(counts.map((count) => count())) };
  await enter(world, load);
  const before = { tiers: tiersOf(caches), requests: database.requests() };
  const outcome = await play(world, load);
  const tiers = tiersOf(caches);
  const requests = database.requests();
  for (const { engine } of instances) await engine.close();
  await database.stop();
  return {
    ...outcome,
    tiers: Object.fromEntries(
      Object.entries(tiers).map(([name, tier]) => [name, since(before.tiers[name], tier)]),
    ),
    requests: since(before.requests, requests),
  };
}

async function openCached(
  database: CountedDynalite,
  { clock, cache, counts }: { clock: ManualClock; cache: Cache; counts: (() => number)[] },
): Promise<Instance> {
  const { store, reads } = countReads(await database.open(clock));
  counts.push(reads);
  const engine = await createEngine({ store, cache, clock, catalog: CATALOG });
  return { engine, progress: cache.players("taskProgress"), stats: cache.players("playerStats") };
}

/** The plain path: each request asks the store. How many reads that makes doesn't depend on which store it is. */
async function playWithout(load: Load): Promise<Outcome> {
  const clock = createManualClock();
  const { store, reads } = countReads(createMemoryStore());
  const instances: Instance[] = [];
  while (instances.length < INSTANCE_COUNT) {
    const engine = await createEngine({ store, clock, catalog: CATALOG });
    instances.push({ engine, progress: madeAnew(), stats: madeAnew() });
  }
  const world = { clock, instances, storeReads: reads };
  await enter(world, load);
  const outcome = await play(world, load);
  for (const { engine } of instances) await engine.close();
  return outcome;
}

function madeAnew<V>(): PlayerValues<V> {
  return { get: async (_playerId, _wanted, make) => (await make()).value };
}

function countReads(store: Store): { readonly store: Store; readonly reads: () => number } {
  let count = 0;
  return {
    reads: () => count,
    store: {
      ...store,
      async read(playerIds, options) {
        count += playerIds.length;
        return store.read(playerIds, options);
      },
    },
  };
}

const idOf = (player: number): string => `player-${player}`;

/** Everybody has something to do before the hour begins. */
async function enter({ clock, instances }: World, { playerCount }: Load): Promise<void> {
  for (let player = 0; player < playerCount; player += 1) {
    const { engine } = instanceOf(instances, player);
    await engine.apply(
      idOf(player),
      { type: "enqueue", tasks: [{ activity: "mine", repeat: MAX_REPEAT }] },
      { asPlayer: true },
    );
    // The ends of cycles spread over time.
    if (player % Math.ceil(playerCount / (CYCLE_MS / SECOND_MS)) === 0) await pass(clock, SECOND_MS);
  }
}

function instanceOf(instances: readonly Instance[], index: number): Instance {
  const instance = instances[index % instances.length];
  if (instance === undefined) throw new Error("There is no instance.");
  return instance;
}

async function play(world: World, { playerCount, seconds }: Load): Promise<Outcome> {
  const { clock, instances, storeReads } = world;
  const hour = createGameHour({ playerCount, random: seededRandom(SEED) });
  const client = createClient(world);
  const before = { storeReads: storeReads(), commits: commitsOf(instances) };
  for (let second = 0; second < seconds; second += 1) {
    await Promise.all(
      hour.nextSecond().map(async (requests) => {
        for (const request of requests) await client.ask(request);
      }),
    );
    await pass(clock, SECOND_MS);
  }
  return {
    asked: client.asked,
    visits: hour.visits(),
    commits: commitsOf(instances) - before.commits,
    recordsWanted: client.recordsWanted(),
    storeReads: storeReads() - before.storeReads,
  };
}

function commitsOf(instances: readonly Instance[]): number {
  return sum(instances.map(({ engine }) => engine.performance().serviceStats.commits));
}

/** Players' clients: each says which version it was shown last, and is never shown an older one. */
function createClient({ clock, instances }: Pick<World, "clock" | "instances">) {
  const asked: Record<Deed, number> = { poll: 0, progress: 0, stats: 0, command: 0 };
  const shown = new Map<number, Stamp>();
  const random = seededRandom(SEED + 1);
  let recordsWanted = 0;

  const read = async (engine: Engine, { player, about }: PlayerRequest): Promise<PlayerView> => {
    recordsWanted += 1;
    const atLeast = shown.get(about);
    const options = { asPlayer: player === about, ...(player === about && atLeast && { atLeast }) };
    const view = engine.peek(idOf(about), options) ?? (await engine.read(idOf(about), options));
    if (player === about) shown.set(player, view);
    return view;
  };
  const command = async (engine: Engine, { player }: PlayerRequest): Promise<void> => {
    recordsWanted += 1;
    const tasks = [{ activity: "mine", repeat: 1 + Math.floor(random() * MAX_REPEAT) }];
    try {
      const { view } = await engine.apply(idOf(player), { type: "enqueue", tasks }, { asPlayer: true });
      shown.set(player, view);
    } catch (error) {
      if (!isMainspringError(error) || error.code !== "QUEUE_FULL") throw error;
    }
  };
  return {
    asked: asked as Asked,
    recordsWanted: () => recordsWanted,
    async ask(request: PlayerRequest): Promise<void> {
      const { player, about, deed, isRoaming } = request;
      const { engine, progress, stats } = instanceOf(instances, player + (isRoaming ? 1 : 0));
      asked[deed] += 1;
      const atLeast = (player === about ? shown.get(player) : undefined) ?? { incarnation: 0, version: 0 };
      switch (deed) {
        case "poll":
          await read(engine, request);
          return;
        case "command":
          await command(engine, request);
          return;
        case "progress": {
          const isGood = ({ changesAtMs }: Progress): boolean => clock.nowMs() < changesAtMs;
          await progress.get(idOf(about), { atLeast, isGood }, async () =>
            valueOf(await read(engine, request), progressOf),
          );
          return;
        }
        case "stats":
          await stats.get(idOf(about), { atLeast, isGood: () => true }, async () =>
            valueOf(await read(engine, request), totalsOf),
          );
      }
    },
  };
}

function valueOf<V>(view: PlayerView, make: (view: PlayerView) => V): { stamp: Stamp; value: V } {
  const { incarnation, version } = view;
  return { stamp: { incarnation, version }, value: make(view) };
}

/** Good until the next cycle ends. */
function progressOf({ forecast, state, nowMs }: PlayerView): Progress {
  return {
    finishesAtMs: forecast.finishes.atMs,
    changesAtMs: state.settledAtMs + CYCLE_MS > nowMs ? state.settledAtMs + CYCLE_MS : nowMs + CYCLE_MS,
  };
}

function totalsOf({ state }: PlayerView): Totals {
  return Object.fromEntries(state.items);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function since<R extends Readonly<Record<string, number>>>(before: R | undefined, after: R): R {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before?.[name] ?? 0)]),
  ) as R;
}

function tiersOf(caches: readonly Cache[]): Record<string, { hits: number; misses: number; loads: number }> {
  const tiers: Record<string, { hits: number; misses: number; loads: number }> = {};
  for (const cache of caches) {
    for (const [name, { hits, misses, loads }] of Object.entries(cache.stats().namespaces)) {
      const tier = tiers[name] ?? { hits: 0, misses: 0, loads: 0 };
      tiers[name] = { hits: tier.hits + hits, misses: tier.misses + misses, loads: tier.loads + loads };
    }
  }
  return tiers;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Of those that came so far, so many went no further. */
function tierText({ tiers }: CachedOutcome, namespace: OwnNamespace): string {
  return (["local", "redis"] as const)
    .map((tier) => {
      const { hits, misses } = tiers[`${namespace}.${tier}`] ?? { hits: 0, misses: 0 };
      const where = tier === "local" ? "in the process" : "in the second tier";
      return hits + misses === 0
        ? `${where} nothing was asked for`
        : `${percent(hits / (hits + misses))} of ${formatNumber(hits + misses)} ${where}`;
    })
    .join(", ");
}

function queuesFinding(outcome: CachedOutcome, { playerCount, seconds }: Load): Finding {
  const { asked, recordsWanted, storeReads, visits, commits } = outcome;
  const share = 1 - storeReads / recordsWanted;
  return {
    what: `${formatNumber(playerCount)} players for ${formatNumber(seconds)} s of game time on ${INSTANCE_COUNT} instances: reads of records that the cache answers, \`activeQueue\``,
    measured: `${percent(share)} of ${formatNumber(recordsWanted)}; ${tierText(outcome, "activeQueue")}`,
    budget: `≥ ${BUDGET_SHARE * 100} %`,
    isMet: share >= BUDGET_SHARE,
    how: `DynamoDB (dynalite); the second tier is a model, since a real Redis has a clock of its own. While they are there (${VISIT_SECONDS / 60} minutes at a time, then ${AWAY_SECONDS / 60} away; ${formatNumber(visits)} visits) players ask for their queue each ${POLL_SECONDS} s (${formatNumber(asked.poll)}), for progress (${formatNumber(asked.progress)}), for stats of others (${formatNumber(asked.stats)}), and command (${formatNumber(asked.command)}); ${ROAMING_SHARE * 100} % of requests arrive at another instance than the rest; cycles take ${CYCLE_MS / 1000} s, and each milestone is saved before it is shown (${formatNumber(commits)} commits). Whatever the store was asked for counts against it`,
    figures: { share, recordsWanted, storeReads, commits, ...figuresOf(outcome, "activeQueue") },
  };
}

function figuresOf({ tiers }: CachedOutcome, namespace: OwnNamespace): Record<string, number> {
  const { hits: localHits = 0, misses: localMisses = 0 } = tiers[`${namespace}.local`] ?? {};
  const { hits: redisHits = 0, misses: redisMisses = 0 } = tiers[`${namespace}.redis`] ?? {};
  return { localHits, localMisses, redisHits, redisMisses };
}

function valueFindings(outcome: CachedOutcome): Finding[] {
  const namespaces = ["taskProgress", "playerStats", "frequentData"] as const;
  return namespaces.map((namespace) => {
    const { hits = 0, misses = 0, loads = 0 } = outcome.tiers[`${namespace}.local`] ?? {};
    const isUsed = hits + misses > 0;
    const share = isUsed ? 1 - loads / (hits + misses) : 0;
    return {
      what: `the same hour: values of \`${namespace}\` that are at hand`,
      measured: isUsed ? `${percent(share)}; ${tierText(outcome, namespace)}` : "none was asked for",
      budget: null,
      isMet: null,
      how:
        namespace === "frequentData"
          ? "what an engine has read of it (catalogs) it keeps itself"
          : `made by this row, as a game's own board would; ${formatNumber(loads)} were made anew, most of them from a record that is in the cache`,
      figures: { share, loads, ...figuresOf(outcome, namespace) },
    };
  });
}

/** Some commits read as well: where the record came from the second tier, their store has to find out which of its events are unsaved. */
function databaseFinding({ storeReads, requests }: CachedOutcome, without: Outcome): Finding {
  const reads = (requests["GetItem"] ?? 0) + (requests["BatchGetItem"] ?? 0);
  const operations = Object.entries(requests)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatNumber(count)}`)
    .join(", ");
  return {
    what: "the same hour: reads of the database, with and without the cache",
    measured: `${formatNumber(reads)} against ${formatNumber(without.storeReads)}, −${percent(1 - reads / without.storeReads)}`,
    budget: null,
    isMet: null,
    how: `with the cache, counted where they arrive: ${operations}; ${formatNumber(storeReads)} are records that the cache asked for, most of the others are looks before a commit whose record came from the second tier. Without it: the same hour on the memory store, its reads counted`,
    figures: { reads, storeReads, readsWithout: without.storeReads },
  };
}
