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
import type { EventMeta } from "../record/event-codec.js";
import type { PlayerRecord } from "../record/player-record.js";
import { checkApplyOptions, checkPlayerId } from "./check-request.js";
import type { DecodedPlayers } from "./decoded-players.js";
import type { Idempotency, KeyedRequest } from "./idempotency.js";
import { createDeparture, type Journey, type JourneyParts, needsCommit, see, viewOf } from "./journey.js";
import type { Mailboxes } from "./mailboxes.js";
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

interface Context extends ServiceParts {
  readonly setOut: ReturnType<typeof createDeparture>;
}

/** The service. Reads that find nothing to save wait for nobody; everything else goes through the player's mailbox. */
export function createTaskQueueService(parts: ServiceParts): TaskQueueService {
  const context: Context = { ...parts, setOut: createDeparture(parts) };
  const { mailboxes, idempotency, decoded } = parts;
  return {
    async read(playerId, options) {
      checkPlayerId(playerId);
      const journey = await context.setOut(playerId, options);
      if (!needsCommit(journey, options)) return viewOf(journey, journey.loaded, decoded);
      return mailboxes.run(playerId, () => readAndSave(context, playerId, options, journey));
    },
    async apply(playerId, command, options) {
      checkPlayerId(playerId);
      checkApplyOptions(command, options);
      if (command.type === "fast-forward" && !parts.isDevelopment) {
        throw new MainspringError("FORBIDDEN", "Clocks can be put ahead only on a development server.");
      }
      const order: Order = { playerId, command, options, keyed: idempotency.keyed(command, options.key) };
      return mailboxes.run(playerId, () => untilCommitted(context, () => tryToApply(context, order)));
    },
  };
}

/** Repeats an attempt until its commit holds, a bounded number of times. */
async function untilCommitted<T>({ count }: Context, attempt: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MAX_COMMIT_TRIES; tries += 1) {
    const done = await attempt();
    if (done !== null) return done;
    count("conflicts");
  }
  throw new MainspringError("VERSION_CONFLICT", "Others keep changing this player; try again in a moment.");
}

/** A read that has to save; the journey is the first attempt's, if it was made already. */
async function readAndSave(
  context: Context,
  playerId: string,
  options: ReadOptions,
  begun: Journey | null,
): Promise<PlayerView> {
  let first = begun;
  return untilCommitted(context, async () => {
    const journey = first ?? (await context.setOut(playerId, options));
    first = null;
    if (!needsCommit(journey, options)) return viewOf(journey, journey.loaded, context.decoded);
    const seen = see(journey, options);
    return save(context, seen, { record: { ...seen.loaded.record, state: seen.state } });
  });
}

/** Commits what a journey came to, publishes it and shows it; `null` if the stored version was another. */
async function save(
  { repository, decoded, count, publish }: Context,
  journey: Journey,
  { record, meta }: { record: PlayerRecord; meta?: EventMeta },
): Promise<PlayerView | null> {
  const { loaded, timeline, events } = journey;
  const committed = await repository.commit({
    loaded,
    record,
    events,
    timeline,
    ...(meta === undefined ? {} : { meta }),
  });
  if (committed === null) return null;
  count("commits");
  const { playerId, incarnation, version } = committed;
  publish({ playerId, incarnation, version, revision: record.state.revision, events });
  return viewOf(journey, committed, decoded);
}

interface Order {
  readonly playerId: string;
  readonly command: Command;
  readonly options: ApplyOptions;
  readonly keyed: KeyedRequest | null;
}

async function tryToApply(context: Context, order: Order): Promise<CommandOutcome | null> {
  const { playerId, options, keyed } = order;
  const journey = see(await context.setOut(playerId, options), options);
  const known = keyed === null ? null : context.idempotency.find(journey.loaded.record, keyed);
  if (known === null) {
    checkRevision(journey.state, options.ifRevision);
    return perform(context, journey, order);
  }
  context.count("replays");
  const first = await context.idempotency.answer(journey.loaded, known);
  return { ...first, isReplayed: true, view: await readAndSave(context, playerId, options, null) };
}

async function perform(
  context: Context,
  journey: Journey,
  { playerId, command, options, keyed }: Order,
): Promise<CommandOutcome | null> {
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
      : context.idempotency.remember(changed, { keyed, revision, eventNumber, atMs: context.clock.nowMs() });
  const view = await save(
    context,
    { ...journey, nowMs: laterMs },
    { record, meta: metaOf(playerId, options) },
  );
  return view === null ? null : { result, revision, isReplayed: false, view };
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
