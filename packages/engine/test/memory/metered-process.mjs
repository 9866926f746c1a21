// A process that does one thing with the real meter, or a governor on it, and says what was seen.
import { createMemoryBudget, createMemoryGovernor, exposedCollector } from "../../dist/memory/index.js";
import { createProcessMeter } from "../../dist/memory/process-meter.js";
import { holdingTimers } from "../../dist/system-timers.js";

const MEBIBYTE = 1024 ** 2;

/** @param {number} mebibytes */
const buffers = (mebibytes) => Array.from({ length: mebibytes }, () => Buffer.alloc(MEBIBYTE));

/** @param {number} count about a hundred bytes each */
const objects = (count) => Array.from({ length: count }, (_, index) => ({ index, name: `object ${index}` }));

/** What a full collection leaves. @param {() => void} meanwhile done right after it, before it can be told */
async function liveAfter(meanwhile) {
  const meter = createProcessMeter({ timers: holdingTimers });
  const live = new Promise((resolve) => {
    meter.onFullCollection(resolve);
  });
  exposedCollector()?.();
  meanwhile();
  const told = await live;
  meter.close();
  return told;
}

/** @type {Record<string, () => Promise<unknown>>} */
const deeds = {
  async deadBuffers() {
    buffers(100);
    return liveAfter(() => undefined);
  },
  async liveBuffers() {
    const kept = buffers(100);
    const live = await liveAfter(() => undefined);
    return { ...live, kept: kept.length };
  },
  async youngGarbage() {
    return liveAfter(() => void objects(50_000));
  },
  async liveObjects() {
    const kept = objects(500_000);
    const live = await liveAfter(() => undefined);
    return { ...live, kept: kept.length };
  },
  async collectionInEachTurn() {
    const meter = createProcessMeter({ timers: holdingTimers });
    const kept = objects(200_000);
    /** @type {unknown[]} */
    const told = [];
    meter.onFullCollection((live) => told.push(live));
    const collect = exposedCollector();
    for (let turn = 0; turn < 100 && told.length === 0; turn += 1) {
      collect?.();
      // Longer than what the meter waits.
      const untilMs = performance.now() + 15;
      while (performance.now() < untilMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    meter.close();
    return { told, kept: kept.length };
  },
  async reading() {
    const meter = createProcessMeter({ timers: holdingTimers });
    const before = meter.read();
    const kept = buffers(100);
    for (const buffer of kept) buffer.fill(1);
    const after = meter.read();
    meter.close();
    return { before, after, kept: kept.length };
  },
  async collects() {
    const governor = createMemoryGovernor({
      budget: createMemoryBudget(),
      thresholdBytes: 60 * MEBIBYTE,
      collect: exposedCollector(),
      timers: holdingTimers,
      lookEveryMs: 50,
    });
    const kept = objects(1_500_000);
    // Old enough for only a full collection to take them.
    exposedCollector()?.();
    kept.length = 0;
    while (governor.stats().collections.last === null)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const stats = governor.stats();
    governor.close();
    return stats;
  },
  async governorAlone() {
    createMemoryGovernor({ budget: createMemoryBudget(), collect: exposedCollector() });
    return null;
  },
};

const told = await deeds[process.argv[2] ?? ""]?.();
process.send?.(told ?? "done");
// Nothing but what the deed has left keeps it alive.
process.disconnect?.();
