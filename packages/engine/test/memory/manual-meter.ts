/** A meter that says what a test wants it to, and tenants that hold what a test has put there. */
import type { LiveMemory, MemoryMeter, MemoryReading } from "../../src/memory/index.js";
import type { MemoryTenant } from "../../src/ports.js";

export const MEBIBYTE = 1024 ** 2;

export interface ManualMeter extends MemoryMeter {
  /** Memory is like this from now on. */
  set(reading: Partial<MemoryReading>): void;
  /** A full collection ends, and leaves this. */
  collected(live: LiveMemory): void;
  isClosed(): boolean;
}

export function createManualMeter(): ManualMeter {
  let reading: MemoryReading = {
    heapUsedBytes: 20 * MEBIBYTE,
    heapLimitBytes: 4_096 * MEBIBYTE,
    externalBytes: 0,
    anonymousBytes: 60 * MEBIBYTE,
    residentLimitBytes: 8_192 * MEBIBYTE,
  };
  let heed: (live: LiveMemory) => void = () => undefined;
  let isClosed = false;
  return {
    read: () => reading,
    onFullCollection(listener) {
      heed = listener;
    },
    close() {
      isClosed = true;
    },
    set(changed) {
      reading = { ...reading, ...changed };
    },
    collected(live) {
      reading = { ...reading, heapUsedBytes: live.heapBytes, externalBytes: live.externalBytes };
      heed(live);
    },
    isClosed: () => isClosed,
  };
}

export interface ManualEntry {
  readonly sizeBytes: number;
  readonly isExpired?: boolean;
}

export interface ManualTenant extends MemoryTenant {
  add(entry: ManualEntry): void;
}

export interface ManualTenantOptions {
  readonly name: string;
  readonly reloadMs: number;
  readonly entries?: readonly ManualEntry[];
  /** It takes so long to find out what is least valuable. */
  readonly onLook?: () => void;
}

export function createManualTenant({
  name,
  reloadMs,
  entries = [],
  onLook,
}: ManualTenantOptions): ManualTenant {
  let held = [...entries];
  return {
    name,
    entries: () => held.length,
    bytes: () => held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    evictOne() {
      held.shift();
    },
    dropExpired() {
      held = held.filter(({ isExpired }) => isExpired !== true);
    },
    leastValuable() {
      onLook?.();
      const [first] = held;
      if (first === undefined) return null;
      return { sizeBytes: first.sizeBytes, reloadMs, drop: () => void held.shift() };
    },
    add: (entry) => void held.push(entry),
  };
}
