/** The switches: for what share of the players each layer is on, what the guard took back, and how a rollout's two arms fare. */
import type { ArmStats } from "@mainspring/engine/flags";
import type { ServerStats } from "../numbers/http-stats.js";
import { type Family, gauges, type Sample, seconds } from "./family.js";

export const flagFamilies: readonly Family[] = [
  gauges(["layer_percent", "layer"], "A layer is on for this share of the players, in percent.", (numbers) =>
    Object.fromEntries(layersOf(numbers).map(([layer, { percent }]) => [layer, percent])),
  ),
  gauges(["layer_listed_players", "layer"], "Players for whom a layer is on whatever the share.", (numbers) =>
    Object.fromEntries(layersOf(numbers).map(([layer, { playerCount }]) => [layer, playerCount])),
  ),
  {
    name: "mainspring_layer_reverts_total",
    help: "Switches that the guard of this process took back, by what it found.",
    type: "counter",
    samples: (numbers) =>
      layersOf(numbers).flatMap(([layer, { reverts }]) =>
        Object.entries(reverts).map(([cause, value]) => ({ labels: { layer, cause }, value })),
      ),
  },
  ofArms(
    "layer_arm_requests",
    "Of a layer that is partly rolled out: requests of the last 30 s.",
    (arm) => arm.requests,
  ),
  ofArms("layer_arm_errors", "Of them: ended with an error that is ours.", (arm) => arm.errors),
  ofArms("layer_arm_p99_seconds", "All but one in a hundred took no longer.", ({ p99Ms }) =>
    p99Ms === null ? null : seconds(p99Ms),
  ),
];

function layersOf({ flagStats }: ServerStats) {
  return Object.entries(flagStats?.layers ?? {});
}

function ofArms(name: string, help: string, value: (arm: ArmStats) => number | null): Family {
  return {
    name: `mainspring_${name}`,
    help,
    type: "gauge",
    samples: (numbers) =>
      layersOf(numbers).flatMap(([layer, { arms }]) =>
        Object.entries(arms ?? {}).flatMap(([arm, stats]): Sample[] => {
          const found = value(stats);
          return found === null ? [] : [{ labels: { layer, arm }, value: found }];
        }),
      ),
  };
}
