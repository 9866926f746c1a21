/** The meter of this very process: what V8 and the system say. It keeps no process alive. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";
import type { Timers } from "../ports.js";
import type { LiveMemory, MemoryMeter } from "./memory-meter.js";

/** Dead buffers are freed by another thread after a collection, which takes it some ms. */
const SWEEP_MS = 10;

const KIBIBYTE = 1024;

export function createProcessMeter({ timers }: { readonly timers: Timers }): MemoryMeter {
  const residentLimitBytes = residentLimit();
  const sweep = createSweepWatch(timers);
  let observer: PerformanceObserver | undefined;
  return {
    read() {
      const heap = getHeapStatistics();
      return {
        heapUsedBytes: heap.used_heap_size,
        heapLimitBytes: heap.heap_size_limit,
        externalBytes: heap.external_memory,
        anonymousBytes: anonymousBytes() ?? process.memoryUsage.rss(),
        residentLimitBytes,
      };
    },
    onFullCollection(listener) {
      observer = new PerformanceObserver((list) => {
        if (list.getEntries().some(isFull)) sweep.begin(listener);
      });
      observer.observe({ entryTypes: ["gc"] });
    },
    close() {
      observer?.disconnect();
      sweep.stop();
    },
  };
}

/** Other collections come as well: Node.js can't be asked for one kind alone. */
function isFull(entry: PerformanceEntry): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** Waits until dead buffers are gone, and then tells what is left. */
function createSweepWatch(timers: Timers) {
  let cancel: (() => void) | undefined;
  let left = { heapBytes: 0, externalBytes: 0 };
  return {
    begin(listener: (live: LiveMemory) => void) {
      left = { heapBytes: oldHeapBytes(), externalBytes: sweptExternalBytes() };
      // Where one collection follows the other, nothing would be told at all if each began to wait anew.
      cancel ??= timers.after(SWEEP_MS, () => {
        cancel = undefined;
        const { heapBytes, externalBytes } = left;
        listener({ heapBytes, externalBytes: Math.min(externalBytes, sweptExternalBytes()) });
      });
    },
    stop: () => cancel?.(),
  };
}

/**
 * A full collection leaves nothing in the young generation. What is there was made since: the observer is told at the end of the event
 * loop's turn, which may be long after.
 */
function oldHeapBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name !== "new_space" && name !== "new_large_object_space")
    .reduce((sum, { space_used_size: usedBytes }) => sum + usedBytes, 0);
}

/** V8 counts buffers that were freed when the next one is made, and not before. */
function sweptExternalBytes(): number {
  const next = new ArrayBuffer(1);
  return getHeapStatistics().external_memory - next.byteLength;
}

/** `undefined`: the system doesn't tell. */
function anonymousBytes(): number | undefined {
  try {
    const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * KIBIBYTE;
  } catch {
    return undefined;
  }
}

/** Without a limit the system names a number that no machine has. */
function residentLimit(): number {
  const machineBytes = totalmem();
  const limitBytes = process.constrainedMemory();
  return limitBytes > 0 && limitBytes < machineBytes ? limitBytes : machineBytes;
}
