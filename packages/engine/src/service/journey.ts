/** A player's way through one request: loaded (or made), settled to now, perhaps marked as seen. */
import {
  type Catalog,
  createPlayer,
  createSeed,
  catalogOf,
  type Forecast,
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
import { isOlder } from "../cache/stamp.js";
import type { Clock, Stamp, StoreReadOptions, Traced } from "../ports.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import type { DecodedPlayers, Shown } from "./decoded-players.js";
import type { Found, LoadedPlayer } from "./player-loads.js";
import type { PlayerRepository } from "./player-repository.js";
import { settleInSlices } from "./settle-in-slices.js";
import { createStrangers } from "./strangers.js";

export interface Journey extends Traced {
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
  readonly isCertain: boolean;
}

/** A player found, or just made, before any time has passed. */
export interface Start extends Traced {
  readonly loaded: LoadedPlayer;
  readonly timeline: Timeline;
  /** Player time. */
  readonly nowMs: number;
  /** The store itself said so: no commit that was acknowledged before is missing. */
  readonly isCertain: boolean;
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
  const strangers = createStrangers({ clock, wasThere: async (playerId) => repository.wasThere(playerId) });
  const load = async (
    playerId: string,
    timeline: Timeline,
    options: StoreReadOptions,
  ): Promise<Found & { readonly timeline: Timeline }> => {
    try {
      return { ...(await repository.load(playerId, timeline, options)), timeline };
    } catch (error) {
      // The record may name a catalog that another instance has activated since the last look.
      if (!isMainspringError(error) || error.code !== "UPGRADE_REQUIRED") throw error;
      await catalogs.refresh();
      const newer = await catalogs.timelineFor(clock.nowMs());
      return { ...(await repository.load(playerId, newer, options)), timeline: newer };
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
    { asPlayer = false, consistency = "cached", atLeast, trace, requestId }: ReadOptions,
  ): Promise<Start> => {
    const serverNowMs = clock.nowMs();
    const traced = {
      ...(trace === undefined ? {} : { trace }),
      ...(requestId === undefined ? {} : { requestId }),
    };
    const options = { consistency, ...(atLeast === undefined ? {} : { atLeast }), ...traced };
    let found = await load(playerId, await catalogs.timelineFor(serverNowMs), options);
    if (found.player === null && !(await strangers.isOne(playerId, { isMade: asPlayer, ...found }))) {
      // Another request may have made the player between the two looks.
      found = await load(playerId, found.timeline, { consistency: "strong", ...traced });
      if (found.player === null) throw lost();
    }
    if (found.player === null && !asPlayer) {
      throw new MainspringError(
        "PLAYER_NOT_FOUND",
        "There is no such player. A player is made by the first request with the player's own token.",
      );
    }
    const loaded = found.player ?? create(playerId, found.timeline, serverNowMs);
    if (atLeast !== undefined) checkNotOlder(loaded, atLeast);
    const { timeline, isCertain } = found;
    const nowMs = playerNowMs(loaded, decoded.shownMs(loaded), serverNowMs);
    return { loaded, timeline, nowMs, isCertain, ...traced };
  };
}

/** Only the server's clock counts, and never backwards: neither behind what is saved nor behind what was shown. */
export function playerNowMs({ record }: LoadedPlayer, shownMs: number, serverNowMs: number): number {
  const { clockOffsetMs, settledAtMs } = record.state;
  return Math.max(serverNowMs + clockOffsetMs, settledAtMs, shownMs);
}

/**
 * The store itself has nothing newer, or has just been asked in vain: what the session was shown is gone for good, so no repeat helps.
 * @throws MainspringError `VERSION_CONFLICT`
 */
function checkNotOlder({ incarnation, version }: LoadedPlayer, atLeast: Stamp): void {
  // One that is just being made is saved before it is shown.
  if (!isOlder({ incarnation, version: Math.max(version, 1) }, atLeast)) return;
  throw new MainspringError(
    "VERSION_CONFLICT",
    `The newest record of the player is ${incarnation}.${version}, older than the demanded ${atLeast.incarnation}.${atLeast.version}; read again without demanding it.`,
  );
}

function lost(): MainspringError {
  return new MainspringError(
    "RECORD_CORRUPT",
    "The player's record is gone, though a snapshot of it is kept. Restore it before the player goes on.",
  );
}

/** Settles the player to `lagMs` before now. */
export async function travel(start: Start, lagMs = 0): Promise<Journey> {
  const { loaded, timeline, nowMs } = start;
  const before = loaded.record.state;
  const arrivedAtMs = Math.max(nowMs - lagMs, before.settledAtMs);
  const events: PlayerEvent[] = [];
  const state = await settleInSlices(before, timeline, arrivedAtMs, (event) => events.push(event));
  return { ...start, state, events, arrivedAtMs, isSeen: false };
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
  which: Pick<LoadedPlayer, "playerId" | "incarnation" | "version">,
  { state, decoded }: { readonly state: PlayerState; readonly decoded: DecodedPlayers },
): PlayerView {
  const shown = decoded.show(state, timeline);
  return viewOfShown(which, { shown, catalog: catalogOf(timeline, state.catalog) }, nowMs);
}

export function viewOfShown(
  which: Pick<LoadedPlayer, "playerId" | "incarnation" | "version">,
  { shown, catalog }: { readonly shown: Shown; readonly catalog: Catalog },
  nowMs: number,
): PlayerView {
  return new View(which, { shown, catalog, nowMs });
}

/** A class: with an object literal and its getter a look at what is at hand took three times as long. */
class View implements PlayerView {
  readonly playerId: string;
  readonly incarnation: number;
  readonly version: number;
  readonly state: PlayerView["state"];
  readonly catalog: Catalog;
  readonly nowMs: number;
  readonly #shown: Shown;

  constructor(
    which: Pick<LoadedPlayer, "playerId" | "incarnation" | "version">,
    { shown, catalog, nowMs }: { readonly shown: Shown; readonly catalog: Catalog; readonly nowMs: number },
  ) {
    this.playerId = which.playerId;
    this.incarnation = which.incarnation;
    this.version = which.version;
    this.state = shown.visible;
    this.catalog = catalog;
    this.nowMs = nowMs;
    this.#shown = shown;
  }

  get forecast(): Forecast {
    return this.#shown.forecast();
  }
}
