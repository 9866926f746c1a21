/** Puts the memory governor together: it looks, judges, gives up what has to go, and asks for collections. */
import type { GovernorStats, MemoryBudget, MemoryGovernor } from "../ports.js";
import { createCollections } from "./collections.js";
import { type MemoryGovernorOptions, settingsOf } from "./governor-options.js";
import { createLiveKnowledge, type LiveKnowledge, usedBytesOf } from "./live-knowledge.js";
import type { LiveMemory, MemoryReading } from "./memory-meter.js";
import { createNotedGrowth } from "./noted-growth.js";
import { createRelief } from "./relief.js";
import { createRuling } from "./ruling.js";
import { holdingsOf } from "./shedding.js";

/** While memory is short, what was seen so many intervals of collections ago is nothing to go by. */
const KNOWLEDGE_INTERVALS = 2;

/**
 * A governor of this process's memory. It holds no process alive.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 *
 * @example
 * ```ts
 * import { createCache } from "@mainspring/engine/cache";
 * import { createMemoryBudget, createMemoryGovernor, exposedCollector } from "@mainspring/engine/governor";
 *
 * const budget = createMemoryBudget({ maxEntries: 10_000 });
 * const governor = createMemoryGovernor({ budget, thresholdBytes: 200 * 1024 ** 2, collect: exposedCollector() });
 * const cache = createCache({ budget, mayPrefetch: () => governor.level() < 2 });
 * ```
 */
export function createMemoryGovernor(options: MemoryGovernorOptions): MemoryGovernor {
  const { budget } = options;
  const settings = settingsOf(options);
  const { meter, timers, thresholdBytes, gcIntervalMs } = settings;
  const live = createLiveKnowledge();
  const relief = createRelief({ ...settings, budget });
  const ruling = createRuling({ budget, settings, live, relief });
  const collections = createCollections(settings);
  const growth = createNotedGrowth(settings);

  const isCollectionWanted = (reading: MemoryReading): boolean => {
    const seenAtMs = live.seenAtMs();
    const topBytes = settings.levelShares[2] * thresholdBytes;
    const isStale = seenAtMs === null || timers.nowMs() - seenAtMs >= gcIntervalMs;
    const isOverUnknown = usedBytesOf(reading) >= topBytes && (live.liveBytes(reading) ?? 0) < topBytes;
    // What V8 has seen lately by itself needs no second look.
    if (ruling.level() === 0) return isOverUnknown && isStale;
    return relief.isUnseen() || isStale;
  };
  const look = (): void => {
    const seenAtMs = live.seenAtMs();
    const isTooOld = seenAtMs !== null && timers.nowMs() - seenAtMs >= KNOWLEDGE_INTERVALS * gcIntervalMs;
    // Whoever hardly allocates is not collected, and would stay short for ever of what may be long free.
    if (ruling.level() > 0 && isTooOld) live.forget();
    const reading = meter.read();
    ruling.judge(reading, false);
    if (isCollectionWanted(reading)) collections.ask(usedBytesOf(reading));
  };
  const seen = (left: LiveMemory): void => {
    const floorBytes = settings.floorShare * budget.maxBytes;
    live.seen(left, timers.nowMs(), Math.max(0, holdingsOf(budget).bytes - floorBytes));
    relief.seen();
    const reading = meter.read();
    const liveBytes = live.liveBytes(reading) ?? 0;
    collections.seen(liveBytes);
    growth.add({ atMs: timers.nowMs(), liveBytes, cacheBytes: holdingsOf(budget).bytes });
    ruling.judge(reading, true);
  };

  meter.onFullCollection(seen);
  let cancelLook = (): void => undefined;
  const lookAgain = (): void => {
    cancelLook = timers.after(settings.lookEveryMs, () => {
      lookAgain();
      look();
    });
  };
  lookAgain();
  return {
    budget,
    level: () => ruling.level(),
    onLevel: (listener) => relief.listen(listener),
    stats: () => ({
      ...readingStats(meter.read(), live),
      level: ruling.level(),
      by: ruling.by(),
      thresholdBytes,
      ...cacheStats(budget),
      relief: relief.counts(),
      collections: collections.stats(),
      alarm: growth.alarm(),
    }),
    close() {
      cancelLook();
      meter.close();
      ruling.stop();
    },
  };
}

function readingStats(reading: MemoryReading, live: LiveKnowledge) {
  const { anonymousBytes: residentBytes, residentLimitBytes, heapLimitBytes } = reading;
  return { residentBytes, residentLimitBytes, heapLimitBytes, liveBytes: live.liveBytes(reading) };
}

function cacheStats(budget: MemoryBudget): Pick<GovernorStats, "cacheBytes" | "cacheEntries" | "tenants"> {
  const { entries, bytes } = holdingsOf(budget);
  const told = budget
    .tenants()
    .map((tenant) => [tenant.name, { entries: tenant.entries(), bytes: tenant.bytes() }] as const);
  return { cacheBytes: bytes, cacheEntries: entries, tenants: Object.fromEntries(told) };
}
