/** A player's way through one request: loaded (or made), settled to now, perhaps marked as seen. */
import {
  createPlayer,
  createSeed,
  catalogOf,
  isMainspringError,
  isSightDue,
  MainspringError,
  markSeen,
  type PlayerEvent,
  type PlayerState,
  SEED_BYTES,
  type Timeline,
} from "@mainspring/core";
import type { PlayerView, ReadOptions } from "../engine.js";
import type { Clock, StoreReadOptions } from "../ports.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import type { DecodedPlayers } from "./decoded-players.js";
import type { LoadedPlayer, PlayerRepository } from "./player-repository.js";
import { settleInSlices } from "./settle-in-slices.js";

export interface Journey {
  readonly loaded: LoadedPlayer;
  readonly timeline: Timeline;
  /** Settled to `nowMs`. */
  readonly state: PlayerState;
  /** Events since the player was loaded. Grows on the way. */
  readonly events: PlayerEvent[];
  /** Player time. */
  readonly nowMs: number;
  /** The instant (player time) to which the player was settled: now, unless the settlement was to keep a distance. */
  readonly arrivedAtMs: number;
  /** The player was marked as seen on the way. */
  readonly isSeen: boolean;
}

/** A player found, or just made, before any time has passed. */
export interface Start {
  readonly loaded: LoadedPlayer;
  readonly timeline: Timeline;
  /** Player time. */
  readonly nowMs: number;
}

export interface JourneyParts {
  readonly repository: PlayerRepository;
  readonly catalogs: CatalogRegistry;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly decoded: DecodedPlayers;
}

/** How journeys begin: with a player loaded, or made. */
export function createStart({ repository, catalogs, clock, randomBytes, decoded }: JourneyParts) {
  const load = async (
    playerId: string,
    timeline: Timeline,
    options: StoreReadOptions,
  ): Promise<{ loaded: LoadedPlayer | null; timeline: Timeline }> => {
    try {
      return { loaded: await repository.load(playerId, timeline, options), timeline };
    } catch (error) {
      // The record may name a catalog that another instance has activated since the last look.
      if (!isMainspringError(error) || error.code !== "UPGRADE_REQUIRED") throw error;
      await catalogs.refresh();
      const newer = await catalogs.timelineFor(clock.nowMs());
      return { loaded: await repository.load(playerId, newer, options), timeline: newer };
    }
  };

  const create = (playerId: string, timeline: Timeline, serverNowMs: number): LoadedPlayer => {
    const state = createPlayer(timeline, { nowMs: serverNowMs, seed: createSeed(randomBytes(SEED_BYTES)) });
    return {
      playerId,
      incarnation: serverNowMs,
      version: 0,
      record: { state, ownDigests: [], adjustDigests: [] },
    };
  };

  return async (
    playerId: string,
    { asPlayer = false, consistency = "strong" }: ReadOptions,
  ): Promise<Start> => {
    const serverNowMs = clock.nowMs();
    let found = await load(playerId, await catalogs.timelineFor(serverNowMs), { consistency });
    if (found.loaded === null && (await repository.wasThere(playerId))) {
      // Another request may have made the player between the two looks.
      found = await load(playerId, found.timeline, { consistency: "strong" });
      if (found.loaded === null) throw lost();
    }
    if (found.loaded === null && !asPlayer) {
      throw new MainspringError(
        "PLAYER_NOT_FOUND",
        "There is no such player. A player is made by the first request with the player's own token.",
      );
    }
    const loaded = found.loaded ?? create(playerId, found.timeline, serverNowMs);
    // Only the server's clock counts, and never backwards: neither behind what is saved nor behind what was shown.
    const { clockOffsetMs, settledAtMs } = loaded.record.state;
    const shownMs = decoded.ahead(loaded)?.settledAtMs ?? settledAtMs;
    const nowMs = Math.max(serverNowMs + clockOffsetMs, settledAtMs, shownMs);
    return { loaded, timeline: found.timeline, nowMs };
  };
}

function lost(): MainspringError {
  return new MainspringError(
    "RECORD_CORRUPT",
    "The player's record is gone, though a snapshot of it is kept. Restore it before the player goes on.",
  );
}

/** Settles the player to `lagMs` before now. */
export async function travel({ loaded, timeline, nowMs }: Start, lagMs = 0): Promise<Journey> {
  const before = loaded.record.state;
  const arrivedAtMs = Math.max(nowMs - lagMs, before.settledAtMs);
  const events: PlayerEvent[] = [];
  const state = await settleInSlices(before, timeline, arrivedAtMs, (event) => events.push(event));
  return { loaded, timeline, state, events, nowMs, arrivedAtMs, isSeen: false };
}

/** Marks the player as seen, if it is the player's own request. */
export function see(journey: Journey, { asPlayer = false }: ReadOptions): Journey {
  if (!asPlayer) return journey;
  const { state, timeline, nowMs, events } = journey;
  const seen = markSeen(state, timeline, nowMs, (event) => events.push(event));
  return { ...journey, state: seen, isSeen: true };
}

/** Is there anything that must be saved before the player can be shown? */
export function needsCommit({ loaded, state, nowMs }: Journey, { asPlayer = false }: ReadOptions): boolean {
  return loaded.version === 0 || state !== loaded.record.state || (asPlayer && isSightDue(state, nowMs));
}

/** What is shown of a player. */
export function viewOf(
  { timeline, nowMs }: Pick<Journey, "timeline" | "nowMs">,
  saved: LoadedPlayer,
  decoded: DecodedPlayers,
): PlayerView {
  const { playerId, incarnation, version, record } = saved;
  const shown = decoded.show(record.state, timeline);
  return {
    playerId,
    incarnation,
    version,
    state: shown.visible,
    catalog: catalogOf(timeline, record.state.catalog),
    get forecast() {
      return shown.forecast();
    },
    nowMs,
  };
}
