/** What is known of live memory: what the last full collection left, or what is used now, if that is less. */
import type { LiveMemory, MemoryReading } from "./memory-meter.js";
import type { Measure } from "./levels.js";

/** That close to V8's limit the process may end any moment, whatever a collection would find. */
const HEAP_EDGE_SHARE = 0.95;

export interface LiveKnowledge {
  /** @param givableBytes of it: what the caches could give up */
  seen(live: LiveMemory, nowMs: number, givableBytes: number): void;
  /** What was seen is too long ago to go by. */
  forget(): void;
  /** When it was seen; `null`: nothing is known. */
  seenAtMs(): number | null;
  /** `null`: not known. */
  liveBytes(reading: MemoryReading): number | null;
  /** Of that: what the caches could give up when it was seen. */
  givableBytes(): number;
  /** The heap against V8's own limit. */
  heap(reading: MemoryReading): Measure;
}

export function usedBytesOf({ heapUsedBytes, externalBytes }: MemoryReading): number {
  return heapUsedBytes + externalBytes;
}

export function createLiveKnowledge(): LiveKnowledge {
  let known: { readonly live: LiveMemory; readonly atMs: number; readonly givableBytes: number } | null =
    null;
  return {
    seen(live, atMs, givableBytes) {
      known = { live, atMs, givableBytes };
    },
    forget() {
      known = null;
    },
    seenAtMs: () => known?.atMs ?? null,
    liveBytes(reading) {
      if (known === null) return null;
      const { heapBytes, externalBytes } = known.live;
      return Math.min(heapBytes, reading.heapUsedBytes) + Math.min(externalBytes, reading.externalBytes);
    },
    givableBytes: () => known?.givableBytes ?? 0,
    heap({ heapUsedBytes, heapLimitBytes }) {
      const isAtEdge = heapUsedBytes >= HEAP_EDGE_SHARE * heapLimitBytes;
      const liveBytes = Math.min(known?.live.heapBytes ?? 0, heapUsedBytes);
      return { usedBytes: isAtEdge ? heapUsedBytes : liveBytes, limitBytes: heapLimitBytes };
    },
  };
}
