/** What encoder and decoder must agree on beside the order of the fields: flags, and words by number. */
import type { BlockCode, PauseReason, TimedEffect } from "@mainspring/core";

/** What follows the header. */
export const CONTENT = { player: 1, tombstone: 2 } as const;

/** A word's place in its list is what is stored: append only. */
export const STAT_WORDS: readonly TimedEffect["stat"][] = ["speed", "success", "yield", "xp"];
export const BLOCK_WORDS: readonly BlockCode[] = [
  "NOT_AVAILABLE",
  "PREREQUISITES_NOT_MET",
  "INSUFFICIENT_ITEMS",
  "INVENTORY_FULL",
];
export const PAUSE_WORDS: readonly PauseReason[] = ["COMMAND", "AWAY"];

export const LANE_FLAGS = {
  cycle: 1,
  /** The cycle in flight started under another catalog than the state's. */
  otherCatalog: 2,
  paused: 4,
  blocked: 8,
  /** The block has an instant at which it may change. */
  retry: 16,
} as const;

export const EFFECT_FLAGS = { kind: 1, activity: 2 } as const;

export const TASK_FLAGS = { limited: 1, until: 2, skip: 4, started: 8 } as const;

/** Which amounts of a started task are not empty. */
export const TOTALS_FLAGS = { gave: 1, took: 2, stashed: 4, discarded: 8, xp: 16 } as const;

/** All flags that a byte of them may have. */
export const KNOWN_FLAGS = {
  lane: allOf(LANE_FLAGS),
  effect: allOf(EFFECT_FLAGS),
  task: allOf(TASK_FLAGS),
  totals: allOf(TOTALS_FLAGS),
} as const;

function allOf(flags: Readonly<Record<string, number>>): number {
  return Object.values(flags).reduce((all, flag) => all | flag, 0);
}
