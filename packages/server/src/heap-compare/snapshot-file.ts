/** A heap snapshot's file: its bytes, and what its name says about the process that it is of. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { MainspringError } from "@mainspring/core";

/**
 * Of a file. The library works in 4 GiB of memory and takes 10 to 12 bytes of it for each byte of the file, measured: above this it
 * might run out in the middle. 300 MiB.
 */
export const MAX_SNAPSHOT_BYTES = 300 * 1024 ** 2;

/** Memory that is taken for each byte of the larger file. */
const MEMORY_BYTES_PER_FILE_BYTE = 13;

const MEBIBYTE = 1024 ** 2;

/** @throws MainspringError `INVALID_REQUEST` when it can't be read, or is more than can be compared */
export function readSnapshotFile(path: string): Buffer {
  const sizeBytes = sizeOf(path);
  if (sizeBytes > MAX_SNAPSHOT_BYTES) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `${path} has ${inMebibytes(sizeBytes)}; more than ${inMebibytes(MAX_SNAPSHOT_BYTES)} can't be compared here. Take the snapshots earlier, while the heap is small, or load both into the memory panel of Chrome's developer tools.`,
    );
  }
  const neededBytes = sizeBytes * MEMORY_BYTES_PER_FILE_BYTE;
  if (neededBytes > process.availableMemory()) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `To read ${path} takes about ${inMebibytes(neededBytes)} of memory, and ${inMebibytes(process.availableMemory())} are free. Compare the snapshots on a machine that has more; treat them as secrets on the way.`,
    );
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new MainspringError("INVALID_REQUEST", `${path} is not a file.`);
}

function unreadable(path: string, error: unknown): MainspringError {
  const { message } = error as Error;
  return new MainspringError("INVALID_REQUEST", `${path} can't be read: ${message}.`, {}, { cause: error });
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MEBIBYTE)} MiB`;
}

/** Of what process two snapshots are: of the same one, of two, or it can't be known. */
export type SameProcess = "yes" | "no" | "unknown";

/** By the mark that `heap snapshot` puts into the names: `before.p4242-t5m2xk.heapsnapshot`. */
export function areOfOneProcess(before: string, after: string): SameProcess {
  const [first, second] = [markOf(before), markOf(after)];
  if (first === undefined || second === undefined) return "unknown";
  return first === second ? "yes" : "no";
}

function markOf(path: string): string | undefined {
  return /\.(p[0-9]+-[0-9a-z]+)\.heapsnapshot$/.exec(basename(path))?.[1];
}
