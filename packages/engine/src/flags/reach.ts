/** For whom a layer is on at present: the question that layers ask for each player, answered in a few nanoseconds where it is all or none. */
import { type IsOn, type Layer, type LayerSetting, OFF } from "./layers.js";

/** A hundredth of a percent is the smallest share. */
export const BUCKETS = 10_000;

const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

export interface Reach {
  readonly isOn: IsOn;
  setting(): LayerSetting;
  set(setting: LayerSetting): void;
}

export function createReach(layer: Layer): Reach {
  const seed = hashed(FNV_OFFSET, layer);
  let setting = OFF;
  let reachedBuckets = 0;
  let players: ReadonlySet<string> | null = null;
  let except: ReadonlySet<string> | null = null;
  return {
    isOn(playerId) {
      if (except?.has(playerId) === true) return false;
      if (reachedBuckets === BUCKETS || players?.has(playerId) === true) return true;
      return reachedBuckets > 0 && bucketOf(seed, playerId) < reachedBuckets;
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

/** Each layer has an order of its own, so that it isn't always the same players who meet what is new. */
function bucketOf(seed: number, playerId: string): number {
  return mixed(hashed(seed, playerId)) % BUCKETS;
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits. */
function hashed(seed: number, text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}

/** The finish of MurmurHash3 (Austin Appleby): without it ids that count up fall into neighbouring buckets. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
