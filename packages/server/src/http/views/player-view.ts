/** A player as JSON. */
import { levelOf, PPM, type Catalog, type TimedEffect, xpForNextLevel } from "@mainspring/core";
import type { PlayerView } from "@mainspring/engine";
import type { PlayerBody } from "../schemas/player.js";
import { amountsOf } from "./amounts.js";

export function playerBody({ playerId, state, catalog, version, nowMs }: PlayerView): PlayerBody {
  return {
    playerId,
    catalog: state.catalog,
    skills: skillsOf(catalog, state.xp),
    items: amountsOf(state.items),
    stash: amountsOf(state.stash),
    equipped: Object.fromEntries([...state.equipped].sort(([a], [b]) => (a < b ? -1 : 1))),
    effects: state.effects.map(effectBody),
    lastSeenMs: state.lastSeenMs,
    revision: state.revision,
    version,
    serverTimeMs: nowMs,
  };
}

/** Every skill of the catalog, learned or not. Xp of skills that it doesn't know is kept, but not shown. */
function skillsOf(catalog: Catalog, xpBySkill: ReadonlyMap<string, number>): PlayerBody["skills"] {
  return Object.fromEntries(
    [...catalog.skills].map(([id, skill]) => {
      const xp = xpBySkill.get(id) ?? 0;
      const nextLevelXp = xpForNextLevel(skill, xp);
      return [
        id,
        { level: levelOf(skill, xp), xp, nextLevelXp: Number.isFinite(nextLevelXp) ? nextLevelXp : null },
      ];
    }),
  );
}

export function effectBody({
  stat,
  addPpm,
  kind,
  activity,
  untilMs,
}: TimedEffect): PlayerBody["effects"][number] {
  return { stat, add: addPpm / PPM, kind, activity, untilMs };
}
