/**
 * Refuses writes while there is still some room on the disk. A full disk makes a page's write fail, and lmdb 3.5.6 writes
 * its message about that beyond the memory it has for it, which may end the process. Nothing is lost by that, but a server
 * that says what is wrong is better than one that dies of it.
 */
import { statfsSync } from "node:fs";
import { MainspringError } from "@mainspring/core";

/** What stays free. A transaction copies the pages that it changes, and those that lead to them. */
export const MIN_FREE_BYTES = 32 * 1024 ** 2;

/** How much of the disk a write may take for each of its own bytes, generously: pages are never quite full. */
const BYTES_PER_BYTE = 4;

export interface FreeSpace {
  /** @throws MainspringError `STORE_UNAVAILABLE` when too little is free to write that much */
  assertRoomFor(sizeBytes: number): void;
}

/**
 * @param folder any folder on the disk
 * @param readFreeBytes how much is free; default: what the file system says
 */
export function createFreeSpace(folder: string, readFreeBytes = () => freeBytesOf(folder)): FreeSpace {
  return {
    assertRoomFor(sizeBytes) {
      const freeBytes = readFreeBytes();
      if (freeBytes >= MIN_FREE_BYTES + sizeBytes * BYTES_PER_BYTE) return;
      throw new MainspringError(
        "STORE_UNAVAILABLE",
        `Only ${Math.floor(freeBytes / 1024 ** 2)} MiB are free on the disk of ${folder}; nothing was written. Free some space.`,
        { freeBytes, minFreeBytes: MIN_FREE_BYTES },
      );
    },
  };
}

function freeBytesOf(folder: string): number {
  const { bavail, blocks, bsize } = statfsSync(folder);
  // Some file systems don't know their size.
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
