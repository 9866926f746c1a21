/** Records from this process, from the second tier, from the store: in this order, and each player's load once. */
import type { IsOn, Stamp, StoredRecord, Timers, Traced } from "../../ports.js";
import type { Loads } from "../local/loads.js";
import type { LocalEntry } from "../local/local-entry.js";
import type { LocalTier } from "../local/local-tier.js";
import { isOlder, NO_STAMP } from "../stamp.js";
import { REFRESH_AGAIN_MS } from "../tier-pair.js";
import type { Attendance, Fetched } from "./attendance.js";
import { stampOf } from "./record-codec.js";
import type { StartLoads } from "./record-loads.js";
import type { StrongReads } from "./strong-reads.js";

export interface CachedReadsParts {
  readonly local: LocalTier<StoredRecord>;
  readonly loads: Loads<StoredRecord | null>;
  readonly startLoads: StartLoads;
  readonly strong: StrongReads;
  readonly timers: Timers;
  /** Who may be fetched ahead; `null`: everybody. */
  readonly isOn: IsOn | null;
  readonly attendance: () => Pick<Attendance, "noteHit" | "noteMiss">;
}

export interface CachedReads {
  /** At hand, and as new as asked for; else `undefined`. */
  peek(playerId: string, atLeast: Stamp): StoredRecord | null | undefined;
  read(playerIds: readonly string[], atLeast: Stamp, traced?: Traced): Promise<(StoredRecord | null)[]>;
  /** Reads whoever isn't here into this process, and says who that was. */
  fetch(playerIds: readonly string[]): Promise<readonly Fetched[]>;
}

type Loading = Map<string, Promise<StoredRecord | null>>;

export function createCachedReads(parts: CachedReadsParts): CachedReads {
  const { local, loads, startLoads, strong, timers, isOn, attendance } = parts;
  /** Nobody waits for it, and its failure is the next reader's. */
  const refresh = (playerId: string, entry: LocalEntry<StoredRecord>, nowMs: number): void => {
    entry.refreshAtMs = nowMs + REFRESH_AGAIN_MS;
    if (loads.has(playerId)) return;
    const started = startLoads([playerId], NO_STAMP, { purpose: "refresh" });
    for (const { result } of started) result.catch(() => undefined);
  };

  const peek = (playerId: string, atLeast: Stamp): StoredRecord | null | undefined => {
    const nowMs = timers.nowMs();
    const entry = local.find(playerId, nowMs, atLeast);
    if (entry === undefined) return undefined;
    attendance().noteHit(playerId, entry, nowMs);
    if (nowMs >= entry.refreshAtMs) refresh(playerId, entry, nowMs);
    return entry.value;
  };

  /** On their way already, or on their way from now on: the new ones together. */
  const loadAll = (playerIds: readonly string[], atLeast: Stamp, traced: Traced = {}): Loading => {
    const found: Loading = new Map();
    const missing: string[] = [];
    const readNew = async (playerId: string) => (await strong.read([playerId], traced))[0] ?? null;
    // Somebody else's load may have wanted less.
    const asNew = async (playerId: string, result: Promise<StoredRecord | null>) => {
      const record = await result;
      return isOlder(stampOf(record), atLeast) ? readNew(playerId) : record;
    };
    for (const playerId of playerIds) {
      const load = loads.join(playerId);
      if (load === undefined) missing.push(playerId);
      else {
        local.counters.shared += 1;
        found.set(playerId, asNew(playerId, load.result));
      }
    }
    const started = missing.length === 0 ? [] : startLoads(missing, atLeast, traced);
    started.forEach(({ result }, index) => found.set(missing[index] ?? "", result));
    return found;
  };

  const read: CachedReads["read"] = async (playerIds, atLeast, traced) => {
    const here = new Map<string, StoredRecord | null>();
    const missing: string[] = [];
    for (const playerId of new Set(playerIds)) {
      const known = peek(playerId, atLeast);
      if (known !== undefined) here.set(playerId, known);
      else {
        local.countMiss(playerId, timers.nowMs());
        attendance().noteMiss(playerId);
        missing.push(playerId);
      }
    }
    const loaded = loadAll(missing, atLeast, traced);
    return Promise.all(
      playerIds.map(async (playerId) => here.get(playerId) ?? (await loaded.get(playerId)) ?? null),
    );
  };

  return {
    peek,
    read,
    async fetch(playerIds) {
      const nowMs = timers.nowMs();
      const away = [...new Set(playerIds)].filter(
        (playerId) => (isOn === null || isOn(playerId)) && !local.isAtHand(playerId, nowMs),
      );
      const records = await Promise.all(loadAll(away, NO_STAMP).values());
      return records.flatMap((record) =>
        record === null ? [] : [{ playerId: record.playerId, sizeBytes: record.bytes.length }],
      );
    },
  };
}
