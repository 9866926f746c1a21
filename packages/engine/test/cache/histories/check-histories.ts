/** Many histories of one cache, up to the first in which it broke a law; and that one told so that a reader can follow it. */
import { describeDisturbance } from "./disturbances.js";
import type { CacheUnderTest } from "./instance.js";
import { type PlayedHistory, playHistory } from "./play.js";
import { drawSettings, type Focus } from "./settings.js";

export interface CheckedHistories {
  /** Up to and with the one that broke a law. */
  readonly playedCount: number;
  /** `null`: all laws were kept. */
  readonly convicted: PlayedHistory | null;
  readonly reads: number;
  readonly hits: number;
  readonly healthyReads: number;
  /** How often an instance was switched. */
  readonly switched: number;
}

export interface CheckOptions {
  readonly underTest: CacheUnderTest;
  /** Of the histories, in this order. */
  readonly seeds: Iterable<number>;
  /** What all of the histories have in common. Default: nothing, each is drawn as a whole */
  readonly focus?: Focus;
}

export async function checkHistories({ underTest, seeds, focus }: CheckOptions): Promise<CheckedHistories> {
  const sums = { reads: 0, hits: 0, healthyReads: 0, switched: 0 };
  let playedCount = 0;
  for (const seed of seeds) {
    const played = await playHistory({ seed, underTest, ...(focus && { focus }) });
    playedCount += 1;
    sums.reads += played.counts.reads + played.counts.gets;
    sums.hits += played.counts.hits;
    sums.healthyReads += played.counts.healthyReads;
    sums.switched += played.switched;
    if (played.violation !== null) return { playedCount, convicted: played, ...sums };
  }
  return { playedCount, convicted: null, ...sums };
}

/** So many seeds, from this one on. */
export function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

const MAX_TOLD_LINES = 60;

/** The law that was broken, and what led to it: with as few disturbances as will still do. */
export async function tell(underTest: CacheUnderTest, seed: number, focus?: Focus): Promise<string> {
  const only = focus && { focus };
  const drawn = drawSettings(seed, { ...only }).disturbances.length;
  const without = new Set<number>();
  let shortest = await playHistory({ seed, underTest, ...only });
  for (let index = 0; index < drawn; index += 1) {
    without.add(index);
    const shorter = await playHistory({ seed, underTest, without, ...only });
    if (shorter.violation?.law === shortest.violation?.law) shortest = shorter;
    else without.delete(index);
  }
  const { violation, settings } = shortest;
  if (violation === null) return `Seed ${seed} breaks no law.`;
  const { instanceCount, sessionCount, ttlSeconds, maxEntries, switchEveryMs, disturbances } = settings;
  return [
    `Law ${violation.law} (${underTest.name}, MAINSPRING_SEED=${seed}, at ${violation.atMs.toFixed(3)} ms)`,
    violation.why,
    `${instanceCount} instances, ${sessionCount} sessions, values live ${ttlSeconds} s, ${maxEntries} entries`,
    switchEveryMs === null ? "never switched" : `switched every ${switchEveryMs} ms`,
    ...disturbances.map(
      (disturbance) => `${disturbance.atMs.toFixed(0)} ms: ${describeDisturbance(disturbance)}`,
    ),
    shortest.about(violation.subject, MAX_TOLD_LINES),
  ].join("\n");
}
