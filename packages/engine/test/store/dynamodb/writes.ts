/** Writes for tests that look at one thing at a time. */
import type { JournalEntry, RecordWrite, Store } from "../../../src/ports.js";

export const INCARNATION = 1_700_000_000_000;

export interface WriteOptions {
  readonly playerId?: string;
  readonly eventCount?: number;
  /** The number of the first event. Default: 1 */
  readonly firstNumber?: number;
  readonly eventBytes?: number;
  readonly label?: string;
  readonly recordBytes?: number;
}

export function writeOf(version: number, options: WriteOptions = {}): RecordWrite {
  const { playerId = "ada", eventCount = 0, firstNumber = 1, eventBytes = 20, label = "" } = options;
  const events = Array.from({ length: eventCount }, (_, index) => {
    const number = firstNumber + index;
    return { number, bytes: Buffer.from(`${label}${number}`.padEnd(eventBytes, ".")) };
  });
  return {
    expected: version === 1 ? null : { incarnation: INCARNATION, version: version - 1 },
    next: {
      playerId,
      incarnation: INCARNATION,
      version,
      bytes: Buffer.alloc(options.recordBytes ?? 100, version),
    },
    events,
  };
}

export async function journalOf(store: Store, playerId = "ada"): Promise<readonly JournalEntry[]> {
  return store.readEvents({ playerId, incarnation: INCARNATION, afterNumber: 0, limit: 10_000 });
}

export async function numbersOf(store: Store, playerId = "ada"): Promise<readonly number[]> {
  return (await journalOf(store, playerId)).map(({ number }) => number);
}

export function countTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
