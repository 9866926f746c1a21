/** All that this process knows of a group of subjects (the players, say): floors, values of several namespaces, loads under way. */
import type { Stamp } from "../../ports.js";
import { isOlder } from "../stamp.js";
import { createFloors } from "./floors.js";
import type { LocalEntry } from "./local-entry.js";
import type { LocalTier } from "./local-tier.js";

export interface Subjects {
  readonly group: string;
  /** Nothing older is taken in. */
  floorOf(key: string): Stamp;
  /** There is something as new as this: what is older goes, and loads that began before don't count. */
  raise(key: string, stamp: Stamp): void;
  /** Something may have changed: what is known goes, and loads that began before don't count. */
  doubt(key: string): void;
  /** A value of this stamp was here and is no more. */
  remember(key: string, stamp: Stamp): void;
  /** The store itself says that there is nothing newer than this. */
  lower(key: string, stamp: Stamp): void;
  /** Takes a value in, unless something newer is known. */
  admit<V>(tier: LocalTier<V>, key: string, entry: LocalEntry<V>): boolean;
  /** Drops and cancellations go to these as well. */
  join(holder: Holder): void;
}

/** Whoever keeps something of subjects. */
export interface Holder {
  /** Takes away what is older than this; `null`: all of it. Returns the stamp of a value that went. */
  dropOlder(key: string, stamp: Stamp | null): Stamp | null;
}

export interface SubjectsOptions {
  readonly group: string;
  readonly timers: { nowMs(): number };
  /** A floor had to be forgotten that was still needed. */
  readonly onForgotten: () => void;
}

export function createSubjects({ group, timers, onForgotten }: SubjectsOptions): Subjects {
  const floors = createFloors(onForgotten);
  const holders: Holder[] = [];
  const remember = (key: string, stamp: Stamp): void => {
    floors.raise(key, stamp, timers.nowMs());
  };
  return {
    group,
    floorOf: (key) => floors.of(key),
    raise(key, stamp) {
      if (!isOlder(floors.of(key), stamp)) return;
      floors.raise(key, stamp, timers.nowMs());
      for (const holder of holders) holder.dropOlder(key, stamp);
    },
    doubt(key) {
      for (const holder of holders) {
        const stamp = holder.dropOlder(key, null);
        // What was shown is not forgotten with it: an answer that is late may bring something older.
        if (stamp !== null) remember(key, stamp);
      }
    },
    remember,
    lower(key, stamp) {
      floors.lower(key, stamp, timers.nowMs());
      for (const holder of holders) holder.dropOlder(key, null);
    },
    admit(tier, key, entry) {
      if (isOlder(entry.stamp, floors.of(key))) {
        tier.counters.refused += 1;
        return false;
      }
      tier.put(key, entry);
      return true;
    },
    join: (holder) => void holders.push(holder),
  };
}
