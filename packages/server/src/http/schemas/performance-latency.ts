/** How long something took, as `PerformanceStats` tells it. */
import { type TNumber, Type } from "typebox";
import { nullable } from "./common.js";

export const latencyParts = {
  totalMs: Type.Number({ minimum: 0, description: "Counter: of all together. ms." }),
  p50Ms: nullable(recent("Median of the last minute; null: there was none.")),
  p99Ms: nullable(recent("99th percentile of the last minute; null: there was none.")),
  atMost: Type.Array(Type.Integer({ minimum: 0 }), {
    description: "Counters: how many took at most so long, for each of latencyBoundsMs.",
  }),
} as const;

function recent(description: string): TNumber {
  return Type.Number({ minimum: 0, description: `${description} Off by an eighth at most. ms.` });
}
