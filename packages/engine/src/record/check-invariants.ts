/**
 * What holds for every state that the rules can make, under whatever catalogs it has been. A record that breaks any of it is
 * damaged, or a bug made it. The answers name the rule, never a value: they may be logged.
 */
import { LIMITS, MAX_TIMED_EFFECTS, type PlayerState, PPM } from "@mainspring/core";
import { areAmounts, isCount } from "./amount-rules.js";
import type { CatalogSource } from "./catalog-index.js";
import { checkLane } from "./check-lane.js";
import { STAT_WORDS } from "./layout.js";
import {
  type Digest,
  DIGEST_BYTES,
  MAX_ADJUST_DIGESTS,
  MAX_OWN_DIGESTS,
  type PlayerRecord,
} from "./player-record.js";

/** The first rule that a record breaks, or `null` if it is sound. */
export function checkInvariants(record: PlayerRecord, catalogs: CatalogSource): string | null {
  const { state, ownDigests, adjustDigests } = record;
  return (
    checkCounters(state) ??
    checkBelongings(state) ??
    checkEffects(state) ??
    checkLane(state, catalogs) ??
    checkLifetimeTotals(state) ??
    checkDigests(ownDigests, MAX_OWN_DIGESTS, state) ??
    checkDigests(adjustDigests, MAX_ADJUST_DIGESTS, state)
  );
}

function checkCounters(state: PlayerState): string | null {
  const { settledAtMs, lastSeenMs, catalogAtMs, clockOffsetMs, revision, eventCount, nextTask } = state;
  if (![settledAtMs, lastSeenMs, catalogAtMs, clockOffsetMs].every(isCount))
    return "an instant is out of range";
  if (![revision, eventCount, nextTask].every(isCount) || nextTask === 0) return "a counter is out of range";
  // Commands, catalog moves and the end of an absence add one to both.
  return revision > eventCount ? "there are more revisions than events" : null;
}

function checkBelongings({ items, stash, xp, equipped }: PlayerState): string | null {
  if (!areAmounts(items)) return "items: an amount is out of range";
  if (!areAmounts(stash)) return "stash: an amount is out of range";
  if (!areAmounts(xp)) return "xp: an amount is out of range";
  for (const [slot, item] of equipped) if (slot === "" || item === "") return "equipped: an id is empty";
  return null;
}

function checkEffects({ effects, settledAtMs }: PlayerState): string | null {
  if (effects.length > MAX_TIMED_EFFECTS) return "effects: too many";
  for (const { stat, addPpm, kind, activity, untilMs } of effects) {
    if (!STAT_WORDS.includes(stat) || kind === "" || activity === "")
      return "effects: an id is empty or unknown";
    if (!Number.isSafeInteger(addPpm) || Math.abs(addPpm) > LIMITS.effectAdd.max * PPM) {
      return "effects: an amount is out of range";
    }
    // Settling to an instant ends what ends at it.
    if (!isCount(untilMs) || untilMs <= settledAtMs) return "effects: one is over";
  }
  return null;
}

function checkLifetimeTotals({ totals }: PlayerState): string | null {
  for (const [kind, { tasks, cycles, failures, timeMs, rewards }] of totals) {
    if (kind === "") return "totals: an id is empty";
    if (!isCount(tasks) || !isCount(cycles) || !isCount(failures) || !isCount(timeMs)) {
      return "totals: a number is out of range";
    }
    if (failures > cycles) return "totals: more failures than cycles";
    if (!areAmounts(rewards)) return "totals: a reward is out of range";
  }
  return null;
}

/** Each belongs to a command, and they are in the order of the commands. The clock may have been set back between them. */
function checkDigests(digests: readonly Digest[], max: number, state: PlayerState): string | null {
  if (digests.length > max) return "digests: too many";
  let lastRevision = 0;
  let lastEvent = 0;
  for (const { key, request, revision, eventNumber, atMs } of digests) {
    if (key.length !== DIGEST_BYTES || request.length !== DIGEST_BYTES) return "digests: a wrong length";
    if (!isCount(atMs) || !isCount(revision) || !isCount(eventNumber))
      return "digests: a number is out of range";
    if (revision <= lastRevision || eventNumber <= lastEvent) return "digests: not in order";
    lastRevision = revision;
    lastEvent = eventNumber;
  }
  return lastRevision > state.revision || lastEvent > state.eventCount
    ? "digests: one of a command to come"
    : null;
}
