/** How operations come into a batcher, or are refused. */
import { MainspringError } from "@mainspring/core";
import type { Operation } from "./batcher.js";
import type { Caller } from "./lane.js";
import { limitsOf, type Parts } from "./parts.js";
import { createWaitingLine, type WaitingLine } from "./waiting-line.js";

type Answer<Outcome> = Pick<Caller<Outcome>, "resolve" | "reject">;

export interface Intake<Op, Outcome> {
  /** @throws MainspringError when not all of the operations can be taken */
  admit(operations: readonly Operation<Op>[]): void;
  enqueue(operation: Operation<Op>, answer: Answer<Outcome>): void;
}

export function createIntake<Op, Outcome>(parts: Parts<Op, Outcome>): Intake<Op, Outcome> {
  const { options, timers, lines, counters, epochs, held } = parts;
  let entryCount = 0;
  const lineOf = (group: string): WaitingLine<Op, Outcome> => {
    const line = lines.get(group) ?? createWaitingLine<Op, Outcome>(group, limitsOf(options, group));
    lines.set(group, line);
    return line;
  };
  return {
    admit(operations) {
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
    },
    enqueue(operation, { resolve, reject }) {
      const line = lineOf(operation.group);
      const { key, priority, sizeBytes, value, lingers = false } = operation;
      const submittedAtMs = timers.nowMs();
      const rank = submittedAtMs + priority * options.ageingMs;
      const caller = { epoch: epochs.enter(), resolve, reject };
      held.operations += 1;
      if (key !== undefined && coalesce(parts, { line, key, operation, rank, caller })) return;
      held.sizeBytes += sizeBytes;
      entryCount += 1;
      const number = entryCount;
      const callers = [caller];
      counters.waits(priority);
      line.add({ key, value, sizeBytes, priority, rank, number, submittedAtMs, callers, lingers });
    },
  };
}

interface Later<Op, Outcome> {
  readonly line: WaitingLine<Op, Outcome>;
  readonly key: string;
  readonly operation: Operation<Op>;
  readonly rank: number;
  readonly caller: Caller<Outcome>;
}

/** Makes an operation part of the one before it of its key, if that may be. */
function coalesce<Op, Outcome>(
  { options, counters, held }: Parts<Op, Outcome>,
  { line, key, operation: { group, value, priority, lingers = false }, rank, caller }: Later<Op, Outcome>,
): boolean {
  const waiting = options.coalesce && line.lastOf(key);
  if (!waiting) return false;
  const { state, entries } = waiting.lane;
  const isAlone = state === "waiting" && entries.size === 1;
  const one = options.coalesce?.({ group, waiting: waiting.value, later: value, isAlone });
  if (!one || one.sizeBytes > line.limits.maxBytes) return false;
  const higher = priority < waiting.priority ? priority : waiting.priority;
  counters.leaves(waiting.priority);
  counters.waits(higher);
  counters.totals.coalesced += 1;
  held.sizeBytes += one.sizeBytes - waiting.sizeBytes;
  waiting.callers.push(caller);
  line.amend(waiting, { ...one, priority: higher, rank, lingers });
  return true;
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
    `${operations} operations of ${sizeBytes} bytes wait already; nothing was done. Try again shortly.`,
    { operations, sizeBytes },
  );
}
