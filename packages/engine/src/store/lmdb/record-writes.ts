/** Conditional writes of players' records with their events, as a job of the group commit. */
import { MainspringError } from "@mainspring/core";
import type { Expected, RecordWrite, WriteOutcome } from "../../ports.js";
import type { Arena } from "./arena.js";
import type { Tables } from "./environment.js";
import type { Batch, JobOptions } from "./group-commit.js";
import { assertPlayerId } from "../check-keys.js";
import { type EventsKey, eventsValue, type Head, headOf, markValue, recordValue } from "./layout.js";

const COMMITTED: WriteOutcome = { status: "committed" };
const CONFLICT: WriteOutcome = { status: "conflict" };

/** A write in the form in which it is stored: nothing of it belongs to the caller any more. */
interface StoredWrite {
  readonly playerId: string;
  readonly expected: Expected;
  readonly record: Uint8Array;
  readonly events: KeyedValue | undefined;
  readonly mark: KeyedValue | undefined;
}

interface KeyedValue {
  readonly key: EventsKey;
  readonly value: Uint8Array;
}

interface RecordWritesOptions {
  readonly tables: Tables;
  readonly arena: Arena;
  /** Of the commit, for the expiry of its events. */
  readonly atMs: number;
  readonly onConflict: () => void;
}

/** @throws MainspringError `INVALID_REQUEST` for an impossible player id, `INTERNAL` for a write that contradicts itself */
export function recordWritesJob(
  writes: readonly RecordWrite[],
  { tables, arena, atMs, onConflict }: RecordWritesOptions,
): JobOptions<readonly WriteOutcome[]> {
  const stored = writes.map((write) => encode(write, { arena, atMs }));
  let sizeBytes = 0;
  for (const { record, events } of stored) sizeBytes += record.length + (events?.value.length ?? 0);
  return {
    writeCount: writes.length,
    sizeBytes,
    decide: (batch) =>
      stored.map((write) => {
        if (!isExpected(write.expected, currentHead(batch, tables, write.playerId))) {
          onConflict();
          return CONFLICT;
        }
        batch.put(tables.records, write.playerId, write.record);
        if (write.events !== undefined) batch.append(tables.events, write.events.key, write.events.value);
        if (write.mark !== undefined) batch.append(tables.marks, write.mark.key, write.mark.value);
        return COMMITTED;
      }),
  };
}

function encode(
  { expected, next, events, mark }: RecordWrite,
  { arena, atMs }: { readonly arena: Arena; readonly atMs: number },
): StoredWrite {
  assertPlayerId(next.playerId);
  assertCounts(next);
  const last = events.at(-1);
  return {
    playerId: next.playerId,
    expected: expected === null ? null : { incarnation: expected.incarnation, version: expected.version },
    record: recordValue(next, arena),
    events: last && {
      key: [next.playerId, next.incarnation, last.number],
      value: eventsValue(events, { arena, atMs }),
    },
    mark: mark && {
      key: [next.playerId, next.incarnation, 0],
      value: markValue({ version: next.version, bytes: mark }, arena),
    },
  };
}

function currentHead(batch: Batch, tables: Tables, playerId: string): Head | undefined {
  const value = batch.peek(tables.records, playerId);
  return value && headOf(value);
}

function isExpected(expected: Expected, current: Head | undefined): boolean {
  if (expected === null || current === undefined) return expected === null && current === undefined;
  return expected.incarnation === current.incarnation && expected.version === current.version;
}

function assertCounts({ incarnation, version }: Head): void {
  if (
    !Number.isSafeInteger(incarnation) ||
    incarnation < 0 ||
    !Number.isSafeInteger(version) ||
    version < 1
  ) {
    throw new MainspringError("INTERNAL", `No record has incarnation ${incarnation} and version ${version}.`);
  }
}
