/** For whom a layer is on at present: the question that layers ask for each player, answered in a few nanoseconds where it is all or none. */
import { type IsOn, type Layer, type LayerSetting, OFF } from "./layers.js";
import { createPlayerHash } from "./player-hash.js";

/** A hundredth of a percent is the smallest share. */
export const BUCKETS = 10_000;

export interface Reach {
  readonly isOn: IsOn;
  setting(): LayerSetting;
  set(setting: LayerSetting): void;
}

export function createReach(layer: Layer): Reach {
  // Each layer has an order of its own, so that it isn't always the same players who meet what is new.
  const hashOf = createPlayerHash(layer);
  let setting = OFF;
  let reachedBuckets = 0;
  let players: ReadonlySet<string> | null = null;
  let except: ReadonlySet<string> | null = null;
  return {
    isOn(playerId) {
      if (except?.has(playerId) === true) return false;
      if (reachedBuckets === BUCKETS || players?.has(playerId) === true) return true;
      return reachedBuckets > 0 && hashOf(playerId) % BUCKETS < reachedBuckets;
    },
    setting: () => setting,
    set(next) {
      setting = next;
      reachedBuckets = Math.round((next.percent / 100) * BUCKETS);
      players = setOf(next.players);
      except = setOf(next.except);
    },
  };
}

/** Whether it is on for some and off for others. */
export function isPartial({ percent, players, except }: LayerSetting): boolean {
  const servesAll = percent === 100 && except.length === 0;
  return !servesAll && (percent > 0 || players.length > 0);
}

/** Whether it is on for anybody. */
export function servesAnybody({ percent, players }: LayerSetting): boolean {
  return percent > 0 || players.length > 0;
}

function setOf(ids: readonly string[]): ReadonlySet<string> | null {
  return ids.length === 0 ? null : new Set(ids);
}
