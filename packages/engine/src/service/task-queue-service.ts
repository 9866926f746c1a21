/**
 * The task queue service: load, settle, apply, commit, publish.
 *
 * Reads show a settlement only when it is saved; commands go one at a time per player, and hold under a version that the
 * store checks. Nothing else guards exactly-once.
 */
import {
  applyCommand,
  type Command,
  MainspringError,
  type PlayerEvent,
  type PlayerState,
} from "@mainspring/core";
import type { ApplyOptions, CommandOutcome, PlayerChange, PlayerView, ReadOptions } from "../engine.js";
import { checkApplyOptions, checkPlayerId } from "./check-request.js";
import type { DecodedPlayers } from "./decoded-players.js";
import type { Idempotency, KeyedRequest } from "./idempotency.js";
import { createDeparture, type Journey, type JourneyParts, needsCommit, see, viewOf } from "./journey.js";
import type { Mailboxes } from "./mailboxes.js";
import type { LoadedPlayer } from "./player-repository.js";
import { settleInSlices } from "./settle-in-slices.js";

/** A commit that finds another version is tried again so often. */
export const MAX_COMMIT_TRIES = 8;

export interface TaskQueueService {
  read(playerId: string, options: ReadOptions): Promise<PlayerView>;
  apply(playerId: string, command: Command, options: ApplyOptions): Promise<CommandOutcome>;
}

export interface ServiceParts extends JourneyParts {
  readonly decoded: DecodedPlayers;
  readonly mailboxes: Mailboxes;
  readonly idempotency: Idempotency;
  readonly isDevelopment: boolean;
  /** Told of each commit, in order per player. */
  readonly publish: (change: PlayerChange) => void;
  /** Counts what happens. */
  readonly count: (what: "commits" | "conflicts" | "replays") => void;
}

export function createTaskQueueService(parts: ServiceParts): TaskQueueService {
  const { repository, decoded, mailboxes, idempotency, clock } = parts;
  const setOut = createDeparture(parts);

  /** Repeats an attempt until its commit holds. */
  const untilCommitted = async <T>(attempt: () => Promise<T | null>): Promise<T> => {
    for (let tries = 0; tries < MAX_COMMIT_TRIES; tries += 1) {
      const done = await attempt();
      if (done !== null) return done;
      parts.count("conflicts");
    }
    throw new MainspringError("VERSION_CONFLICT", "Others keep changing this player; try again in a moment.");
  };

  const published = ({ events }: Journey, committed: LoadedPlayer): LoadedPlayer => {
    parts.count("commits");
    const { playerId, incarnation, version, record } = committed;
    parts.publish({ playerId, incarnation, version, revision: record.state.revision, events });
    return committed;
  };

  const finishRead = async (journey: Journey, options: ReadOptions): Promise<PlayerView | null> => {
    if (!needsCommit(journey, options)) return viewOf(journey, journey.loaded, decoded);
    const seen = see(journey, options);
    const { loaded, timeline, events, state } = seen;
    const committed = await repository.commit({
      loaded,
      record: { ...loaded.record, state },
      events,
      timeline,
    });
    return committed === null ? null : viewOf(seen, published(seen, committed), decoded);
  };

  /** A read that may have to save; the journey is the first attempt's, if it was made already. */
  const readAndSave = (
    playerId: string,
    options: ReadOptions,
    begun: Journey | null,
  ): Promise<PlayerView> => {
    let first = begun;
    return untilCommitted(async () => {
      const journey = first ?? (await setOut(playerId, options));
      first = null;
      return finishRead(journey, options);
    });
  };

  const perform = async (
    journey: Journey,
    command: Command,
    options: ApplyOptions,
    keyed: KeyedRequest | null,
  ): Promise<CommandOutcome | null> => {
    const { loaded, timeline, nowMs, events } = journey;
    const emit = (event: PlayerEvent): number => events.push(event);
    const { state: applied, result } = applyCommand(journey.state, timeline, command, { atMs: nowMs, emit });
    const { revision } = applied;
    const eventNumber = events.find(({ type }) => type === "command")?.number ?? 0;
    // A clock put ahead is settled to at once.
    const laterMs = nowMs + applied.clockOffsetMs - journey.state.clockOffsetMs;
    const state = await settleInSlices(applied, timeline, laterMs, emit);
    const changed = { ...loaded.record, state };
    const record =
      keyed === null
        ? changed
        : idempotency.remember(changed, { keyed, revision, eventNumber, atMs: clock.nowMs() });
    const committed = await repository.commit({
      loaded,
      record,
      events,
      timeline,
      meta: metaOf(loaded.playerId, options),
    });
    if (committed === null) return null;
    const view = viewOf({ ...journey, nowMs: laterMs }, published(journey, committed), decoded);
    return { result, revision, isReplayed: false, view };
  };

  const tryToApply = async (
    playerId: string,
    command: Command,
    options: ApplyOptions,
    keyed: KeyedRequest | null,
  ): Promise<CommandOutcome | null> => {
    const journey = see(await setOut(playerId, options), options);
    const known = keyed === null ? null : idempotency.find(journey.loaded.record, keyed);
    if (known === null) {
      checkRevision(journey.state, options.ifRevision);
      return perform(journey, command, options, keyed);
    }
    parts.count("replays");
    const first = await idempotency.answer(journey.loaded, known);
    return { ...first, isReplayed: true, view: await readAndSave(playerId, options, null) };
  };

  return {
    async read(playerId, options) {
      checkPlayerId(playerId);
      const journey = await setOut(playerId, options);
      // Most reads find nothing to save, and wait for nobody.
      if (!needsCommit(journey, options)) return viewOf(journey, journey.loaded, decoded);
      return mailboxes.run(playerId, () => readAndSave(playerId, options, journey));
    },
    async apply(playerId, command, options) {
      checkPlayerId(playerId);
      checkApplyOptions(command, options);
      if (command.type === "fast-forward" && !parts.isDevelopment) {
        throw new MainspringError("FORBIDDEN", "Clocks can be put ahead only on a development server.");
      }
      const keyed = idempotency.keyed(command, options.key);
      return mailboxes.run(playerId, () =>
        untilCommitted(() => tryToApply(playerId, command, options, keyed)),
      );
    },
  };
}

function checkRevision(state: PlayerState, ifRevision: number | undefined): void {
  if (ifRevision === undefined || ifRevision === state.revision) return;
  throw new MainspringError(
    "VERSION_CONFLICT",
    `The player is at revision ${state.revision}, not ${ifRevision}; read again and decide anew.`,
    { revision: state.revision },
  );
}

function metaOf(
  playerId: string,
  { actor, reason, asPlayer = false }: ApplyOptions,
): { actor: string; reason?: string } {
  return { actor: actor ?? (asPlayer ? playerId : "system"), ...(reason === undefined ? {} : { reason }) };
}
