/** An engine with every layer that a store in memory can have. It ends with the test. */
import { createEngine, type Engine, measured } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createCache } from "@mainspring/engine/cache";
import { createMemoryBudget, createMemoryGovernor } from "@mainspring/engine/governor";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { onTestFinished } from "vitest";
import { testCatalog } from "./test-catalog.js";

export async function openLayeredEngine(): Promise<Engine> {
  const budget = createMemoryBudget();
  const governor = createMemoryGovernor({ budget, thresholdBytes: 2 ** 30 });
  const engine = await createEngine({
    store: batched(measured(createMemoryStore())),
    cache: createCache({ isSoleWriter: true, budget }),
    governor,
    overload: createOverloadLimit({ memoryLevel: () => governor.level() }),
    catalog: testCatalog(),
  });
  onTestFinished(async () => engine.close());
  return engine;
}
