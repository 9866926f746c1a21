/**
 * The task queue service: load, settle, apply, commit, publish.
 *
 * Reads show a settlement only when it is saved; commands go one at a time per player, and hold under a version that the
 * store checks. Nothing else guards exactly-once.
 */
import {
  applyCommand,
  type Command,
  isMainspringError,
  MainspringError,
  type PlayerEvent,
  type PlayerState,
} from "@mainspring/core";
import type { ApplyOptions, CommandOutcome, PlayerView, ReadOptions } from "../engine.js";
import type { Consistency } from "../ports.js";
import type { Background } from "./background.js";
import { checkApplyOptions, checkPlayerId } from "./check-request.js";
import type { Idempotency, KeyedRequest } from "./idempotency.js";
import { type CheckpointPlan, showsUnsaved } from "./checkpoint-plan.js";
import { createIntervalCheckpoints, type IntervalCheckpoints } from "./interval-checkpoints.js";
import { createStart, type Journey, type JourneyParts, needsCommit, see, travel, viewOf } from "./journey.js";
import type { Mailboxes } from "./mailboxes.js";
import { createPeek, type Peek } from "./peek.js";
import { createSave, type Save, type SaveParts } from "./save.js";
import { settleInSlices } from "./settle-in-slices.js";

/** A commit that finds another version is tried again so often. */
export const MAX_COMMIT_TRIES = 8;

export interface TaskQueueService {
  read(playerId: string, options: ReadOptions): Promise<PlayerView>;
  readonly peek: Peek;
  /** Like `read`, and whatever is shown is saved, also between interval checkpoints. */
  readSaved(playerId: string, options: ReadOptions): Promise<PlayerView>;
  apply(playerId: string, command: Command, options: ApplyOptions): Promise<CommandOutcome>;
}

export interface ServiceParts extends JourneyParts, SaveParts {
  readonly mailboxes: Mailboxes;
  readonly idempotency: Idempotency;
  readonly isDevelopment: boolean;
  readonly background: Background;
  /** Told whom a look that doesn't wait has shown, and whether the player's queue runs. */
  readonly note: (playerId: string, isRunning: boolean) => void;
  /** Show before saving; `null`: whatever is shown is saved. */
  readonly checkpoint: CheckpointPlan | null;
}

interface Context extends ServiceParts {
  readonly start: ReturnType<typeof createStart>;
  readonly save: Save;
}

/** The service. Reads that find nothing to save wait for nobody; everything else goes through the player's mailbox. */
export function createTaskQueueService(parts: ServiceParts): TaskQueueService {
  const context: Context = { ...parts, start: createStart(parts), save: createSave(parts) };
  const { mailboxes, idempotency, decoded } = parts;
  const checkpoints = intervalCheckpoints(context);
  const readSaved: TaskQueueService["readSaved"] = async (playerId, options) => {
    checkPlayerId(playerId);
    const journey = await travel(await context.start(playerId, options));
    if (!needsCommit(journey, options)) return shownAsSaved(journey, decoded);
    // A replica is too often behind for a commit to start from; a cache is not, and the version tells.
    const begun = options.consistency === "eventual" ? null : journey;
    return mailboxes.run(playerId, () => readAndSave(context, playerId, options, begun));
  };
  return {
    readSaved,
    peek: createPeek({ ...parts, isBusy: (playerId) => mailboxes.isBusy(playerId) }),
    async read(playerId, options) {
      checkPlayerId(playerId);
      const shown = showsUnsaved(parts.checkpoint, playerId)
        ? await checkpoints?.look(playerId, options)
        : null;
      return shown ?? readSaved(playerId, options);
    },
    async apply(playerId, command, options) {
      checkPlayerId(playerId);
      checkApplyOptions(command, options);
      if (command.type === "fast-forward" && !parts.isDevelopment) {
        throw new MainspringError("FORBIDDEN", "Clocks can be put ahead only on a development server.");
      }
      const order: Order = { playerId, command, options, keyed: idempotency.keyed(command, options.key) };
      return mailboxes.run(playerId, () => {
        let consistency: Consistency = "cached";
        return untilCommitted(context, () => {
          const trying = tryToApply(context, order, consistency);
          consistency = "strong";
          return trying;
        });
      });
    },
  };
}

function intervalCheckpoints(context: Context): IntervalCheckpoints | null {
  const { checkpoint, mailboxes } = context;
  if (checkpoint === null) return null;
  return createIntervalCheckpoints({
    ...context,
    everyMs: checkpoint.everyMs,
    isBusy: (playerId) => mailboxes.isBusy(playerId),
  });
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
    const journey = first ?? (await travel(await context.start(playerId, strongly(options))));
    first = null;
    if (!needsCommit(journey, options)) return shownAsSaved(journey, context.decoded);
    const seen = see(journey, options);
    const record = { ...seen.loaded.record, state: seen.state };
    return context.save(seen, { record, urgency: "milestone" });
  });
}

function shownAsSaved(journey: Journey, decoded: ServiceParts["decoded"]): PlayerView {
  return viewOf(journey, journey.loaded, { state: journey.loaded.record.state, decoded });
}

function strongly(options: ReadOptions): ReadOptions {
  return { ...options, consistency: "strong" };
}

interface Order {
  readonly playerId: string;
  readonly command: Command;
  readonly options: ApplyOptions;
  readonly keyed: KeyedRequest | null;
}

/** A cache may be behind: what it speaks against is decided once more from the store's own record before it is told. */
async function tryToApply(
  context: Context,
  order: Order,
  consistency: Consistency,
): Promise<CommandOutcome | null> {
  if (context.repository.isCertain(order.playerId, consistency)) return decide(context, order, "strong");
  try {
    return await decide(context, order, consistency);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return decide(context, order, "strong");
  }
}

/** Whether the player's record was the reason. After it nothing was written. */
function isRefusal(error: unknown): boolean {
  return isMainspringError(error) && error.code !== "STORE_UNAVAILABLE" && error.code !== "OVERLOADED";
}

async function decide(
  context: Context,
  order: Order,
  consistency: Consistency,
): Promise<CommandOutcome | null> {
  const { playerId, options, keyed } = order;
  const journey = see(await travel(await context.start(playerId, { ...options, consistency })), options);
  const known = keyed === null ? null : context.idempotency.find(journey.loaded.record, keyed);
  if (known === null) {
    checkRevision(journey.state, options.ifRevision);
    return perform(context, journey, order);
  }
  // That it was done before is as good as a refusal.
  if (!journey.isCertain) return decide(context, order, "strong");
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
  const atMs = context.clock.nowMs();
  const record =
    keyed === null ? changed : context.idempotency.remember(changed, { keyed, revision, eventNumber, atMs });
  const view = await context.save(
    { ...journey, nowMs: laterMs },
    {
      record,
      urgency: "command",
      meta: metaOf(playerId, options),
      digest: keyed === null ? null : { ...keyed, atMs },
    },
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
