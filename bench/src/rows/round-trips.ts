/** What players who poll cost at the database: requests counted at the wire, capacity units as the database counts them, and money. */
import type { CatalogSource } from "@mainspring/core";
import { createEngine, type Engine, type Store } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { type Cache, createCache } from "@mainspring/engine/cache";
import { createManualClock, type ManualClock } from "@mainspring/engine/testing";
import { pass } from "../fixtures/beating-time.js";
import { type CountedDynalite, startCountedDynalite } from "../fixtures/counted-dynalite.js";
import { onDemandPerMonth, PRICES_ASKED_ON, provisionedPerMonth } from "../fixtures/dynamodb-prices.js";
import { createSecondTier } from "../fixtures/second-tier.js";
import { formatNumber } from "../format.js";
import type { Finding, Row, RowContext } from "../row.js";

/** Of the requests of the plain path, so many are to be left: 1 %. */
const BUDGET_SHARE = 0.01;

const CYCLE_MS = 6_000;
const POLL_MS = 1_000;
const CHECKPOINT_MS = 120_000;

interface Load {
  readonly playerCount: number;
  /** Game time. */
  readonly seconds: number;
}

const FULL: Load = { playerCount: 1_000, seconds: 300 };
const QUICK: Load = { playerCount: 40, seconds: 20 };

interface Way {
  readonly name: string;
  readonly isBatched: boolean;
  /** With a second tier, as the only one of its instances. */
  readonly isCached: boolean;
  readonly checkpoint: "commit" | { readonly everyMs: number };
}

const PLAIN: Way = { name: "the plain path", isBatched: false, isCached: false, checkpoint: "commit" };

const INTERVAL = { everyMs: CHECKPOINT_MS };

/** The one that the budget is for. */
const BUDGETED: Way = {
  name: "batches, cache, interval checkpoints of 120 s",
  isBatched: true,
  isCached: true,
  checkpoint: INTERVAL,
};

const WAYS: readonly Way[] = [
  PLAIN,
  {
    name: "batches, each milestone saved before it is shown",
    isBatched: true,
    isCached: false,
    checkpoint: "commit",
  },
  {
    name: "batches, interval checkpoints of 120 s",
    isBatched: true,
    isCached: false,
    checkpoint: INTERVAL,
  },
  {
    name: "batches, cache, each milestone saved before it is shown",
    isBatched: true,
    isCached: true,
    checkpoint: "commit",
  },
  BUDGETED,
];

/** Reads a request may carry. Writes of players travel one by one, whatever the batch. */
const BATCH = { maxBatchSize: 100, maxConcurrentBatches: 10, batchTimeoutMs: 1_000 };

interface Cost {
  readonly requests: number;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly readUnits: number;
  readonly writeUnits: number;
}

const CATALOG: CatalogSource = {
  name: "bench-polling",
  rarities: ["common", "rare"],
  kinds: ["harvest"],
  skills: { mining: { levels: { xpBase: 100, xpGrowth: 1.15, max: 99 } } },
  items: { ore: { maxStack: 9999 }, crystal: { rarity: "rare" } },
  activities: {
    mine: {
      kind: "harvest",
      durationMs: CYCLE_MS,
      gives: [
        { item: "ore", count: [1, 3] },
        { item: "crystal", chance: 0.02 },
      ],
      xp: { mining: 25 },
    },
  },
};

export const roundTrips: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const costs: Cost[] = [];
  for (const way of WAYS) costs.push(await measure(context, way, load));
  const [plain] = costs;
  if (plain === undefined) throw new Error("Nothing was measured.");
  return WAYS.map((way, index) => findingOf(way, { cost: costs[index] ?? plain, plain }, load));
};

