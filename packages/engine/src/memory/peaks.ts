/** The most that was taken in each stretch of the last two days: load comes and goes by day, and with it memory. */

/** So many stretches of so long. */
const MAX_PEAKS = 576;
const STRETCH_MS = 300_000;

export interface Peaks {
  add(atMs: number, bytes: number): void;
  /** The most of those that were reached before that instant; infinitely little where there was none. */
  before(atMs: number): number;
}

interface Peak {
  readonly untilMs: number;
  atMs: number;
  bytes: number;
}

export function createPeaks(): Peaks {
  let peaks: Peak[] = [];
  return {
    add(atMs, bytes) {
      const last = peaks.at(-1);
      if (last === undefined || atMs >= last.untilMs) {
        peaks = [...peaks, { untilMs: atMs + STRETCH_MS, atMs, bytes }].slice(-MAX_PEAKS);
      } else if (bytes >= last.bytes) {
        last.atMs = atMs;
        last.bytes = bytes;
      }
    },
    before: (instantMs) =>
      peaks.reduce((most, { atMs, bytes }) => (atMs < instantMs ? Math.max(most, bytes) : most), -Infinity),
  };
}
