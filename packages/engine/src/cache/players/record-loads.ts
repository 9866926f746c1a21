/** Loads of records that aren't in this process: the second tier, and one request to the store for all that is not there either. */
import { MainspringError } from "@mainspring/core";
import type { Stamp, StoredRecord, Traced } from "../../ports.js";
import type { Load, Loads } from "../local/loads.js";
import type { Subjects } from "../local/subjects.js";
import type { Purpose } from "../remote-tier.js";
import { isOlder, newerOf } from "../stamp.js";
import type { TierPair } from "../tier-pair.js";
import { stampOf } from "./record-codec.js";
import type { StrongReads } from "./strong-reads.js";

/** What a newer write has overtaken on its way is read again so often; then the store's own word is taken. */
const MAX_RELOADS = 2;

export interface RecordLoadsParts {
  readonly tiers: TierPair<StoredRecord>;
  readonly subjects: Subjects;
  readonly loads: Loads<StoredRecord | null>;
  readonly strong: StrongReads;
}

export type StartLoads = (
  playerIds: readonly string[],
  atLeast: Stamp,
  how?: LoadHow,
) => Load<StoredRecord | null>[];

export interface LoadHow extends Traced {
  /** Default: `find` */
  readonly purpose?: Purpose;
}

/** Starts a load for each, all of which travel together. */
export function createStartLoads({ tiers, subjects, loads, strong }: RecordLoadsParts): StartLoads {
  const { local } = tiers;

  const notOvertaken = async (
    playerId: string,
    record: StoredRecord | null,
  ): Promise<StoredRecord | null> => {
    let latest = record;
    for (let reloads = 0; reloads < MAX_RELOADS; reloads += 1) {
      if (!isOlder(stampOf(latest), subjects.floorOf(playerId))) break;
      [latest = null] = await strong.read([playerId]);
    }
    return latest;
  };

  return (playerIds, atLeast, { purpose = "find", ...traced } = {}) => {
    const wanted = playerIds.map((key) => ({ key, atLeast: newerOf(atLeast, subjects.floorOf(key)) }));
    const answers = tiers.look(wanted, purpose);
    const misses = answers.then(async (all) => {
      const missing = playerIds.filter((_, index) => all[index]?.status !== "hit");
      const loaded = missing.length === 0 ? [] : await strong.load(missing, traced);
      return new Map(loaded.map((one, index) => [missing[index], one]));
    });
    // Hits don't wait for it, and may be all there is.
    misses.catch(() => undefined);
    return playerIds.map((playerId, index) =>
      loads.start(playerId, async (load) => {
        const answer = (await answers)[index];
        if (answer?.status === "hit") {
          // What was overtaken is not kept; but it is shown, so nothing older is from here on.
          if (load.isCancelled) subjects.raise(playerId, answer.entry.stamp);
          else subjects.admit(local, playerId, answer.entry);
          return notOvertaken(playerId, answer.entry.value);
        }
        const loaded = (await misses).get(playerId);
        if (loaded === undefined) throw new MainspringError("INTERNAL", "A load was forgotten.");
        if (load.isCancelled) subjects.raise(playerId, loaded.stamp);
        else {
          tiers.keepLoaded(playerId, loaded, answer?.status === "miss" ? answer.token : null);
        }
        return notOvertaken(playerId, loaded.value);
      }),
    );
  };
}
