/** What the parts of a batcher share. */
import type { BatcherOptions, GroupLimits } from "./batcher.js";
import type { Counters } from "./counters.js";
import type { Epochs } from "./epochs.js";
import type { WaitingLine } from "./waiting-line.js";
import type { Timers } from "../ports.js";

export interface Parts<Op, Outcome> {
  readonly options: BatcherOptions<Op, Outcome>;
  readonly timers: Timers;
  /** By group. One that has nothing is left out. */
  readonly lines: Map<string, WaitingLine<Op, Outcome>>;
  readonly counters: Counters;
  readonly epochs: Epochs;
  /** Of what was given and is not answered. */
  readonly held: { operations: number; sizeBytes: number };
}

export function limitsOf<Op, Outcome>(
  { limits, maxBatchSize }: BatcherOptions<Op, Outcome>,
  group: string,
): GroupLimits {
  const given = limits?.(group) ?? { maxOperations: maxBatchSize, maxBytes: Infinity };
  return { ...given, maxOperations: Math.min(given.maxOperations, maxBatchSize) };
}
