/**
 * What may be trusted, and since when. This instance beats as long as all that it changed is told; the server says since when everybody
 * has; and the channel has no holes. Then what is cached here is current, or news of its change is on the way. Whatever goes wrong,
 * one of the three ends within two seconds.
 */
import type { Telemetry, Timers } from "../../ports.js";
import type { CacheTrustStats } from "../cache-stats.js";
import type { Announcement, Remote } from "../remote.js";
import { createBeating } from "./beating.js";
import { createHeard } from "./heard.js";
import { createLastBeat } from "./last-beat.js";
import { createOutbox, type Outbox } from "./outbox.js";
import { createRemoteAccess, type RemoteAccess } from "./remote-access.js";

/** Trust ends so long after the last beat that was answered was sent. */
export const TRUST_MS = 400;

export interface MembershipParts {
  readonly remote: Remote;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
  readonly timeoutMs: number;
  readonly breakerIntervalMs: number;
  /** Told of what others (and this instance) have announced. */
  readonly onAnnouncement: (announcement: Announcement) => void;
}

export interface Membership {
  readonly remote: Remote;
  readonly access: RemoteAccess;
  readonly outbox: Outbox;
  /** A request waits at most so long. */
  readonly timeoutMs: number;
  /** An entry whose news has been listened for since this instant is current; infinite while there is no trust. */
  trustedSinceMs(nowMs: number): number;
  /** The same by the server's clock, for what it stores; `null`: not now. */
  remoteTrustedSinceMs(nowMs: number): number | null;
  /** Something that was known was forgotten. */
  distrust(): void;
  /** Beats at once, and again and again. Resolves after the first. */
  start(): Promise<void>;
  stats(): CacheTrustStats;
  /** Tells what is left to tell, and that this instance is done: unless something may still come of what it did. */
  stop(isSettled: boolean): Promise<void>;
}

export function createMembership(parts: MembershipParts): Membership {
  const { remote, timers, telemetry, timeoutMs, breakerIntervalMs, onAnnouncement } = parts;
  const heard = createHeard(timers);
  const lastBeat = createLastBeat(TRUST_MS);
  const access = createRemoteAccess({
    timers,
    timeoutMs,
    breakerIntervalMs,
    onGivenUp: () => telemetry.note("warn", "Redis does not answer; the cache goes on without it.", {}),
  });
  const outbox = createOutbox({ remote, access, timers });
  const beating = createBeating({ ...parts, access, outbox, heard, lastBeat });
  remote.listen(outbox.member, {
    onAnnouncement(announcement) {
      onAnnouncement(announcement);
      heard.onAnnouncement(announcement.sender);
    },
    onEcho: (beat) => heard.onEcho(beat),
    onListening: (isListening) => heard.onListening(isListening),
  });
  return {
    remote,
    access,
    outbox,
    timeoutMs,
    trustedSinceMs: (nowMs) =>
      lastBeat.isFresh(nowMs) ? Math.max(lastBeat.sinceMs(), heard.unbrokenSinceMs()) : Infinity,
    remoteTrustedSinceMs: (nowMs) => (lastBeat.isFresh(nowMs) ? lastBeat.remoteSinceMs() : null),
    distrust: () => heard.breakOff(),
    start: async () => beating.start(),
    stats: () => ({
      breaker: access.state(),
      breakerOpenings: access.openings(),
      isTrusted:
        lastBeat.isFresh(timers.nowMs()) && lastBeat.isWhole() && heard.unbrokenSinceMs() !== Infinity,
      isGroupComplete: lastBeat.isComplete(),
      members: lastBeat.members(),
      breaks: heard.breaks(),
      unconfirmed: outbox.unconfirmed(),
      announcements: outbox.announcements(),
    }),
    stop: async (isSettled) => beating.stop(isSettled),
  };
}
