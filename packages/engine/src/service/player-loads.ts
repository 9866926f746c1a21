/** Loading players: from the cache where there is one and it is new enough, else from the store; decoding; quarantine. */
import { isMainspringError, type Timeline } from "@mainspring/core";
import { isOlder } from "../cache/stamp.js";
import type {
  Clock,
  Consistency,
  Stamp,
  Store,
  StoredRecord,
  StoreReadOptions,
  Telemetry,
  Trace,
} from "../ports.js";
import { decodeRecord } from "../record/decode-record.js";
import type { PlayerRecord } from "../record/player-record.js";
import type { Decoded, DecodedPlayers } from "./decoded-players.js";

/** A player as loaded: the record, and what a commit has to expect. */
export interface LoadedPlayer {
  readonly playerId: string;
  readonly incarnation: number;
  /** 0: not stored yet. */
  readonly version: number;
  readonly record: PlayerRecord;
}

/** A player as found, or `null`. */
export interface Found {
  readonly player: LoadedPlayer | null;
  /** The store itself said so: no commit that was acknowledged before is missing. */
  readonly isCertain: boolean;
}

export interface PlayerLoads {
  /** Whether a read of this consistency would now be answered by the store itself. */
  isCertain(playerId: string, consistency: Consistency): boolean;
  /**
   * The player. Whatever the consistency, never an older version than `atLeast` where the store has one, nor than this process has
   * seen lately.
   * @throws MainspringError `RECORD_CORRUPT` (and puts the record in quarantine), `UPGRADE_REQUIRED`, `PLAYER_ERASED`.
   */
  load(playerId: string, timeline: Timeline, options: StoreReadOptions): Promise<Found>;
  /** What `load` would find, where it is in the cache of this process and was decoded before; `null`: ask `load`. */
  peek(playerId: string, atLeast: Stamp | undefined): Decoded | null;
  /** Whether a player who has no record had one: a snapshot of it is kept. */
  wasThere(playerId: string): Promise<boolean>;
  quarantinedCount(): number;
}

export interface LoadParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly decoded: DecodedPlayers;
}

export function createPlayerLoads(parts: LoadParts): PlayerLoads {
  const { store, decoded } = parts;
  const hasCache = store.peek !== undefined;
  let quarantined = 0;

  const isCertain = (playerId: string, consistency: Consistency): boolean =>
    consistency === "strong" ||
    (consistency === "cached" && !(hasCache && (store.isCached?.(playerId) ?? true)));

  const readStrong = async (playerId: string, trace: Trace | undefined): Promise<StoredRecord | null> =>
    (await store.read([playerId], { consistency: "strong", ...(trace !== undefined && { trace }) }))[0] ??
    null;

  const readOne = async (playerId: string, options: StoreReadOptions): Promise<StoredRecord | null> => {
    const atHand = store.peek?.(playerId, options.atLeast);
    return atHand === undefined ? ((await store.read([playerId], options))[0] ?? null) : atHand;
  };

  /** A player made a moment ago is no stranger, and what was shown stays shown. */
  const isTooOld = (playerId: string, found: StoredRecord | null, atLeast: Stamp | undefined): boolean =>
    decoded.isNewer(playerId, found) ||
    (atLeast !== undefined && (found === null || isOlder(found, atLeast)));

  const decode = (stored: StoredRecord, timeline: Timeline): LoadedPlayer => {
    const { playerId, incarnation, version } = stored;
    const known = decoded.get(stored);
    if (known !== null) return { playerId, incarnation, version, record: known.record };
    const record = decodeRecord(stored.bytes, timeline.catalogs);
    decoded.set(stored, record);
    return { playerId, incarnation, version, record };
  };

  const loadStrong = async (
    playerId: string,
    timeline: Timeline,
    { trace, requestId }: StoreReadOptions,
  ): Promise<Found> => {
    const stored = await readStrong(playerId, trace);
    if (stored === null) return { player: null, isCertain: true };
    try {
      return { player: decode(stored, timeline), isCertain: true };
    } catch (error) {
      if (isMainspringError(error) && error.code === "RECORD_CORRUPT") {
        quarantined += 1;
        await putAside(parts, stored, { reason: error.message, requestId });
      }
      throw error;
    }
  };

  return {
    isCertain,
    async load(playerId, timeline, options) {
      // As strong: the cache may be switched on for the player before it is asked.
      if (isCertain(playerId, options.consistency ?? "strong"))
        return loadStrong(playerId, timeline, options);
      const stored = await readOne(playerId, options);
      if (isTooOld(playerId, stored, options.atLeast)) return loadStrong(playerId, timeline, options);
      if (stored === null) return { player: null, isCertain: false };
      try {
        return { player: decode(stored, timeline), isCertain: false };
      } catch {
        // Whatever is wrong with a copy, the record itself has the last word.
        return loadStrong(playerId, timeline, options);
      }
    },
    peek(playerId, atLeast) {
      const stored = store.peek?.(playerId, atLeast);
      if (stored === undefined || stored === null) return null;
      if (atLeast !== undefined && isOlder(stored, atLeast)) return null;
      return decoded.get(stored);
    },
    wasThere: async (playerId) => (await store.readSnapshots({ playerId, limit: 1 })).length > 0,
    quarantinedCount: () => quarantined,
  };
}

async function putAside(
  { store, clock, telemetry }: LoadParts,
  stored: StoredRecord,
  { reason, requestId }: { readonly reason: string; readonly requestId: string | undefined },
): Promise<void> {
  const { playerId, incarnation, version } = stored;
  telemetry.note("error", "A damaged record was put in quarantine.", {
    playerId,
    incarnation,
    version,
    reason,
    ...(requestId !== undefined && { requestId }),
  });
  await store.quarantine(stored, reason, clock.nowMs());
}
