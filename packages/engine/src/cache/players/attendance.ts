/** Who is here, and who will come: the list for the next start, habits, and records read ahead of players. */
import type { Clock, IsOn, MemoryBudget, Telemetry, Timers } from "../../ports.js";
import type { PrefetchStats } from "../cache-stats.js";
import { createHabits } from "../habits/habits.js";
import type { LocalEntry } from "../local/local-entry.js";
import { createPrefetcher } from "../prefetch/prefetcher.js";
import type { Membership } from "../trust/membership.js";
import { createRecentPlayers } from "../warm-up/recent-players.js";
import { warmUp } from "../warm-up/warm-up.js";

/** Of an entry that goes on being read, no more than one read in so long is noted. */
const NOTE_AGAIN_MS = 10_000;

/** The list for the next start is told so often. */
const TELL_RECENT_MS = 10_000;

/** Who is due is looked for so often. */
const LOOK_AHEAD_MS = 60_000;

/** Lives are shortened at random: what is fetched ahead is there for so much of its life for certain. */
const CERTAIN_SHARE = 0.9;

/** On a start the cache is filled to half. */
const WARMED_SHARE = 0.5;

export interface AttendanceParts {
  readonly membership: Membership | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
  /** For whom the cache is on; `null`: for everybody. Only they are noted. */
  readonly isOn: IsOn | null;
  /** Whether records are read ahead of players, and of which. */
  readonly isPredicting: boolean | IsOn;
  readonly mayPrefetch: () => boolean;
  readonly ttlMs: number;
  readonly budget: Pick<MemoryBudget, "maxEntries" | "maxBytes">;
  /** Reads records into the cache. Resolves to those that were read. */
  readonly fetch: (playerIds: readonly string[]) => Promise<readonly Fetched[]>;
}

export interface Fetched {
  readonly playerId: string;
  readonly sizeBytes: number;
}

export interface Attendance {
  /** A record was asked for, and was at hand. Cheap. */
  noteHit(playerId: string, entry: LocalEntry<unknown>, nowMs: number): void;
  /** A record was asked for, and was not. */
  noteMiss(playerId: string): void;
  /** Fills the cache with those who were active last, and begins to look ahead. Returns when it has begun. */
  start(): void;
  stop(): void;
  stats(): PrefetchStats;
}

export function createAttendance(parts: AttendanceParts): Attendance {
  const { membership, clock, timers, isOn, isPredicting, mayPrefetch, ttlMs, fetch } = parts;
  // One that is asked each time may say yes later.
  const mayPredict = isPredicting !== false;
  const isForeseen = (playerId: string): boolean =>
    typeof isPredicting === "boolean" ? isPredicting : isPredicting(playerId);
  const habits = createHabits();
  const recent = membership === null ? null : createRecentPlayers(membership.remote);
  const prefetcher = createPrefetcher({
    habits,
    heldForMs: ttlMs * CERTAIN_SHARE,
    // While the second tier is away the store has more to do than usual.
    isWanted: (playerId) => isForeseen(playerId) && (isOn === null || isOn(playerId)),
    isAllowed: () => mayPredict && mayPrefetch() && membership?.access.state() !== "open",
    fetch: async (playerIds) => (await fetch(playerIds)).map(({ playerId }) => playerId),
  });
  const cancels = new Set<() => void>();
  const repeat = (everyMs: number, work: () => void): void => {
    const cancel = timers.after(everyMs, () => {
      cancels.delete(cancel);
      work();
      repeat(everyMs, work);
    });
    cancels.add(cancel);
  };
  const note = (playerId: string, isHit: boolean): void => {
    const atMs = clock.nowMs();
    recent?.noteActive(playerId, atMs);
    if (!isForeseen(playerId)) return;
    habits.note(playerId, atMs);
    prefetcher.noteRead(playerId, isHit);
  };
  return {
    noteHit(playerId, entry, nowMs) {
      if (nowMs - entry.notedAtMs < NOTE_AGAIN_MS) return;
      entry.notedAtMs = nowMs;
      note(playerId, true);
    },
    noteMiss: (playerId) => note(playerId, false),
    start() {
      if (recent !== null) {
        repeat(TELL_RECENT_MS, () => void recent.flush());
        void warm(parts, membership);
      }
      if (mayPredict) repeat(LOOK_AHEAD_MS, () => void prefetcher.tick(clock.nowMs()));
    },
    stop() {
      for (const cancel of cancels) cancel();
      cancels.clear();
      void recent?.flush();
    },
    stats: () => ({ ...prefetcher.stats(), isOn: mayPredict && prefetcher.stats().isOn }),
  };
}

async function warm(
  { timers, telemetry, fetch, budget }: AttendanceParts,
  membership: Membership | null,
): Promise<void> {
  if (membership === null) return;
  const { failure, ...report } = await warmUp({
    remote: membership.remote,
    timers,
    maxPlayers: Math.max(1, Math.floor(budget.maxEntries * WARMED_SHARE)),
    maxBytes: budget.maxBytes * WARMED_SHARE,
    async fetch(playerIds) {
      const fetched = await fetch(playerIds);
      return { found: fetched.length, sizeBytes: fetched.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
    },
  });
  if (report.asked === 0 && failure === null) return;
  const error = failure instanceof Error ? { error: failure.message } : {};
  telemetry.note("info", "The cache was filled with the players who were active last.", {
    ...report,
    ...error,
  });
}
