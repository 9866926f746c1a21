/**
 * Which way a player's writes go: through the batcher, or straight to the store. Whoever is switched while writes are under way keeps to
 * their way until the last of them has ended, so that none overtakes another.
 */
import type { IsOn } from "../ports.js";

export interface OwnWays {
  /** Whether the player's writes go through the batcher. Called once for each write, and `leave` when it has ended. */
  enter(playerId: string): boolean;
  leave(playerId: string): void;
}

interface Way {
  readonly isOn: boolean;
  writes: number;
}

export function createOwnWays(isOn: IsOn): OwnWays {
  /** Of players with writes under way alone. */
  const ways = new Map<string, Way>();
  return {
    enter(playerId) {
      const way = ways.get(playerId) ?? { isOn: isOn(playerId), writes: 0 };
      way.writes += 1;
      ways.set(playerId, way);
      return way.isOn;
    },
    leave(playerId) {
      const way = ways.get(playerId);
      if (way === undefined) return;
      way.writes -= 1;
      if (way.writes === 0) ways.delete(playerId);
    },
  };
}
