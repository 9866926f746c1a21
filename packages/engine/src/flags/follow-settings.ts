/** Follows the stored switches: looks for changes by other instances, and keeps to the last ones that could be read. */
import { isMainspringError } from "@mainspring/core";
import type { Telemetry, Timers } from "../ports.js";
import type { SettingsStore } from "./settings-store.js";
import { FLAGS_DOCUMENT, NO_FLAGS, parseFlags, type StoredFlags } from "./stored-flags.js";

/** The switches, and the version of their document. */
export interface Followed {
  readonly version: number;
  readonly flags: StoredFlags;
}

export const NOTHING_STORED: Followed = { version: 0, flags: NO_FLAGS };

export interface Follower {
  /** Looks now. @throws MainspringError `STORE_UNAVAILABLE`, `UPGRADE_REQUIRED` */
  look(): Promise<Followed>;
  stop(): void;
}

export interface FollowerParts {
  readonly store: Pick<SettingsStore, "readSettings">;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
  /** `null`: nobody else writes. */
  readonly lookEveryMs: number | null;
  /** What is known already. */
  readonly known: () => Followed;
  /** Told of what was found, and of what was known when it began to look. It may throw what makes it unreadable. */
  readonly onFound: (found: Followed, known: Followed) => void;
}

export function followSettings(parts: FollowerParts): Follower {
  const { store, timers, telemetry, lookEveryMs, known, onFound } = parts;
  let isStopped = false;
  let hasFailed = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<Followed> => {
    const before = known();
    const stored = await store.readSettings(FLAGS_DOCUMENT);
    const found =
      stored === null ? NOTHING_STORED : { version: stored.version, flags: parseFlags(stored.document) };
    onFound(found, before);
    return found;
  };
  const lookQuietly = async (): Promise<void> => {
    try {
      await look();
      if (hasFailed) telemetry.note("info", "The switches can be read again.", {});
      hasFailed = false;
    } catch (error) {
      // One line for an outage, not one for each look.
      if (!hasFailed && !isStopped)
        telemetry.note("warn", "The switches can't be read; they stay as they are.", factsOf(error));
      hasFailed = true;
    }
  };
  const lookLater = (everyMs: number): void => {
    cancel = timers.after(everyMs, () => {
      void lookQuietly().finally(() => {
        if (!isStopped) lookLater(everyMs);
      });
    });
  };
  if (lookEveryMs !== null) lookLater(lookEveryMs);
  return {
    look,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

export function factsOf(error: unknown): Readonly<Record<string, string>> {
  const code = isMainspringError(error) ? error.code : "INTERNAL";
  return { code, error: error instanceof Error ? error.message : "unknown" };
}
