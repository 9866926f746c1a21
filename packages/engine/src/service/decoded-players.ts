/**
 * Decoded records, kept for as long as the store still has the very same version. Every read asks the store which version
 * that is, so this can show nothing old; it only saves decoding the same bytes and making the same forecast again.
 *
 * They are one of the local caches that share a bound. Of a record that was given up for others it is still known which one it was: what
 * was shown is never taken back.
 */
import {
  type Catalog,
  type Forecast,
  forecast,
  type PlayerState,
  type Timeline,
  type VisibleState,
} from "@mainspring/core";
import { LRUCache } from "lru-cache";
import { createLruTenant } from "../memory/lru-tenant.js";
import type { MemoryBudget, StoredRecord } from "../ports.js";
import type { PlayerRecord } from "../record/player-record.js";

/** Of so many players whose records were given up it is known which ones they were. About 150 bytes each. */
const MAX_GIVEN_UP = 10_000;

/**
 * What a decoded record takes with its forecast and its glance, and about a quarter more for the text of its queue: measured on Node.js 20
 * for records of 73 to 830 bytes, from an empty player to one with 20 tasks and 40 kinds of items. Without the text it is 0.8 to 0.9
 * of this; see test/memory/entry-sizes.test.ts.
 */
const BASE_BYTES = 500;
const BYTES_PER_STORED_BYTE = 27;

/** To decode the typical record and make its forecast took 0.36 ms for 830 bytes. */
const REMAKE_MS_PER_STORED_BYTE = 0.36 / 830;

export interface Decoded {
  readonly incarnation: number;
  readonly version: number;
  readonly record: PlayerRecord;
  readonly storedBytes: number;
  /** The latest boundary that was shown (player time), also by an `ahead` that was given up since; `-Infinity`: none that isn't saved. */
  shownMs: number;
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
  set(stored: StoredRecord, record: PlayerRecord): void;
  /** Has this process seen a newer version of the player than this one, or one where this says that there is none? */
  isNewer(playerId: string, found: Which | null): boolean;
  /** How far the state of this very version was settled without being saved. */
  ahead(stored: Which): PlayerState | null;
  /** Up to which boundary this very version was shown without being saved, though `ahead` may be gone; `-Infinity`: it wasn't. */
  shownMs(stored: Which): number;
  /** Remembers it, unless a later one is known. */
  setAhead(stored: Which, state: PlayerState): void;
  /** The visible part of a state and its forecast, both once per state. */
  show(state: PlayerState, timeline: Timeline): Shown;
  /** Gives everything up, and no longer counts as one of those who share the bound. */
  close(): void;
}

/** Of a record, kept or given up: which one it was, and how far it was shown. */
type Seen = Pick<Decoded, "incarnation" | "version" | "shownMs">;

export function createDecodedPlayers(budget: MemoryBudget): DecodedPlayers {
  const givenUp = new LRUCache<string, Seen>({ max: MAX_GIVEN_UP });
  const remember = (playerId: string, { incarnation, version, shownMs }: Seen): void => {
    givenUp.set(playerId, { incarnation, version, shownMs });
  };
  const { entries: decoded, leave } = createLruTenant<Decoded>({
    budget,
    name: "decodedPlayers",
    // With a cache the record itself is one of its entries.
    isSecondForm: true,
    reloadMs: ({ storedBytes }) => storedBytes * REMAKE_MS_PER_STORED_BYTE,
    onGivenUp: remember,
  });
  const shown = new WeakMap<PlayerState, Shown & { readonly timeline: Timeline }>();
  const seen = (playerId: string): Seen | undefined => decoded.peek(playerId) ?? givenUp.peek(playerId);
  const seenVery = ({ playerId, incarnation, version }: Which): Seen | null => {
    const known = seen(playerId);
    return known?.incarnation === incarnation && known.version === version ? known : null;
  };
  const find = ({ playerId, incarnation, version }: Which): Decoded | null => {
    const found = decoded.peek(playerId);
    return found?.incarnation === incarnation && found.version === version ? found : null;
  };
  return {
    isNewer(playerId, found) {
      const known = seen(playerId);
      if (known === undefined) return false;
      return found === null || found.incarnation !== known.incarnation || found.version < known.version;
    },
    ahead: (stored) => find(stored)?.ahead ?? null,
    shownMs: (stored) => seenVery(stored)?.shownMs ?? -Infinity,
    setAhead(stored, state) {
      const shownMs = state.settledAtMs;
      const known = seenVery(stored);
      if (known === null || known.shownMs > shownMs) return;
      const found = find(stored);
      if (found === null) remember(stored.playerId, { ...known, shownMs });
      else [found.ahead, found.shownMs] = [state, shownMs];
    },
    get({ playerId, incarnation, version }) {
      const found = decoded.get(playerId);
      return found?.incarnation === incarnation && found.version === version ? found : null;
    },
    set(stored, record) {
      const { playerId, incarnation, version, bytes } = stored;
      const known = seen(playerId);
      // A read that began before a commit may end after it.
      if (known !== undefined && known.incarnation === incarnation && known.version > version) return;
      const shownMs = seenVery(stored)?.shownMs ?? -Infinity;
      givenUp.delete(playerId);
      const storedBytes = bytes.length;
      const made = { incarnation, version, record, storedBytes, shownMs, ahead: null, glance: null };
      decoded.set(playerId, made, { size: sizeOf(stored) });
      budget.settle();
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
    close: leave,
  };
}

function sizeOf(stored: StoredRecord): number {
  return BASE_BYTES + stored.bytes.length * BYTES_PER_STORED_BYTE;
}
