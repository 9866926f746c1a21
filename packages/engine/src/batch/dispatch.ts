/**
 * When batches leave, and in which order.
 *
 * A batch leaves when there is a slot and its group is full, or has something that does not linger (or has lingered for
 * `batchTimeoutMs`), or when the system is idle: nothing is under way, nothing of another group waits, and no batch left
 * within the last `batchTimeoutMs`. Without the last of these, a trickle of what may wait would never share a request.
 *
 * Batches are put together once in a turn of the event loop, so that those who ask in one turn travel together.
 */
import { setImmediate } from "node:timers";
import { MainspringError } from "@mainspring/core";
import type { BatcherOptions, Sent } from "./batcher.js";
import type { Entry } from "./lane.js";
import type { Parts } from "./parts.js";
import { settle } from "./settlement.js";
import type { WaitingLine } from "./waiting-line.js";

export interface Dispatch {
  /** Something came, or was told to hurry: looks for batches at the end of this turn of the event loop. */
  schedule(): void;
  inFlightBatches(): number;
}

export function createDispatch<Op, Outcome>(parts: Parts<Op, Outcome>): Dispatch {
  const { options, timers, lines, counters } = parts;
  const { batchTimeoutMs, maxConcurrentBatches } = options;
  let inFlightBatches = 0;
  let lastLeftAtMs = -Infinity;
  let isScheduled = false;
  const alarm = createAlarm(parts, schedule);

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      dispatch(timers.nowMs());
    });
  }

  function dispatch(nowMs: number): void {
    for (const line of lines.values()) line.hasten(nowMs - batchTimeoutMs);
    while (inFlightBatches < maxConcurrentBatches) {
      const isIdle = inFlightBatches === 0 && lines.size === 1 && nowMs - lastLeftAtMs >= batchTimeoutMs;
      const line = nextLine(lines.values(), isIdle);
      if (line === null) break;
      lastLeftAtMs = nowMs;
      void deliver(line, nowMs);
    }
    alarm.set();
  }

  async function deliver(line: WaitingLine<Op, Outcome>, nowMs: number): Promise<void> {
    const batch = line.take();
    inFlightBatches += 1;
    counters.sends(batch, nowMs);
    const sent = await sendAll(options.send, line.name, batch);
    inFlightBatches -= 1;
    const { unprocessed, restMs } = settle(parts, line, { batch, sent });
    if (unprocessed.length > 0) {
      timers.after(restMs, () => {
        line.wake(unprocessed);
        schedule();
      });
    }
    if (line.isEmpty()) lines.delete(line.name);
    schedule();
  }

  return { schedule, inFlightBatches: () => inFlightBatches };
}

/** The group whose batch leaves next: of those that may, the one with the first rank. */
function nextLine<Op, Outcome>(
  lines: Iterable<WaitingLine<Op, Outcome>>,
  isIdle: boolean,
): WaitingLine<Op, Outcome> | null {
  let next: WaitingLine<Op, Outcome> | null = null;
  let lowest = Infinity;
  for (const line of lines) {
    const rank = line.firstRank();
    if (rank === null || rank >= lowest || !(isIdle || line.isPressing())) continue;
    next = line;
    lowest = rank;
  }
  return next;
}

/** Rings when the first of what lingers has done so long enough. */
function createAlarm<Op, Outcome>(
  { options: { batchTimeoutMs }, timers, lines }: Parts<Op, Outcome>,
  ring: () => void,
): { set(): void } {
  let pending: { readonly atMs: number; readonly cancel: () => void } | null = null;
  return {
    set() {
      let sinceMs = Infinity;
      for (const line of lines.values()) sinceMs = Math.min(sinceMs, line.lingeringSinceMs() ?? Infinity);
      const atMs = sinceMs + batchTimeoutMs;
      if (pending?.atMs === atMs) return;
      pending?.cancel();
      pending = null;
      if (atMs === Infinity) return;
      const cancel = timers.after(Math.max(0, atMs - timers.nowMs()), () => {
        pending = null;
        ring();
      });
      pending = { atMs, cancel };
    },
  };
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
