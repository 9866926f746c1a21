/**
 * Values that are made of a player's record: the few bytes of a progress bar, the totals of a profile. They lie under the player's own
 * stamp, so that a commit takes them away wherever they are, and are vouched for as the record is that they were made of.
 */
import type { PlayerValues, Stamp, StoredRecord, Timers } from "../../ports.js";
import type { LocalEntry } from "../local/local-tier.js";
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
}

export function createPlayerValues<V>(parts: PlayerValuesParts<V>): PlayerValues<V> {
  const { tiers, subjects, recordOf, timers } = parts;
  const { local } = tiers;
  const watches = createWatches();
  subjects.join(watches);

  const keep = (playerId: string, made: { stamp: Stamp; value: V }, lease: Lease | null): void => {
    const record = recordOf(playerId);
    if (record === undefined || compareStamps(record.stamp, made.stamp) !== 0) return;
    const { knownAtMs, trustedFromMs } = record;
    // The second tier believes that whoever fills has looked after it got the lease.
    const token = lease !== null && knownAtMs >= lease.askedAtMs ? lease.token : null;
    tiers.keepLoaded(playerId, { ...made, startedAtMs: knownAtMs, trustedFromMs }, token);
  };

  return {
    async get(playerId, { atLeast, isGood }, make) {
      const askedAtMs = timers.nowMs();
      const entry = local.find(playerId, askedAtMs);
      const isOldEnough = entry !== undefined && !isOlder(entry.stamp, atLeast);
      if (isOldEnough && entry.value !== null && isGood(entry.value)) return entry.value;
      local.countMiss(playerId, askedAtMs);
      const watch = watches.begin(playerId);
      try {
        // What is here and not good any more is not better there.
        const [answer] = await tiers.look([{ key: playerId, atLeast }], isOldEnough ? "refresh" : "find");
        if (answer?.status === "hit" && answer.entry.value !== null && isGood(answer.entry.value)) {
          if (!watch.isOvertaken) subjects.admit(local, playerId, answer.entry);
          return answer.entry.value;
        }
        local.counters.loads += 1;
        const made = await make();
        local.counters.loadMs += timers.nowMs() - askedAtMs;
        const lease =
          answer?.status === "miss" && answer.token !== null ? { askedAtMs, token: answer.token } : null;
        keep(playerId, made, lease);
        return made.value;
      } finally {
        watch.end();
      }
    },
  };
}

interface Lease {
  readonly askedAtMs: number;
  readonly token: string;
}
