/**
 * What was heard on the channel, and whether anything is missing. Each member numbers what it tells; with each beat the server says
 * how far everybody had come, and by the next one that must have arrived.
 */
import type { Sender } from "../remote.js";

/** So many announcements of a member may be out of order; more is a hole. */
const MAX_OUT_OF_ORDER = 1_000;

/** Of so many senders is known how far they have come. */
const MAX_SENDERS = 10_000;

interface Progress {
  /** All up to this one were heard. */
  contiguous: number;
  /** Heard beyond a hole. */
  readonly beyond: Set<number>;
}

export interface Heard {
  onAnnouncement(sender: Sender): void;
  onEcho(beat: number): void;
  onListening(isListening: boolean): void;
  /** An answer to a beat: all that the answer before told of must have been heard, and the echo of the beat before. */
  check(
    beat: { readonly number: number; readonly sentAtMs: number },
    members: readonly Sender[],
    nowMs: number,
  ): void;
  /** Since when nothing was missed; infinite while something may have been. */
  unbrokenSinceMs(): number;
  /** Something was missed, or forgotten. */
  breakOff(): void;
  breaks(): number;
}

/** @param timers tells when listening began: the first beat sent after it begins the count anew */
export function createHeard(timers: { nowMs(): number }): Heard {
  const progress = new Map<string, Progress>();
  let expected: readonly Sender[] = [];
  let unbrokenSinceMs = Infinity;
  let listeningSinceMs = Infinity;
  let echo = 0;
  let firstBeat = 0;
  let breaks = 0;

  const breakOff = (): void => {
    if (unbrokenSinceMs !== Infinity) breaks += 1;
    unbrokenSinceMs = Infinity;
  };

  const progressOf = (member: string): Progress => {
    const known = progress.get(member);
    if (known !== undefined) return known;
    if (progress.size >= MAX_SENDERS) {
      progress.clear();
      breakOff();
    }
    const made: Progress = { contiguous: 0, beyond: new Set() };
    progress.set(member, made);
    return made;
  };

  const isComplete = (beat: number): boolean =>
    // The beat before this one was answered, so its echo is due; the very first has none before it.
    (beat - 1 < firstBeat || echo >= beat - 1) &&
    expected.every(({ member, sequence }) => progressOf(member).contiguous >= sequence);

  const advance = (known: Progress): void => {
    for (const sequence of known.beyond) if (sequence <= known.contiguous) known.beyond.delete(sequence);
    while (known.beyond.delete(known.contiguous + 1)) known.contiguous += 1;
  };

  /** From here on: what was told so far is known to all that is loaded from now on. */
  const begin = (beat: number, members: readonly Sender[], nowMs: number): void => {
    for (const { member, sequence } of members) {
      const known = progressOf(member);
      known.contiguous = Math.max(known.contiguous, sequence);
      advance(known);
    }
    firstBeat = beat;
    unbrokenSinceMs = nowMs;
  };

  return {
    onAnnouncement({ member, sequence }) {
      const known = progressOf(member);
      if (sequence <= known.contiguous) return;
      known.beyond.add(sequence);
      advance(known);
      if (known.beyond.size > MAX_OUT_OF_ORDER) {
        known.beyond.clear();
        breakOff();
      }
    },
    onEcho(beat) {
      echo = Math.max(echo, beat);
    },
    onListening(isListening) {
      breakOff();
      listeningSinceMs = isListening ? timers.nowMs() : Infinity;
    },
    check({ number, sentAtMs }, members, nowMs) {
      if (unbrokenSinceMs !== Infinity && !isComplete(number)) breakOff();
      if (unbrokenSinceMs === Infinity && sentAtMs >= listeningSinceMs) begin(number, members, nowMs);
      const here = new Set(members.map(({ member }) => member));
      for (const { member } of expected) if (!here.has(member)) progress.delete(member);
      expected = members;
    },
    unbrokenSinceMs: () => unbrokenSinceMs,
    breakOff,
    breaks: () => breaks,
  };
}
