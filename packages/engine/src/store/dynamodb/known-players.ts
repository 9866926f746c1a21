/**
 * What this process knows about the items of players it met: where they stand, and which events their history may not have
 * yet. That follows from incarnation and version alone, so what is known of the expected version holds, however old it is.
 */
import type { PlayerItem, UnsavedChunk } from "./player-item.js";

/** Of all that is known; past it, those who were not met for the longest time are forgotten. 32 MiB. */
export const MAX_KNOWN_BYTES = 33_554_432;

/** Of a player of whom nothing is unsaved. */
const PLAYER_BYTES = 200;

export interface KnownChunk {
  readonly name: string;
  readonly eventCount: number;
  readonly sizeBytes: number;
  /** `null` once the history has it: then the next commit takes it out of the record. */
  unsaved: UnsavedChunk | null;
  /** Parts that were written ahead, while this process has them. */
  parts: readonly Uint8Array[] | null;
}

export interface KnownPlayer {
  readonly playerId: string;
  incarnation: number;
  version: number;
  chunks: readonly KnownChunk[];
  /** While its events are on their way to the history. */
  moving: Promise<void> | null;
}

export interface KnownPlayers {
  get(playerId: string): KnownPlayer | undefined;
  /** What an ordinary read said, perhaps some time ago. */
  learn(item: PlayerItem): void;
  /** What is so at this moment. */
  replace(playerId: string, item: PlayerItem): KnownPlayer;
  keep(player: KnownPlayer): void;
  forget(playerId: string): void;
}

export function createKnownPlayers(maxBytes: number = MAX_KNOWN_BYTES): KnownPlayers {
  /** The one who was met last comes last. */
  const players = new Map<string, { readonly player: KnownPlayer; readonly sizeBytes: number }>();
  let sizeBytes = 0;
  const forget = (playerId: string): void => {
    sizeBytes -= players.get(playerId)?.sizeBytes ?? 0;
    players.delete(playerId);
  };
  const keep = (player: KnownPlayer): void => {
    forget(player.playerId);
    const size = PLAYER_BYTES + player.chunks.reduce((sum, chunk) => sum + memoryOf(chunk), 0);
    players.set(player.playerId, { player, sizeBytes: size });
    sizeBytes += size;
    for (const playerId of players.keys()) {
      if (sizeBytes <= maxBytes) break;
      forget(playerId);
    }
  };
  return {
    get: (playerId) => players.get(playerId)?.player,
    learn(item) {
      const { playerId, incarnation, version } = item.record;
      const known = players.get(playerId)?.player;
      const isNewer =
        known === undefined ||
        incarnation > known.incarnation ||
        (incarnation === known.incarnation && version > known.version);
      if (isNewer) keep(playerOf(playerId, item));
    },
    replace(playerId, item) {
      const player = playerOf(playerId, item);
      keep(player);
      return player;
    },
    keep,
    forget,
  };
}

/** As bytes and as events, and what was written ahead. */
function memoryOf({ sizeBytes, parts }: KnownChunk): number {
  return 2 * sizeBytes + (parts ?? []).reduce((sum, part) => sum + part.length, 0);
}

export function newPlayer(playerId: string): KnownPlayer {
  return { playerId, incarnation: 0, version: 0, chunks: [], moving: null };
}

function playerOf(playerId: string, item: PlayerItem): KnownPlayer {
  const { incarnation, version } = item.record;
  const chunks = item.chunks.map((chunk) => knownChunk(chunk, null));
  return { playerId, incarnation, version, chunks, moving: null };
}

/** @param parts what was written ahead of it, if it is at hand */
export function knownChunk(unsaved: UnsavedChunk, parts: readonly Uint8Array[] | null): KnownChunk {
  const { name, eventCount, value } = unsaved;
  return { name, eventCount, sizeBytes: name.length + value.length, unsaved, parts };
}

/** Events and bytes of a player's item that the history may not have. */
export function unsavedOf(player: KnownPlayer): { readonly eventCount: number; readonly sizeBytes: number } {
  let eventCount = 0;
  let sizeBytes = 0;
  for (const chunk of player.chunks) {
    if (chunk.unsaved === null) continue;
    eventCount += chunk.eventCount;
    sizeBytes += chunk.sizeBytes;
  }
  return { eventCount, sizeBytes };
}
