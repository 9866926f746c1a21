/** Records from this process, from the second tier, from the store: in this order, and each player's load once. */
import type { Stamp, StoredRecord, Timers } from "../../ports.js";
import type { Loads } from "../local/loads.js";
import type { LocalTier } from "../local/local-tier.js";
import { isOlder, NO_STAMP } from "../stamp.js";
import { stampOf } from "./record-codec.js";
import type { StartLoads } from "./record-loads.js";
import type { StrongReads } from "./strong-reads.js";

export interface CachedReadsParts {
  readonly local: LocalTier<StoredRecord>;
  readonly loads: Loads<StoredRecord | null>;
  readonly startLoads: StartLoads;
  readonly strong: StrongReads;
  readonly timers: Timers;
}

export interface CachedReads {
  /** At hand, and as new as asked for; else `undefined`. */
  peek(playerId: string, atLeast: Stamp): StoredRecord | null | undefined;
  read(playerIds: readonly string[], atLeast: Stamp): Promise<(StoredRecord | null)[]>;
  /** Loads whoever isn't here into this process. */
  warm(playerIds: readonly string[]): Promise<void>;
}

export function createCachedReads({
  local,
  loads,
  startLoads,
  strong,
  timers,
}: CachedReadsParts): CachedReads {
  /** Nobody waits for it, and its failure is the next reader's. */
  const refresh = (playerId: string): void => {
    if (loads.join(playerId) !== undefined) return;
    for (const { result } of startLoads([playerId], NO_STAMP, "refresh")) result.catch(() => undefined);
  };

  const peek = (playerId: string, atLeast: Stamp): StoredRecord | null | undefined => {
    const nowMs = timers.nowMs();
    const entry = local.find(playerId, nowMs);
    if (entry === undefined || isOlder(entry.stamp, atLeast)) return undefined;
    if (nowMs >= entry.refreshAtMs) refresh(playerId);
    return entry.value;
  };

  /** What is here or on its way; the others begin a load together. */
  const find = (
    playerIds: ReadonlySet<string>,
    atLeast: Stamp,
  ): Map<string, Promise<StoredRecord | null>> => {
    const found = new Map<string, Promise<StoredRecord | null>>();
    const missing: string[] = [];
    for (const playerId of playerIds) {
      const known = peek(playerId, atLeast);
      if (known !== undefined) {
        found.set(playerId, Promise.resolve(known));
        continue;
      }
      local.counters.misses += 1;
      const load = loads.join(playerId);
      if (load === undefined) missing.push(playerId);
      else {
        local.counters.shared += 1;
        found.set(playerId, load.result);
      }
    }
    const started = missing.length === 0 ? [] : startLoads(missing, atLeast);
    started.forEach(({ result }, index) => found.set(missing[index] ?? "", result));
    return found;
  };

  const read: CachedReads["read"] = async (playerIds, atLeast) => {
    const found = find(new Set(playerIds), atLeast);
    return Promise.all(
      playerIds.map(async (playerId) => {
        const record = (await found.get(playerId)) ?? null;
        // Somebody else's load may have wanted less.
        return isOlder(stampOf(record), atLeast) ? ((await strong.read([playerId]))[0] ?? null) : record;
      }),
    );
  };

  return {
    peek,
    read,
    async warm(playerIds) {
      await read(
        playerIds.filter((playerId) => local.look(playerId) === undefined),
        NO_STAMP,
      );
    },
  };
}
