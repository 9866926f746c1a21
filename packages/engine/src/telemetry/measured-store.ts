/** A store whose reads and commits are timed, whose errors are counted, and who tells traces of both: to be laid over the bare store, below all layers. */
import { isMainspringError } from "@mainspring/core";
import type { Store, StoreCallStats, Timers } from "../ports.js";
import { systemTimers } from "../system-timers.js";
import { inStep } from "./trace.js";
import { createLatencyHistogram, type LatencyHistogram } from "./latency-histogram.js";

/**
 * Lays a clock over a store: what its calls took is in `stats().calls`. It changes nothing else.
 *
 * `createEngine` does it for a store that has none; where layers lie over the store, do it below them:
 *
 * @example
 * ```ts
 * import { batched } from "@mainspring/engine/batch";
 * import { measured } from "@mainspring/engine";
 * import { createMemoryStore } from "@mainspring/engine/memory";
 *
 * const store = batched(measured(createMemoryStore()));
 * ```
 */
export function measured(store: Store, { timers = systemTimers }: { readonly timers?: Timers } = {}): Store {
  const calls = {
    read: createLatencyHistogram(timers.nowMs()),
    commit: createLatencyHistogram(timers.nowMs()),
  };
  const errors = new Map<string, number>();
  const timed = async <T>(histogram: LatencyHistogram, call: () => Promise<T>): Promise<T> => {
    const startedAtMs = timers.nowMs();
    try {
      return await call();
    } catch (error) {
      const code = isMainspringError(error) ? error.code : "INTERNAL";
      errors.set(code, (errors.get(code) ?? 0) + 1);
      throw error;
    } finally {
      const nowMs = timers.nowMs();
      histogram.add(nowMs - startedAtMs, nowMs);
    }
  };
  const callStats = (): StoreCallStats => {
    const nowMs = timers.nowMs();
    return {
      read: calls.read.stats(nowMs),
      commit: calls.commit.stats(nowMs),
      errors: Object.fromEntries(errors),
    };
  };
  return {
    ...passedThrough(store),
    // Hardly any is traced: the others are spared a step that nobody takes note of.
    read: async (playerIds, options = {}) => {
      const read = async () => timed(calls.read, async () => store.read(playerIds, options));
      if (options.trace === undefined) return read();
      return inStep(options, { name: "store read", facts: { records: playerIds.length } }, read);
    },
    commit: async (writes, options = {}) => {
      const commit = async () => timed(calls.commit, async () => store.commit(writes, options));
      if (options.trace === undefined) return commit();
      return inStep(options, { name: "store commit", facts: { records: writes.length } }, commit);
    },
    stats: () => ({ ...store.stats(), calls: callStats() }),
  };
}

/** Everything else. One by one: a store may be an object whose methods are its class's. */
function passedThrough(store: Store): Omit<Store, "read" | "commit" | "stats"> {
  return {
    ...(store.peek !== undefined && { peek: (...given) => store.peek?.(...given) }),
    quarantine: async (...given) => store.quarantine(...given),
    quarantined: async (...given) => store.quarantined(...given),
    flush: async () => store.flush(),
    close: async () => store.close(),
    readEvents: async (...given) => store.readEvents(...given),
    readMark: async (...given) => store.readMark(...given),
    putSnapshots: async (...given) => store.putSnapshots(...given),
    readSnapshots: async (...given) => store.readSnapshots(...given),
    putCatalog: async (...given) => store.putCatalog(...given),
    readCatalog: async (...given) => store.readCatalog(...given),
    readTimeline: async () => store.readTimeline(),
    readSettings: async (...given) => store.readSettings(...given),
    putSettings: async (...given) => store.putSettings(...given),
    appendTimeline: async (...given) => store.appendTimeline(...given),
    listRecords: async (...given) => store.listRecords(...given),
    importEvents: async (...given) => store.importEvents(...given),
    importMark: async (...given) => store.importMark(...given),
  };
}
