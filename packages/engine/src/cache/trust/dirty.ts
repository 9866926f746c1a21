/** What has changed while nobody could be told: of each subject one change that takes away whatever any of them did. */
import type { DropRequest, Subject } from "../remote.js";
import { newerOf } from "../stamp.js";

export type DropChange = Omit<DropRequest, "sender">;

/** Something that has changed while nobody could be told. */
export interface Missed {
  readonly change: DropChange;
  /** When the first of it did. */
  readonly atMs: number;
}

export interface Dirty {
  add(change: DropChange): void;
  /** All of it, and nothing is left. */
  takeAll(): readonly Missed[];
  /** The instant of the oldest; infinite: there is none. */
  oldestAtMs(): number;
  readonly size: number;
}

export function createDirty(timers: { nowMs(): number }): Dirty {
  const bySubject = new Map<string, Missed>();
  return {
    add(change) {
      const name = nameOf(change.subject);
      const known = bySubject.get(name);
      const whole = known === undefined ? change : wider(known.change, change);
      bySubject.set(name, { change: whole, atMs: known?.atMs ?? timers.nowMs() });
    },
    takeAll() {
      const all = [...bySubject.values()];
      bySubject.clear();
      return all;
    },
    oldestAtMs() {
      // The first to come is the oldest.
      for (const { atMs } of bySubject.values()) return atMs;
      return Infinity;
    },
    get size() {
      return bySubject.size;
    },
  };
}

/** Two changes of one subject, as one that takes away whatever either did. */
function wider(one: DropChange, other: DropChange): DropChange {
  const upTo = one.upTo === null || other.upTo === null ? null : newerOf(one.upTo, other.upTo);
  const floor =
    one.floor === null || other.floor === null ? (one.floor ?? other.floor) : newerOf(one.floor, other.floor);
  return { subject: one.subject, upTo, floor };
}

function nameOf({ group, key }: Subject): string {
  return `${group}\0${key}`;
}
