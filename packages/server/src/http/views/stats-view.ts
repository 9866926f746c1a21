/** A player's lifetime totals as JSON. */
import type { PlayerView } from "@mainspring/engine";
import type { StatsBody } from "../schemas/player.js";
import { amountsOf } from "./amounts.js";

/** Every kind of the catalog, done or not, and those of catalogs before. */
export function statsBody({
  state,
  catalog,
  version,
}: PlayerView): Omit<StatsBody, "asOfMs" | "serverTimeMs"> {
  const ids = [...new Set([...catalog.kinds, ...state.totals.keys()])];
  const kinds = ids.map((id): [string, StatsBody["kinds"][string]] => {
    const { tasks = 0, cycles = 0, failures = 0, timeMs = 0, rewards } = state.totals.get(id) ?? {};
    return [id, { tasks, cycles, failures, timeMs, rewards: amountsOf(rewards) }];
  });
  const sum = (of: "tasks" | "cycles" | "failures" | "timeMs"): number =>
    kinds.reduce((total, [, kind]) => Math.min(Number.MAX_SAFE_INTEGER, total + kind[of]), 0);
  return {
    kinds: Object.fromEntries(kinds),
    total: { tasks: sum("tasks"), cycles: sum("cycles"), failures: sum("failures"), timeMs: sum("timeMs") },
    revision: state.revision,
    version,
  };
}
