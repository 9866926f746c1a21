/** What the governor must be told of the process. A port, so that tests can say what memory does. */

/** Memory as it is now. */
export interface MemoryReading {
  readonly heapUsedBytes: number;
  /** Where V8 gives up. */
  readonly heapLimitBytes: number;
  /** What objects hold outside of the heap: buffers, above all. Those that are dead count until some time after a collection. */
  readonly externalBytes: number;
  /** Resident and not backed by a file: what the system can't take back. All that is resident where it doesn't tell. */
  readonly anonymousBytes: number;
  /** What the process may have: the limit of its container, or the machine's memory. */
  readonly residentLimitBytes: number;
}

/** What was left right after a full collection. */
export interface LiveMemory {
  readonly heapBytes: number;
  readonly externalBytes: number;
}

export interface MemoryMeter {
  read(): MemoryReading;
  /** Told after each full collection. Called once. */
  onFullCollection(listener: (live: LiveMemory) => void): void;
  close(): void;
}
