/** What the cases of the store's contract share: a store of their own each, and records to put there. */
import type { ManualClock } from "../manual-clock.js";
import type { Expected, JournalEntry, RecordWrite, Store, StoredRecord } from "../../ports.js";

/** A store under test, empty when it is given. */
export interface StoreFixture {
  readonly store: Store;
  /** The clock that the store was opened with, so that time can pass. */
  readonly clock: ManualClock;
  /** How long it keeps events and snapshots by that clock; at least an hour. */
  readonly journalRetentionMs: number;
  /** The largest record that the store takes. Default: 1 MiB */
  readonly largestRecordBytes?: number;
  /** Opens what was stored once more, after a close. Left out by a store that keeps nothing. */
  readonly reopen?: () => Promise<Store>;
  /** Takes away what the store left behind. The stores are closed by then. */
  readonly cleanup: () => Promise<void>;
}

/** One sentence of the contract. `run` fails with an `AssertionError` where the store breaks it. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A sentence and its proof, before it is known on which store. */
export interface Clause {
  readonly name: string;
  readonly prove: (fixture: StoreFixture) => Promise<void>;
}

export const INCARNATION = 1_700_000_000_000;

export interface RecordOptions {
  readonly playerId?: string;
  readonly incarnation?: number;
  readonly version?: number;
  readonly bytes?: Uint8Array;
}

export function record(options: RecordOptions = {}): StoredRecord {
  const { playerId = "ada", incarnation = INCARNATION, version = 1 } = options;
  return { playerId, incarnation, version, bytes: options.bytes ?? bytesOf(`${playerId} ${version}`) };
}

export interface WriteOptions extends RecordOptions {
  /** Default: the version before, or none for version 1. */
  readonly expected?: Expected;
  readonly events?: readonly JournalEntry[];
  readonly mark?: Uint8Array;
}

export function write(options: WriteOptions = {}): RecordWrite {
  const next = record(options);
  const before = next.version === 1 ? null : { incarnation: next.incarnation, version: next.version - 1 };
  return {
    next,
    expected: options.expected === undefined ? before : options.expected,
    events: options.events ?? [],
    ...(options.mark === undefined ? {} : { mark: options.mark }),
  };
}

/** Events `from` up to and with `to`, each with bytes that name it. */
export function events(from: number, to: number, label = ""): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let number = from; number <= to; number += 1) {
    entries.push({ number, bytes: bytesOf(`event ${number} ${label}`) });
  }
  return entries;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** In plain bytes, so that a Buffer and a Uint8Array of one content compare as equal. */
export function plain<T extends { readonly bytes: Uint8Array }>(value: T): T {
  return { ...value, bytes: Uint8Array.from(value.bytes) };
}

export function plainOrNull(value: StoredRecord | null | undefined): StoredRecord | null | undefined {
  return value && plain(value);
}
