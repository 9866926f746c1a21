/** Announcements on their way, by number, until the second tier has confirmed them. */

export interface Entry {
  /** When what it tells happened. */
  readonly atMs: number;
  /** What to send instead when it has to be sent again: a repeat says less, and is never wrong. */
  readonly resend: (sequence: number) => Promise<unknown>;
  /** `null`: not under way. */
  sentAtMs: number | null;
}

export interface Unconfirmed {
  /** Under the next number. */
  enter(entry: Pick<Entry, "atMs" | "resend">): { readonly sequence: number; readonly entry: Entry };
  /** Sends it; confirmed when that resolves. */
  send<T>(
    numbered: { readonly sequence: number; readonly entry: Entry },
    call: (sequence: number) => Promise<T>,
  ): Promise<T>;
  /** Those that nothing was heard of for so long. */
  silentFor(silentMs: number): { readonly sequence: number; readonly entry: Entry }[];
  /** The instant of the oldest; infinite: all is confirmed. */
  oldestAtMs(): number;
  /** All up to this one are confirmed. */
  confirmed(): number;
  clear(): void;
  readonly total: number;
  readonly size: number;
}

export function createUnconfirmed(timers: { nowMs(): number }): Unconfirmed {
  const entries = new Map<number, Entry>();
  let last = 0;
  return {
    enter(given) {
      last += 1;
      const entry: Entry = { ...given, sentAtMs: null };
      entries.set(last, entry);
      return { sequence: last, entry };
    },
    async send({ sequence, entry }, call) {
      entry.sentAtMs = timers.nowMs();
      try {
        const answer = await call(sequence);
        entries.delete(sequence);
        return answer;
      } catch (error) {
        entry.sentAtMs = null;
        throw error;
      }
    },
    silentFor: (silentMs) =>
      [...entries]
        .filter(([, { sentAtMs }]) => sentAtMs === null || timers.nowMs() - sentAtMs >= silentMs)
        .map(([sequence, entry]) => ({ sequence, entry })),
    oldestAtMs() {
      let oldestMs = Infinity;
      for (const { atMs } of entries.values()) oldestMs = Math.min(oldestMs, atMs);
      return oldestMs;
    },
    confirmed() {
      let first = last + 1;
      for (const sequence of entries.keys()) first = Math.min(first, sequence);
      return first - 1;
    },
    clear: () => entries.clear(),
    get total() {
      return last;
    },
    get size() {
      return entries.size;
    },
  };
}
