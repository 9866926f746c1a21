/**
 * Players who are not there: never made, or lost? A snapshot tells, and asking for it costs a query. Where a cache says that there is
 * nobody, whoever keeps asking for nobody must not make the store pay each time.
 */
import type { Clock } from "../ports.js";

/** The answer is remembered for so long: as long as a cache remembers that there is nobody. 5 s. */
const REMEMBERED_MS = 5_000;

/** So many answers are remembered. */
const MAX_REMEMBERED = 1_000;

export interface Strangers {
  /** Whether a player without a record never had one. */
  isOne(
    playerId: string,
    how: {
      /** The player is about to be made: then it is never told from memory. */
      readonly isMade: boolean;
      /** The store itself says that there is no record. */
      readonly isCertain: boolean;
    },
  ): Promise<boolean>;
}

export interface StrangersParts {
  readonly clock: Clock;
  readonly wasThere: (playerId: string) => Promise<boolean>;
}

export function createStrangers({ clock, wasThere }: StrangersParts): Strangers {
  // In the order in which they were asked for.
  const askedAtMs = new Map<string, number>();
  const isRemembered = (playerId: string): boolean => {
    const ageMs = clock.nowMs() - (askedAtMs.get(playerId) ?? -Infinity);
    return ageMs >= 0 && ageMs < REMEMBERED_MS;
  };
  const remember = (playerId: string): void => {
    askedAtMs.delete(playerId);
    askedAtMs.set(playerId, clock.nowMs());
    if (askedAtMs.size <= MAX_REMEMBERED) return;
    for (const oldest of askedAtMs.keys()) {
      askedAtMs.delete(oldest);
      break;
    }
  };
  return {
    async isOne(playerId, { isMade, isCertain }) {
      if (!isMade && !isCertain && isRemembered(playerId)) return true;
      if (await wasThere(playerId)) return false;
      if (!isMade && !isCertain) remember(playerId);
      return true;
    },
  };
}
