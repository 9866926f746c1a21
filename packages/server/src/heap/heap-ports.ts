/** What taking a heap snapshot needs of the machine. */
import { statfs } from "node:fs/promises";
import { writeHeapSnapshot } from "node:v8";
import { systemTimers, type Timers } from "@mainspring/engine";

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
  timers: systemTimers,
  async freeDiskBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  freeMemoryBytes: () => process.availableMemory(),
  heapUsedBytes: () => process.memoryUsage().heapUsed,
  write: (path) => void writeHeapSnapshot(path),
};
