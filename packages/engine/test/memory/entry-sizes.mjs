// What entries of the cache take in a process of its own, beside what the cache says. Run with --expose-gc; prints JSON.
import { createCache } from "../../dist/cache/index.js";
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
  }),
);
