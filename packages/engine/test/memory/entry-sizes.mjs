// What entries of the cache take in a process of its own, beside what the cache says. Run with --expose-gc; prints JSON.
import { readFileSync } from "node:fs";
import { createCache } from "../../dist/cache/index.js";
import { createEngine, createMemoryBudget } from "../../dist/index.js";
import { createMemoryStore } from "../../dist/store/memory/index.js";

const COUNT = 10_000;

async function live() {
  // Memory outside of the heap is let go some turns after what it belonged to.
  for (let turn = 0; turn < 8; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(name, fill) {
  const cache = createCache({ isSoleWriter: true, maxEntries: 1_000_000, maxBytes: 2 ** 40 });
  const before = await live();
  await fill(cache);
  const actualBytes = ((await live()) - before) / COUNT;
  const { entries, bytes } = cache.stats().namespaces[name];
  await cache.close();
  return { entries, actualBytes, estimatedBytes: bytes / entries };
}

const players = Array.from({ length: COUNT }, (_, index) => `player-${index}`);

const records = (sizeBytes) =>
  measure("activeQueue.local", async (cache) => {
    const store = {
      ...createMemoryStore(),
      read: async (ids) =>
        ids.map((playerId, index) => ({
          playerId,
          incarnation: 1_700_000_000_000 + index,
          version: index + 1,
          bytes: new Uint8Array(sizeBytes).fill(index),
        })),
    };
    const cached = cache.over(store);
    for (let from = 0; from < COUNT; from += 100) {
      await cached.read(players.slice(from, from + 100), { consistency: "cached" });
    }
  });

const values = (make) =>
  measure("values.local", async (cache) => {
    const namespace = cache.namespace("values", { ttlSeconds: 600 });
    for (const [index, playerId] of players.entries()) await namespace.get(playerId, async () => make(index));
  });

function progressOf(index) {
  const cycle = { startedAtMs: 1_700_000_000_000 + index, endsAtMs: 1_700_000_006_000 + index };
  return {
    status: "running",
    taskId: index,
    activity: "mine-copper",
    cyclesDone: index,
    cycle,
    version: index,
  };
}

function totalsOf(index) {
  const rewards = Array.from({ length: 13 }, (_, item) => [`item-${item}`, index * item]);
  const kinds = ["harvest", "craft", "combat"].map((kind) => [
    kind,
    { tasks: index, cycles: index * 3, timeMs: index * 1e5, rewards: Object.fromEntries(rewards) },
  ]);
  return { version: index, totals: Object.fromEntries(kinds) };
}

const FOUNDRY = new URL("../../../server/catalogs/clockwork-foundry.json", import.meta.url);
const catalog = JSON.parse(readFileSync(FOUNDRY, "utf8"));
const activities = Object.keys(catalog.activities);
const items = Object.keys(catalog.items);

/** Decoded players with their forecasts. What goes when the bound is 0 is what they took. */
async function decodedPlayers({ taskCount, itemCount, keyCount }) {
  const budget = createMemoryBudget({ maxEntries: 1_000_000, maxBytes: 2 ** 40 });
  const engine = await createEngine({ store: createMemoryStore(), catalog, budget });
  const bag = Object.fromEntries(items.slice(0, itemCount).map((item, index) => [item, 1 + index]));
  const tasks = activities.slice(0, taskCount).map((activity) => ({ activity, repeat: 10 }));
  for (const playerId of players) {
    if (itemCount > 0)
      await engine.apply(
        playerId,
        { type: "adjust", adjust: { items: bag } },
        { asPlayer: true, key: "bag" },
      );
    if (taskCount > 0) await engine.apply(playerId, { type: "enqueue", tasks }, { asPlayer: true });
    for (let key = 0; key < keyCount; key += 1)
      await engine.apply(playerId, { type: "pause" }, { asPlayer: true, key: `key-${key}` });
    const { forecast } = await engine.read(playerId, { asPlayer: true });
    if (forecast === undefined) throw new Error("no forecast");
  }
  const [tenant] = budget.tenants();
  const [entries, bytes] = [tenant.entries(), tenant.bytes()];
  const before = await live();
  budget.limitTo(0);
  const actualBytes = (before - (await live())) / entries;
  await engine.close();
  return { entries, actualBytes, estimatedBytes: bytes / entries };
}

// What runs for the first time leaves code behind.
await records(150);
await values(totalsOf);

console.log(
  JSON.stringify({
    "records of 150 bytes": await records(150),
    "records of 830 bytes": await records(830),
    "what a progress bar needs": await values(progressOf),
    totals: await values(totalsOf),
    "that there is none": await values(() => null),
    "decoded players who are new": await decodedPlayers({ taskCount: 0, itemCount: 0, keyCount: 0 }),
    "decoded players of 5 tasks": await decodedPlayers({ taskCount: 5, itemCount: 20, keyCount: 4 }),
    "decoded players of 20 tasks": await decodedPlayers({ taskCount: 20, itemCount: 40, keyCount: 12 }),
  }),
);
