/** Whether disk and memory bear a snapshot of the heap as it is now. */
import { MainspringError } from "@mainspring/core";
import {
  DISK_BYTES_PER_HEAP_BYTE,
  DISK_RESERVE_BYTES,
  MEMORY_BYTES_PER_HEAP_BYTE,
  MEMORY_RESERVE_BYTES,
} from "./heap-limits.js";
import type { HeapPorts } from "./heap-ports.js";

const MEBIBYTE = 1024 ** 2;

/**
 * @param isMemoryRisked the operator knows that memory may not suffice
 * @throws MainspringError `HEAP_SNAPSHOT_REFUSED` with `neededBytes` and `availableBytes`, if one of them doesn't
 */
export async function checkNeeds(folder: string, isMemoryRisked: boolean, ports: HeapPorts): Promise<void> {
  const heapUsedBytes = ports.heapUsedBytes();
  const disk = {
    neededBytes: DISK_BYTES_PER_HEAP_BYTE * heapUsedBytes + DISK_RESERVE_BYTES,
    availableBytes: await ports.freeDiskBytes(folder),
  };
  if (disk.availableBytes < disk.neededBytes) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      `The disk of ${folder} has ${inMebibytes(disk.availableBytes)} free; a snapshot of ${inMebibytes(heapUsedBytes)} heap may take ${inMebibytes(disk.neededBytes)}, reserve included. Make room, or name another folder with serve --heap-folder.`,
      { lacking: "disk", ...disk },
    );
  }
  const memory = {
    neededBytes: MEMORY_BYTES_PER_HEAP_BYTE * heapUsedBytes + MEMORY_RESERVE_BYTES,
    availableBytes: ports.freeMemoryBytes(),
  };
  if (!isMemoryRisked && memory.availableBytes < memory.neededBytes) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      `${inMebibytes(memory.availableBytes)} of memory are free; to make a snapshot of ${inMebibytes(heapUsedBytes)} heap V8 may take ${inMebibytes(memory.neededBytes)} beside it, reserve included, and the system would kill the server. Take it where there is more memory, or earlier, while the heap is small. Most heaps take a third of that: whoever can bear that the server is killed may try it with --risk-memory.`,
      { lacking: "memory", ...memory },
    );
  }
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MEBIBYTE)} MiB`;
}
