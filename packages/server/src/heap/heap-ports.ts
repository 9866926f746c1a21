/** What taking a heap snapshot needs of the machine. */
import { statfs } from "node:fs/promises";
import { writeHeapSnapshot } from "node:v8";
import type { Timers } from "@mainspring/engine/ports";

export interface HeapPorts {
  readonly timers: Timers;
  /** Free for this user, on the disk of a folder. */
  freeDiskBytes(folder: string): Promise<number>;
  /** What this process may still take: of the machine, or of its control group where that has less. */
  freeMemoryBytes(): number;
  heapUsedBytes(): number;
  /** Writes the snapshot into a file that is there. Nothing else runs meanwhile. */
  write(path: string): void;
}

export const systemHeapPorts: HeapPorts = {
  timers: {
    nowMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  },
  async freeDiskBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  freeMemoryBytes: () => process.availableMemory(),
  heapUsedBytes: () => process.memoryUsage().heapUsed,
  write: (path) => void writeHeapSnapshot(path),
};
