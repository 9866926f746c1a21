/**
 * Summaries: small values made of a player, kept by the cache under the player's own stamp. A commit takes them away wherever they are;
 * what time alone would change is decided here, from the instants that lie beside each value.
 */
import { nextBoundaryMs, sightDueMs, type Timeline } from "@mainspring/core";
import { NO_STAMP } from "../cache/stamp.js";
import type { PlayerView, ReadOptions, Summary, SummaryOf } from "../engine.js";
import type { Clock, PlayerValues, StoreCache } from "../ports.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import { checkPlayerId } from "./check-request.js";
import { type CheckpointPlan, showsUnsaved } from "./checkpoint-plan.js";
import type { DecodedPlayers } from "./decoded-players.js";
import type { TaskQueueService } from "./task-queue-service.js";

export interface Summaries {
  get<V>(playerId: string, of: SummaryOf<V>, options: ReadOptions): Promise<Summary<V>>;
}

export interface SummaryParts {
  readonly cache: StoreCache | undefined;
  readonly read: TaskQueueService["read"];
  /** What others are given of it later must be saved. */
  readonly readSaved: TaskQueueService["readSaved"];
  readonly catalogs: CatalogRegistry;
  readonly clock: Clock;
  readonly decoded: DecodedPlayers;
  /** Show before saving; `null`: whatever is shown is saved. */
  readonly checkpoint: CheckpointPlan | null;
  /** Told whom a summary shows, and whether the player's queue runs. */
  readonly note: (playerId: string, isRunning: boolean) => void;
}

/** A value as the cache keeps it. Instants in player time. */
interface Kept<V> {
  readonly name: string;
  readonly value: V;
  readonly incarnation: number;
  readonly version: number;
  readonly revision: number;
  readonly isRunning: boolean;
  readonly clockOffsetMs: number;
  readonly settledAtMs: number;
  readonly madeAtMs: number;
  /** The next boundary; `null`: there is none. */
  readonly boundaryMs: number | null;
  /** From then on the player's own request must be noted down. */
  readonly sightDueMs: number;
  /** So many entries had the timeline. What an activation that was added later would change, forecasts among it, isn't in the value. */
  readonly timelineLength: number;
}

/** The timeline changed while the value was made: nobody can tell which one is in it. */
const UNKNOWN_TIMELINE = 0;

export function createSummaries(parts: SummaryParts): Summaries {
  const { cache, read, checkpoint, note } = parts;
  const make: Summaries["get"] = async (playerId, of, options) => {
    const view = await read(playerId, options);
    note(playerId, isRunning(view));
    return shown(view, of.make(view));
  };
  if (cache === undefined) return { get: make };
  return {
    async get<V>(playerId: string, of: SummaryOf<V>, options: ReadOptions): Promise<Summary<V>> {
      checkPlayerId(playerId);
      // Between interval checkpoints what isn't saved may be shown only from a record that the store has just confirmed, and no value says so.
      if (options.consistency === "strong" || showsUnsaved(checkpoint, playerId)) {
        return make(playerId, of, options);
      }
      return find(parts, cache.players<Kept<V>>(of.namespace), { playerId, of, options });
    },
  };
}

interface Wanted<V> {
  readonly playerId: string;
  readonly of: SummaryOf<V>;
  readonly options: ReadOptions;
}

async function find<V>(
  parts: SummaryParts,
  values: PlayerValues<Kept<V>>,
  { playerId, of, options }: Wanted<V>,
): Promise<Summary<V>> {
  const { catalogs, clock, decoded, readSaved, note } = parts;
  const { asPlayer = false, atLeast = NO_STAMP } = options;
  const serverNowMs = clock.nowMs();
  const timeline = await catalogs.timelineFor(serverNowMs);
  const mayBeLate = of.namespace === "playerStats" && !asPlayer;
  const isGood = (kept: Kept<V>): boolean => {
    const which = { playerId, ...stampOf(kept) };
    if (kept.name !== of.name || decoded.isNewer(playerId, which)) return false;
    // More of it was shown between interval checkpoints, when those were on for the player.
    if (decoded.shownMs(which) > kept.settledAtMs) return false;
    const nowMs = playerNowMs(kept, serverNowMs);
    return mayBeLate || (isExact(kept, timeline, nowMs) && !(asPlayer && nowMs >= kept.sightDueMs));
  };
  const made: { view: PlayerView | null } = { view: null };
  const kept = await values.get(playerId, { atLeast, isGood }, async () => {
    const view = await readSaved(playerId, options);
    made.view = view;
    const known = catalogs.known();
    return { stamp: stampOf(view), value: keep(view, of, known === timeline ? timeline : null) };
  });
  note(playerId, kept.isRunning);
  if (made.view !== null) return shown(made.view, kept.value);
  const nowMs = playerNowMs(kept, serverNowMs);
  const { value, revision, madeAtMs } = kept;
  const asOfMs = isExact(kept, timeline, nowMs) ? nowMs : madeAtMs;
  return { value, ...stampOf(kept), revision, asOfMs, nowMs };
}

/** Nothing has happened since that would change the value. */
function isExact({ boundaryMs, timelineLength }: Kept<unknown>, timeline: Timeline, nowMs: number): boolean {
  return timelineLength === timeline.entries.length && (boundaryMs === null || nowMs < boundaryMs);
}

/** Never behind what is saved. */
function playerNowMs({ clockOffsetMs, settledAtMs }: Kept<unknown>, serverNowMs: number): number {
  return Math.max(serverNowMs + clockOffsetMs, settledAtMs);
}

/** @param timeline `null`: it isn't known which one it was made with */
function keep<V>(view: PlayerView, { name, make }: SummaryOf<V>, timeline: Timeline | null): Kept<V> {
  const { state, nowMs } = view;
  const boundaryMs = timeline === null ? nowMs : nextBoundaryMs(state, timeline);
  return {
    name,
    value: make(view),
    ...stampOf(view),
    revision: state.revision,
    isRunning: isRunning(view),
    clockOffsetMs: state.clockOffsetMs,
    settledAtMs: state.settledAtMs,
    madeAtMs: nowMs,
    boundaryMs: Number.isFinite(boundaryMs) ? boundaryMs : null,
    sightDueMs: sightDueMs(state),
    timelineLength: timeline?.entries.length ?? UNKNOWN_TIMELINE,
  };
}

function shown<V>(view: PlayerView, value: V): Summary<V> {
  const { state, nowMs } = view;
  return { value, ...stampOf(view), revision: state.revision, asOfMs: nowMs, nowMs };
}

function stampOf({ incarnation, version }: { readonly incarnation: number; readonly version: number }) {
  return { incarnation, version };
}

function isRunning({ state }: PlayerView): boolean {
  const [lane] = state.lanes;
  return lane.cycle !== null && lane.paused === null;
}
