/**
 * Gathers operations into batches: by group, in the order of their ranks, a bounded number of batches at once.
 *
 * A batch leaves when there is a slot and its group is full, or has something that does not linger (or has lingered for
 * `batchTimeoutMs`), or when the system is idle: nothing is under way, nothing of another group waits, and no batch left
 * within the last `batchTimeoutMs`. Without the last of these, a trickle of what may wait would never share a request.
 *
 * Batches are put together once in a turn of the event loop, so that those who ask in one turn travel together.
 */
import { setImmediate } from "node:timers";
import { MainspringError } from "@mainspring/core";
import type { Batcher, BatcherOptions, GroupLimits, Operation, Sent } from "./batcher.js";
import { createCounters } from "./counters.js";
import { createEpochs } from "./epochs.js";
import { systemTimers } from "./system-timers.js";
import { type Caller, createWaitingLine, type Entry, type WaitingLine } from "./waiting-line.js";

const BASE_DELAY_MS = 25;
const MAX_DELAY_MS = 5_000;
const MAX_ATTEMPTS = 12;

/**
 * Makes a batcher.
 *
 * @example
 * ```ts
 * import { createBatcher } from "@mainspring/engine/batch";
 *
 * const batcher = createBatcher<string, number>({
 *   send: async (group, words) => words.map(({ length }) => ({ status: "done", outcome: length })),
 *   maxBatchSize: 25,
 *   batchTimeoutMs: 1_000,
 *   maxConcurrentBatches: 5,
 *   maxWaitingBytes: 64 * 1024 ** 2,
 *   maxWaitingOperations: 16_384,
 *   ageingMs: 1_000,
 * });
 * const length = await batcher.submit({ group: "words", priority: 0, sizeBytes: 5, value: "hello" });
 * await batcher.close();
 * ```
 */
export function createBatcher<Op, Outcome>(options: BatcherOptions<Op, Outcome>): Batcher<Op, Outcome> {
  type BatchEntry = Entry<Op, Outcome>;
  type Line = WaitingLine<Op, Outcome>;
  const { send, batchTimeoutMs, maxConcurrentBatches, ageingMs, timers = systemTimers } = options;
  const lines = new Map<string, Line>();
  const counters = createCounters();
  const epochs = createEpochs();
  const held = { operations: 0, sizeBytes: 0 };
  let submitted = 0;
  let inFlightBatches = 0;
  let lastLeftAtMs = -Infinity;
  let isScheduled = false;
  let isClosed = false;
  let alarm: { readonly atMs: number; readonly cancel: () => void } | null = null;

  /** @throws MainspringError when the operations can't be taken */
  function admit(operations: readonly Operation<Op>[]): void {
    if (isClosed) throw new MainspringError("STORE_UNAVAILABLE", "The batcher is closed.");
    let sizeBytes = 0;
    for (const operation of operations) {
      const { maxBytes } = lines.get(operation.group)?.limits ?? limitsOf(options, operation.group);
      if (operation.sizeBytes > maxBytes) throw tooLarge(operation, maxBytes);
      sizeBytes += operation.sizeBytes;
    }
    const hasRoom =
      held.operations + operations.length <= options.maxWaitingOperations &&
      held.sizeBytes + sizeBytes <= options.maxWaitingBytes;
    if (hasRoom) return;
    counters.totals.refused += operations.length;
    throw overloaded(held);
  }

  function enqueue(operation: Operation<Op>, answer: Pick<Caller<Outcome>, "resolve" | "reject">): void {
    const { group, key, priority, sizeBytes, value, lingers = false } = operation;
    const nowMs = timers.nowMs();
    const rank = nowMs + priority * ageingMs;
    const caller = { ...answer, epoch: epochs.enter() };
    held.operations += 1;
    let line = lines.get(group);
    if (line === undefined) {
      line = createWaitingLine(group, limitsOf(options, group));
      lines.set(group, line);
    }
    schedule();
    if (key !== undefined && coalesced(line, operation, { rank, caller })) return;
    submitted += 1;
    const entry: BatchEntry = {
      value,
      sizeBytes,
      priority,
      rank,
      number: submitted,
      submittedAtMs: nowMs,
      attempts: 0,
      callers: [caller],
      key,
      lingering: null,
      lane: null,
    };
    held.sizeBytes += sizeBytes;
    counters.waits(entry);
    line.add(entry, { lingers });
  }

  /** Makes the operation part of the one before it of its key, if that may be. */
  function coalesced(
    line: Line,
    { group, key = "", priority, value, lingers = false }: Operation<Op>,
    { rank, caller }: { readonly rank: number; readonly caller: Caller<Outcome> },
  ): boolean {
    const waiting = options.coalesce && line.lastOf(key);
    const one = waiting && options.coalesce?.({ group, waiting: waiting.value, later: value });
    if (!one || one.sizeBytes > line.limits.maxBytes) return false;
    const higher = priority < waiting.priority ? priority : waiting.priority;
    counters.changes(waiting.priority, higher);
    counters.totals.coalesced += 1;
    held.sizeBytes += one.sizeBytes - waiting.sizeBytes;
    waiting.callers.push(caller);
    line.amend(waiting, { ...one, priority: higher, rank, lingers });
    return true;
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const nowMs = timers.nowMs();
      for (const line of lines.values()) line.hasten(nowMs - batchTimeoutMs);
      while (inFlightBatches < maxConcurrentBatches) {
        const line = nextLine(nowMs);
        if (line === null) break;
        void deliver(line, line.take(), nowMs);
      }
      setAlarm();
    });
  }

  /** The group whose batch leaves next: of those that may, the one with the first rank. */
  function nextLine(nowMs: number): Line | null {
    const isIdle = inFlightBatches === 0 && lines.size === 1 && nowMs - lastLeftAtMs >= batchTimeoutMs;
    let next: Line | null = null;
    let lowest = Infinity;
    for (const line of lines.values()) {
      const rank = line.firstRank();
      if (rank === null || rank >= lowest || !(isIdle || line.isPressing())) continue;
      next = line;
      lowest = rank;
    }
    return next;
  }

  /** Wakes when the first of what lingers has done so long enough. */
  function setAlarm(): void {
    let atMs = Infinity;
    for (const line of lines.values())
      atMs = Math.min(atMs, (line.lingeringSinceMs() ?? Infinity) + batchTimeoutMs);
    if (alarm?.atMs === atMs) return;
    alarm?.cancel();
    alarm = null;
    if (atMs === Infinity) return;
    const cancel = timers.after(Math.max(0, atMs - timers.nowMs()), () => {
      alarm = null;
      schedule();
    });
    alarm = { atMs, cancel };
  }

  async function deliver(line: Line, batch: readonly BatchEntry[], nowMs: number): Promise<void> {
    inFlightBatches += 1;
    lastLeftAtMs = nowMs;
    counters.leaves(batch, nowMs);
    const sent = await sendAll(send, line.name, batch);
    inFlightBatches -= 1;
    settle(line, batch, sent);
    schedule();
  }

  function settle(line: Line, batch: readonly BatchEntry[], sent: readonly Sent<Outcome>[]): void {
    const unprocessed: BatchEntry[] = [];
    for (const [index, entry] of batch.entries()) {
      const result = sent[index];
      if (result?.status === "unprocessed" && mayTryAgain(entry)) unprocessed.push(entry);
      else answer(entry, result);
    }
    line.restore(unprocessed);
    line.release(batch);
    line.leave(batch.length - unprocessed.length);
    if (unprocessed.length > 0) rest(line, unprocessed);
    if (line.size() === 0) lines.delete(line.name);
  }

  function mayTryAgain(entry: BatchEntry): boolean {
    entry.attempts += 1;
    return entry.attempts < (options.retry?.maxAttempts ?? MAX_ATTEMPTS);
  }

  /** Lets those that were left unprocessed wait, with full jitter: whatever made the server refuse must not meet all of them again at once. */
  function rest(line: Line, entries: readonly BatchEntry[]): void {
    const { baseDelayMs = BASE_DELAY_MS, maxDelayMs = MAX_DELAY_MS } = options.retry ?? {};
    const attempts = Math.max(...entries.map((entry) => entry.attempts));
    const delayMs =
      (options.random ?? Math.random)() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1));
    counters.totals.retried += entries.length;
    for (const entry of entries) counters.waits(entry);
    timers.after(delayMs, () => {
      line.wake(entries);
      schedule();
    });
  }

  function answer({ callers, sizeBytes, attempts }: BatchEntry, result: Sent<Outcome> | undefined): void {
    held.operations -= callers.length;
    held.sizeBytes -= sizeBytes;
    for (const { resolve, reject, epoch } of callers) {
      epochs.leave(epoch);
      if (result?.status === "done") resolve(result.outcome);
      else if (result?.status === "failed") reject(result.error);
      else reject(neverProcessed(attempts));
    }
  }

  async function flush(): Promise<void> {
    for (const line of lines.values()) line.hasten(Infinity);
    schedule();
    await epochs.settled();
  }

  return {
    async submit(operation) {
      admit([operation]);
      return new Promise<Outcome>((resolve, reject) => enqueue(operation, { resolve, reject }));
    },
    async submitAll(operations) {
      admit(operations);
      return Promise.allSettled(
        operations.map(
          (operation) => new Promise<Outcome>((resolve, reject) => enqueue(operation, { resolve, reject })),
        ),
      );
    },
    flush,
    async close() {
      isClosed = true;
      await flush();
    },
    stats: () => counters.stats({ pending: held.operations, pendingBytes: held.sizeBytes, inFlightBatches }),
  };
}

