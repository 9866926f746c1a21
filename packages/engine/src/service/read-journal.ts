/** Reading a player's journal. */
import { MainspringError } from "@mainspring/core";
import type { EventPage } from "../engine.js";
import type { Journal } from "../ports.js";
import { decodeEvent } from "../record/event-codec.js";
import type { TaskQueueService } from "./task-queue-service.js";

/** Events of one page. */
const MAX_EVENTS = 1_000;
const DEFAULT_EVENTS = 100;

export interface EventQuery {
  readonly afterNumber?: number;
  readonly limit?: number;
}

/** The events after a number. The player is settled (and saved) first, so that nothing that has happened is missing. */
export async function readJournal(
  { service, journal }: { service: TaskQueueService; journal: Journal },
  playerId: string,
  { afterNumber = 0, limit = DEFAULT_EVENTS }: EventQuery,
): Promise<EventPage> {
  if (!Number.isSafeInteger(afterNumber) || afterNumber < 0) {
    throw new MainspringError("INVALID_REQUEST", "afterNumber must be a whole number from 0.");
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_EVENTS) {
    throw new MainspringError("INVALID_REQUEST", `limit must be a whole number from 1 to ${MAX_EVENTS}.`);
  }
  // A cache's record could know of fewer events than the journal has.
  const { incarnation, version, state } = await service.readSaved(playerId, { consistency: "strong" });
  const entries = await journal.readEvents({ playerId, incarnation, afterNumber, limit });
  return {
    events: entries.map(({ bytes }) => decodeEvent(bytes)),
    lastNumber: state.eventCount,
    incarnation,
    version,
  };
}
