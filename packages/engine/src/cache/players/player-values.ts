/**
 * Values that are made of a player's record: the few bytes of a progress bar, the totals of a profile. They lie under the player's own
 * stamp, so that a commit takes them away wherever they are, and are vouched for as the record is that they were made of.
 */
import type { IsOn, PlayerValues, Stamp, StoredRecord, Timers } from "../../ports.js";
import type { LocalEntry } from "../local/local-entry.js";
import type { Subjects } from "../local/subjects.js";
import { createWatches } from "../local/watches.js";
import { compareStamps, isOlder } from "../stamp.js";
import type { TierPair } from "../tier-pair.js";

export interface PlayerValuesParts<V> {
  readonly tiers: TierPair<V>;
  readonly subjects: Subjects;
  /** The record as it is in this process, if it is. */
  readonly recordOf: (playerId: string) => LocalEntry<StoredRecord> | undefined;
  readonly timers: Timers;
  /** Whose values are kept; `null`: everybody's. */
  readonly isOn: IsOn | null;
}

export function createPlayerValues<V>(parts: PlayerValuesParts<V>): PlayerValues<V> {
  const { tiers, subjects, recordOf, timers, isOn } = parts;
  const { local } = tiers;
  const watches = createWatches();
  subjects.join(watches);

  const keep = (playerId: string, made: { stamp: Stamp; value: V }, token: string | null): void => {
    const record = recordOf(playerId);
    if (record === undefined || compareStamps(record.stamp, made.stamp) !== 0) return;
    const { knownAtMs, trustedFromMs } = record;
    // The record may have been here before the lease: the value is as current as that, and no more.
    const loaded = { ...made, startedAtMs: knownAtMs, isFromBefore: true, trustedFromMs };
    tiers.keepLoaded(playerId, loaded, token);
  };

  return {
    async get(playerId, { atLeast, isGood }, make) {
      if (isOn !== null && !isOn(playerId)) return (await make()).value;
      const askedAtMs = timers.nowMs();
      let isSpent = false;
      const entry = local.find(playerId, askedAtMs, ({ stamp, value }) => {
        if (isOlder(stamp, atLeast)) return false;
        isSpent = value === null || !isGood(value);
        return !isSpent;
      });
      if (entry !== undefined && entry.value !== null) return entry.value;
      local.countMiss(playerId, askedAtMs);
      const watch = watches.begin(playerId);
      try {
        // What is here and not good any more is not better there.
        const [answer] = await tiers.look([{ key: playerId, atLeast }], isSpent ? "refresh" : "find");
        if (answer?.status === "hit" && answer.entry.value !== null && isGood(answer.entry.value)) {
          if (!watch.isOvertaken) subjects.admit(local, playerId, answer.entry);
          return answer.entry.value;
        }
        local.counters.loads += 1;
        const made = await make();
        local.counters.loadMs += timers.nowMs() - askedAtMs;
        keep(playerId, made, answer?.status === "miss" ? answer.token : null);
        return made.value;
      } finally {
        watch.end();
      }
    },
  };
}
