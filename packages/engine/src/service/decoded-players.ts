/**
 * Decoded records, kept for as long as the store still has the very same version. Every read asks the store which version
 * that is, so this can show nothing old; it only saves decoding the same bytes and making the same forecast again.
 */
import {
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

interface Decoded {
  readonly incarnation: number;
  readonly version: number;
  readonly record: PlayerRecord;
}

/** What is shown of a state: without the seed, and with its forecast, which is made when it is first asked for. */
export interface Shown {
  readonly visible: VisibleState;
  readonly forecast: () => Forecast;
}

export interface DecodedPlayers {
  get(stored: Pick<StoredRecord, "playerId" | "incarnation" | "version">): PlayerRecord | null;
  set(stored: Pick<StoredRecord, "playerId" | "incarnation" | "version">, record: PlayerRecord): void;
  /** The visible part of a state and its forecast, both once per state. */
  show(state: PlayerState, timeline: Timeline): Shown;
}

export function createDecodedPlayers(): DecodedPlayers {
  const decoded = new Map<string, Decoded>();
  const shown = new WeakMap<PlayerState, Shown & { readonly timeline: Timeline }>();
  return {
    get({ playerId, incarnation, version }) {
      const found = decoded.get(playerId);
      if (found === undefined || found.incarnation !== incarnation || found.version !== version) return null;
      decoded.delete(playerId);
      decoded.set(playerId, found);
      return found.record;
    },
    set({ playerId, incarnation, version }, record) {
      decoded.delete(playerId);
      decoded.set(playerId, { incarnation, version, record });
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
