/**
 * Decoded records, kept for as long as the store still has the very same version. Every read asks the store which version
 * that is, so this can show nothing old; it only saves decoding the same bytes and making the same forecast again.
 */
import {
  type Catalog,
  type Forecast,
  forecast,
  type PlayerState,
  type Timeline,
  type VisibleState,
} from "@mainspring/core";
import type { StoredRecord } from "../ports.js";
import type { PlayerRecord } from "../record/player-record.js";

/** So many players' records are kept, the least recently read ones dropped. */
export const MAX_DECODED = 10_000;

export interface Decoded {
  readonly incarnation: number;
  readonly version: number;
  readonly record: PlayerRecord;
  /** The record's state, settled further and shown, but not saved. */
  ahead: PlayerState | null;
  /** What a look that must not wait needs of the player. */
  glance: Glance | null;
}

/** All that decides whether a state may be shown at once, in one small object: with many players each further one is a miss of the processor's cache. */
export interface Glance {
  readonly state: PlayerState;
  readonly timeline: Timeline;
  readonly shown: Shown;
  readonly catalog: Catalog;
  readonly clockOffsetMs: number;
  /** Nothing earlier than this (player time) is shown. */
  readonly fromMs: number;
  /** The next boundary; infinite: there is none. */
  readonly boundaryMs: number;
  readonly sightDueMs: number;
  readonly isRunning: boolean;
  /** When the queue was last noted as running, by the server's clock. */
  notedAtMs: number;
}

type Which = Pick<StoredRecord, "playerId" | "incarnation" | "version">;

/** What is shown of a state: without the seed, and with its forecast, which is made when it is first asked for. */
export interface Shown {
  readonly visible: VisibleState;
  readonly forecast: () => Forecast;
}

export interface DecodedPlayers {
  /** Who is asked for goes last. */
  get(stored: Which): Decoded | null;
  /** Remembers it, unless a newer version of it is known. */
  set(stored: Which, record: PlayerRecord): void;
  /** Has this process seen a newer version of the player than this one, or one where this says that there is none? */
  isNewer(playerId: string, found: Which | null): boolean;
  /** How far the state of this very version was settled without being saved. */
  ahead(stored: Which): PlayerState | null;
  /** Remembers it, unless a later one is known. */
  setAhead(stored: Which, state: PlayerState): void;
  /** The visible part of a state and its forecast, both once per state. */
  show(state: PlayerState, timeline: Timeline): Shown;
}

export function createDecodedPlayers(): DecodedPlayers {
  const decoded = new Map<string, Decoded>();
  const shown = new WeakMap<PlayerState, Shown & { readonly timeline: Timeline }>();
  const find = ({ playerId, incarnation, version }: Which): Decoded | null => {
    const found = decoded.get(playerId);
    if (found === undefined || found.incarnation !== incarnation || found.version !== version) return null;
    return found;
  };
  return {
    isNewer(playerId, found) {
      const known = decoded.get(playerId);
      if (known === undefined) return false;
      return found === null || found.incarnation !== known.incarnation || found.version < known.version;
    },
    ahead: (stored) => find(stored)?.ahead ?? null,
    setAhead(stored, state) {
      const found = find(stored);
      if (found === null || (found.ahead?.settledAtMs ?? -1) > state.settledAtMs) return;
      found.ahead = state;
    },
    get(stored) {
      const { playerId } = stored;
      const found = find(stored);
      if (found === null) return null;
      decoded.delete(playerId);
      decoded.set(playerId, found);
      return found;
    },
    set({ playerId, incarnation, version }, record) {
      const known = decoded.get(playerId);
      // A read that began before a commit may end after it.
      if (known !== undefined && known.incarnation === incarnation && known.version > version) return;
      decoded.delete(playerId);
      decoded.set(playerId, { incarnation, version, record, ahead: null, glance: null });
      if (decoded.size <= MAX_DECODED) return;
      for (const oldest of decoded.keys()) {
        decoded.delete(oldest);
        break;
      }
    },
    show(state, timeline) {
      const known = shown.get(state);
      if (known !== undefined && known.timeline === timeline) return known;
      const { seed: _, ...visible } = state;
      let foreseen: Forecast | null = null;
      const made = { visible, forecast: () => (foreseen ??= forecast(visible, timeline)), timeline };
      shown.set(state, made);
      return made;
    },
  };
}
