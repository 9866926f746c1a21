/** What the last beat that was answered said of trust. */
import type { BeatAnswer } from "../remote.js";

export interface LastBeat {
  heard(beat: { readonly sentAtMs: number; readonly answeredAtMs: number }, answer: BeatAnswer): void;
  /** Whether it is young enough to trust. */
  isFresh(nowMs: number): boolean;
  /** Whether nobody was silent then. */
  isWhole(): boolean;
  /** Whether whoever may live was on its list. */
  isComplete(): boolean;
  /** Since when everybody has told everything, by our clock, rather too late than too early. */
  sinceMs(): number;
  /** The same by the server's clock; `null`: not known. */
  remoteSinceMs(): number | null;
  members(): number;
}

/** @param trustMs trust ends so long after the beat was sent */
export function createLastBeat(trustMs: number): LastBeat {
  let sentAtMs = -Infinity;
  let sinceMs = Infinity;
  let remoteSinceMs: number | null = null;
  let members = 0;
  let isWhole = false;
  let isComplete = false;
  return {
    heard(beat, answer) {
      const { trustedSinceMs } = answer;
      // The server's clock may be set at any time: all that counts of it is whether trust is the same as before.
      const isSame = answer.isWhole && trustedSinceMs === remoteSinceMs;
      if (!isSame) sinceMs = beat.answeredAtMs;
      remoteSinceMs = trustedSinceMs;
      ({ isWhole, isComplete } = answer);
      members = answer.members.length;
      ({ sentAtMs } = beat);
    },
    isFresh: (nowMs) => nowMs - sentAtMs <= trustMs,
    isWhole: () => isWhole,
    isComplete: () => isComplete,
    sinceMs: () => sinceMs,
    remoteSinceMs: () => remoteSinceMs,
    members: () => members,
  };
}
