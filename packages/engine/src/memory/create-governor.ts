/** Puts the memory governor together: it looks, judges, gives up what has to go, and asks for collections. */
import type { GovernorStats, MemoryBudget, MemoryGovernor, Timers } from "../ports.js";
import { createCollections } from "./collections.js";
import { type GovernorSettings, type MemoryGovernorOptions, settingsOf } from "./governor-options.js";
import { createLiveKnowledge, type LiveKnowledge, usedBytesOf } from "./live-knowledge.js";
import type { LiveMemory, MemoryReading } from "./memory-meter.js";
import { createNotedGrowth } from "./noted-growth.js";
import { createRelief, type ReliefWork } from "./relief.js";
import { createRuling, type Ruling } from "./ruling.js";
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
  const { isOn, meter, timers, thresholdBytes, gcIntervalMs } = settings;
  const live = createLiveKnowledge();
  const relief = createRelief({ ...settings, budget });
  const ruling = createRuling({ budget, settings, live, relief });
  const collections = createCollections(settings);
  const growth = createNotedGrowth(settings);

  const isCollectionWanted = createCollectionWish({ settings, live, relief, ruling });
  const attend = createAttention(isOn, () => {
    // Off, it keeps nothing up; on again, it goes by nothing from before.
    ruling.reset(meter.read());
    growth.restart();
  });
  const look = (): void => {
    if (!attend()) return;
    const seenAtMs = live.seenAtMs();
    const isTooOld = seenAtMs !== null && timers.nowMs() - seenAtMs >= KNOWLEDGE_INTERVALS * gcIntervalMs;
    // Whoever hardly allocates is not collected, and would stay short for ever of what may be long free.
    if (ruling.level() > 0 && isTooOld) live.forget();
    const reading = meter.read();
    ruling.judge(reading, false);
    if (isCollectionWanted(reading)) collections.ask(usedBytesOf(reading));
  };
  const seen = (left: LiveMemory): void => {
    if (!attend()) {
      // It may be one that was asked for before.
      relief.seen();
      collections.seen(left.heapBytes + left.externalBytes);
      return;
    }
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
  const stopLooking = repeat({ timers, everyMs: settings.lookEveryMs }, look);
  return {
    budget,
    level: () => (attend() ? ruling.level() : 0),
    onLevel: (listener) => relief.listen(listener),
    stats() {
      const isOnNow = attend();
      const collected = collections.stats();
      return {
        isOn: isOnNow,
        ...readingStats(meter.read(), live),
        level: ruling.level(),
        by: ruling.by(),
        thresholdBytes,
        ...cacheStats(budget),
        relief: relief.counts(),
        collections: { ...collected, isOn: isOnNow && collected.isOn },
        alarm: growth.alarm(),
      };
    },
    close() {
      stopLooking();
      meter.close();
      ruling.stop();
    },
  };
}

interface WishParts {
  readonly settings: GovernorSettings;
  readonly live: LiveKnowledge;
  readonly relief: ReliefWork;
  readonly ruling: Ruling;
}

/** Whether a collection would tell something now. */
function createCollectionWish({
  settings,
  live,
  relief,
  ruling,
}: WishParts): (reading: MemoryReading) => boolean {
  const { timers, gcIntervalMs, levelShares, thresholdBytes } = settings;
  return (reading: MemoryReading): boolean => {
    const seenAtMs = live.seenAtMs();
    const topBytes = levelShares[2] * thresholdBytes;
    const isStale = seenAtMs === null || timers.nowMs() - seenAtMs >= gcIntervalMs;
    const isOverUnknown = usedBytesOf(reading) >= topBytes && (live.liveBytes(reading) ?? 0) < topBytes;
    // What V8 has seen lately by itself needs no second look.
    if (ruling.level() === 0) return isOverUnknown && isStale;
    return relief.isUnseen() || isStale;
  };
}

/** Whether it is on; what follows from a switch happens first. */
function createAttention(isOn: () => boolean, onSwitched: () => void): () => boolean {
  let wasOn = isOn();
  return () => {
    const isOnNow = isOn();
    if (isOnNow !== wasOn) {
      wasOn = isOnNow;
      onSwitched();
    }
    return isOnNow;
  };
}

/** Returns how to stop. */
function repeat(
  { timers, everyMs }: { readonly timers: Timers; readonly everyMs: number },
  work: () => void,
): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    cancel = timers.after(everyMs, () => {
      again();
      work();
    });
  };
  again();
  return () => cancel();
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
