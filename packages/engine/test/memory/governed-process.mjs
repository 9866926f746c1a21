// A process with a governor and a cache, under an allocation load of its own: it holds as much memory as its test tells it to.
import { randomBytes } from "node:crypto";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { createCache } from "../../dist/cache/index.js";
import { createMemoryBudget, createMemoryGovernor } from "../../dist/memory/index.js";

const VALUE_BYTES = 8_192;

/** The load: so much is made in each turn, and lives for so many turns. */
const TURN_BYTES = 131_072;
const LIFE_TURNS = 64;

const { thresholdBytes, maxBytes } = JSON.parse(process.argv[2] ?? "{}");

/** The cache's clock: it stands still, but for loads and for what the test lets pass. */
let cacheNowMs = 0;

/** A value, or ballast: flat, in the heap. */
const makeValue = () => randomBytes(VALUE_BYTES / 2).toString("hex");

const timers = {
  nowMs: () => cacheNowMs,
  /** @type {import("../../dist/ports.js").Timers["after"]} */
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const budget = createMemoryBudget({ maxEntries: 10_000, maxBytes });
const governor = createMemoryGovernor({ budget, thresholdBytes });
const cache = createCache({ budget, timers, isSoleWriter: true });
/** @type {Record<string, { loadMs: number, values: import("../../dist/cache/index.js").CacheNamespace<string> }>} */
const namespaces = {
  expiring: { loadMs: 0, values: cache.namespace("expiring", { ttlSeconds: 60 }) },
  cheap: { loadMs: 0, values: cache.namespace("cheap", { ttlSeconds: 36_000 }) },
  dear: { loadMs: 5, values: cache.namespace("dear", { ttlSeconds: 36_000 }) },
};

/** @type {{ held: string[] }} */
const ballast = { held: [] };
/** @type {string[][]} */
const passing = [];

/** @param {string} name @param {number} count */
async function fill(name, count) {
  const namespace = namespaces[name];
  if (namespace === undefined) throw new Error(`There is no namespace ${name}.`);
  const { values, loadMs } = namespace;
  const load = async () => {
    cacheNowMs += loadMs;
    return makeValue();
  };
  for (let index = 0; index < count; index += 1) await values.get(String(index), load);
}

/** @param {number} bytes */
function hold(bytes) {
  ballast.held = Array.from({ length: Math.round(bytes / VALUE_BYTES) }, makeValue);
}

const isLoaded = setImmediate(function turn() {
  passing.push(Array.from({ length: TURN_BYTES / VALUE_BYTES }, makeValue));
  if (passing.length > LIFE_TURNS) passing.shift();
  setImmediate(turn);
});

/** V8's own collections: each full one is told here. */
const collections = new EventTarget();
new PerformanceObserver((list) => {
  for (const { detail } of /** @type {any[]} */ (list.getEntries())) {
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections.dispatchEvent(new Event("full"));
  }
}).observe({ entryTypes: ["gc"] });

/** The load makes V8 collect again and again. */
async function nextCollection() {
  await new Promise((resolve) => {
    collections.addEventListener("full", resolve, { once: true });
  });
}

function report() {
  const counts = Object.entries(cache.stats().namespaces).map(([name, { hits, misses }]) => [
    name,
    { hits, misses },
  ]);
  return { stats: governor.stats(), namespaces: Object.fromEntries(counts) };
}

governor.onLevel((level, before) => process.send?.({ type: "level", level, before, ...report() }));

/** @type {Record<string, (order: any) => Promise<void>>} */
const orders = {
  async fill({ counts }) {
    for (const [name, count] of Object.entries(counts)) await fill(name, Number(count));
  },
  /** So much in all is to be live, with what is live already. */
  async reach({ bytes }) {
    // What the first one finds, the governor knows when the second is seen.
    await nextCollection();
    await nextCollection();
    hold(bytes - (governor.stats().liveBytes ?? 0));
  },
  async release() {
    hold(0);
  },
  async pass({ ms }) {
    cacheNowMs += ms;
  },
  async look() {},
  async end() {
    clearImmediate(isLoaded);
    await cache.close();
    governor.close();
    process.exit(0);
  },
};

process.on("message", (/** @type {{ type: string }} */ order) => {
  void orders[order.type]?.(order).then(() => process.send?.({ type: "done", ...report() }));
});
process.send?.({ type: "done", ...report() });