async function measure({ defer }: RowContext, way: Way, load: Load): Promise<Cost> {
  const database = await startCountedDynalite();
  defer(() => database.stop());
  const clock = createManualClock();
  const store = await openStore(database, { clock, way });
  const engine = await createEngine({
    store,
    ...(way.isCached && { cache: openCache(clock) }),
    clock,
    catalog: CATALOG,
    checkpoint: way.checkpoint,
  });
  await enter(engine, clock, load);
  await store.flush();
  // What it costs to come in is not what it costs to stay.
  const before = { byOperation: database.requests(), ...unitsOf(store) };
  await poll(engine, clock, load);
  await store.flush();
  const after = { byOperation: database.requests(), ...unitsOf(store) };
  await engine.close();
  await database.stop();
  const byOperation = Object.fromEntries(
    Object.entries(after.byOperation).map(([name, count]) => [name, count - (before.byOperation[name] ?? 0)]),
  );
  return {
    requests: Object.values(byOperation).reduce((sum, count) => sum + count, 0),
    byOperation,
    readUnits: after.readUnits - before.readUnits,
    writeUnits: after.writeUnits - before.writeUnits,
  };
}

async function openStore(
  database: CountedDynalite,
  { clock, way }: { readonly clock: ManualClock; readonly way: Way },
): Promise<Store> {
  const store = await database.open(clock);
  return way.isBatched ? batched(store, { ...BATCH, timers: clock }) : store;
}

function openCache(clock: ManualClock): Cache {
  return createCache({ remote: createSecondTier(clock).connect(), clock, timers: clock });
}

/** Everybody queues a long task, so that the ends of cycles spread evenly over time. */
async function enter(engine: Engine, clock: ManualClock, { playerCount }: Load): Promise<void> {
  const steps = CYCLE_MS / POLL_MS;
  for (let step = 0; step < steps; step += 1) {
    const players = Array.from({ length: playerCount }, (_, player) => player).filter(
      (player) => player % steps === step,
    );
    await Promise.all(
      players.map((player) =>
        engine.apply(
          `player-${player}`,
          { type: "enqueue", tasks: [{ activity: "mine", repeat: 10_000 }] },
          { asPlayer: true },
        ),
      ),
    );
    await pass(clock, POLL_MS);
  }
}

/** Everybody asks once a second. */
async function poll(engine: Engine, clock: ManualClock, { playerCount, seconds }: Load): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await Promise.all(
      Array.from({ length: playerCount }, async (_, player) =>
        engine.read(`player-${player}`, { asPlayer: true }),
      ),
    );
    await pass(clock, POLL_MS);
  }
}

function unitsOf(store: Store): { readonly readUnits: number; readonly writeUnits: number } {
  const { database } = store.stats();
  if (database === undefined) throw new Error("The store counts no capacity units.");
  return database;
}

function findingOf(
  way: Way,
  { cost, plain }: { readonly cost: Cost; readonly plain: Cost },
  { playerCount, seconds }: Load,
): Finding {
  const share = cost.requests / plain.requests;
  const perSecond = { read: cost.readUnits / seconds, write: cost.writeUnits / seconds };
  const onDemand = onDemandPerMonth(perSecond);
  const provisioned = provisionedPerMonth(perSecond);
  const isCompared = way !== PLAIN;
  const isBudgeted = way === BUDGETED;
  const saved = isCompared ? `, ${((share - 1) * 100).toFixed(2)} %` : "";
  const operations = Object.entries(cost.byOperation)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${formatNumber(count)}`)
    .join(", ");
  return {
    what: `round trips to DynamoDB, ${formatNumber(playerCount)} players with 6 s cycles polling each second for ${seconds} s of game time: ${way.name}`,
    measured: `${formatNumber(cost.requests)} requests${saved}; ${formatNumber(cost.readUnits)} read and ${formatNumber(cost.writeUnits)} write units`,
    budget: isBudgeted ? `−${(1 - BUDGET_SHARE) * 100} %` : null,
    isMet: isBudgeted ? share <= BUDGET_SHARE : null,
    how: `counted where they arrive: ${operations}; a month of this load at list prices of ${PRICES_ASKED_ON} (us-east-1): $${formatNumber(Math.round(onDemand))} on demand, $${formatNumber(Math.round(provisioned))} with capacity provisioned to the unit`,
    figures: {
      requests: cost.requests,
      shareOfPlain: share,
      readUnits: cost.readUnits,
      writeUnits: cost.writeUnits,
      onDemandDollarsPerMonth: onDemand,
      provisionedDollarsPerMonth: provisioned,
    },
  };
}