function limitsOf<Op, Outcome>(
  { limits, maxBatchSize }: BatcherOptions<Op, Outcome>,
  group: string,
): GroupLimits {
  const given = limits?.(group) ?? { maxOperations: maxBatchSize, maxBytes: Infinity };
  return { ...given, maxOperations: Math.min(given.maxOperations, maxBatchSize) };
}

async function sendAll<Op, Outcome>(
  send: BatcherOptions<Op, Outcome>["send"],
  group: string,
  batch: readonly Entry<Op, Outcome>[],
): Promise<readonly Sent<Outcome>[]> {
  try {
    const sent = await send(
      group,
      batch.map(({ value }) => value),
    );
    if (sent.length === batch.length) return sent;
    throw new MainspringError(
      "INTERNAL",
      `${batch.length} operations were sent, and ${sent.length} answered.`,
    );
  } catch (cause) {
    const error = cause instanceof Error ? cause : new MainspringError("INTERNAL", String(cause));
    return batch.map(() => ({ status: "failed", error }));
  }
}

function tooLarge({ group, sizeBytes }: Operation<unknown>, maxBytes: number): MainspringError {
  return new MainspringError(
    "INVALID_REQUEST",
    `An operation of ${sizeBytes} bytes is more than a request of "${group}" may carry: ${maxBytes}.`,
    { group, sizeBytes, maxBytes },
  );
}

function overloaded({ operations, sizeBytes }: { operations: number; sizeBytes: number }): MainspringError {
  return new MainspringError(
    "OVERLOADED",
    `${operations} operations wait already; nothing was done. Try again shortly.`,
    { operations, sizeBytes },
  );
}

function neverProcessed(attempts: number): MainspringError {
  return new MainspringError(
    "STORE_UNAVAILABLE",
    `The server did not take an operation that was sent ${attempts} times; it was not done.`,
    { attempts },
  );
}
