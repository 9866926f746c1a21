/** A player's whole journal, as the oracle tells it: without who commanded. */
import type { PlayerEvent } from "@mainspring/core";
import type { Engine, JournalEvent } from "../../src/engine.js";

export async function allEvents(engine: Engine, playerId: string): Promise<readonly PlayerEvent[]> {
  const events: PlayerEvent[] = [];
  for (let last = 1; events.length < last; ) {
    const page = await engine.events(playerId, { afterNumber: events.length, limit: 1_000 });
    events.push(...page.events.map(withoutActor));
    last = page.lastNumber;
  }
  return events;
}

function withoutActor(event: JournalEvent): PlayerEvent {
  const { actor: _, ...rest } = event;
  return rest;
}
