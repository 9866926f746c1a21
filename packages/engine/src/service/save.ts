/** The end of a journey that changed something: committed, counted, published, shown. */
import type { PlayerChange, PlayerView } from "../engine.js";
import type { Urgency } from "../ports.js";
import type { StepDigest } from "../record/commit-step.js";
import type { EventMeta } from "../record/event-codec.js";
import type { PlayerRecord } from "../record/player-record.js";
import type { DecodedPlayers } from "./decoded-players.js";
import { type Journey, viewOf } from "./journey.js";
import type { PlayerRepository } from "./player-repository.js";

export interface SaveParts {
  readonly repository: PlayerRepository;
  readonly decoded: DecodedPlayers;
  /** Told of each commit, in order per player. */
  readonly publish: (change: PlayerChange) => void;
  /** Counts what happens. */
  readonly count: (what: "commits" | "conflicts" | "replays" | "checkpoints") => void;
}

export interface Saving {
  readonly record: PlayerRecord;
  readonly urgency: Urgency;
  readonly meta?: EventMeta;
  readonly digest?: StepDigest | null;
}

export type Save = (journey: Journey, saving: Saving) => Promise<PlayerView | null>;

/** Commits what a journey came to, publishes it and shows it; `null` if the stored version was another. */
export function createSave({ repository, decoded, count, publish }: SaveParts): Save {
  return async (journey, { record, urgency, meta, digest = null }) => {
    const { loaded, timeline, events, arrivedAtMs, isSeen, trace } = journey;
    const seenBeforeMs = loaded.record.state.lastSeenMs;
    const committed = await repository.commit({
      loaded,
      record,
      events,
      timeline,
      step: { arrivedAtMs, seenBeforeMs, isSeen, digest },
      urgency,
      ...(meta === undefined ? {} : { meta }),
      ...(trace === undefined ? {} : { trace }),
    });
    if (committed === null) return null;
    count("commits");
    const { playerId, incarnation, version } = committed;
    publish({ playerId, incarnation, version, revision: record.state.revision, events });
    return viewOf(journey, committed, { state: record.state, decoded });
  };
}
