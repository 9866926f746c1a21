/** An engine with every layer that a store in memory can have. It ends with the test. */
import { createEngine, type Engine, measured, type Store } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createCache } from "@mainspring/engine/cache";
import { createFlags } from "@mainspring/engine/flags";
import { createMemoryBudget, createMemoryGovernor } from "@mainspring/engine/governor";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { onTestFinished } from "vitest";
import { testCatalog } from "./test-catalog.js";

export async function openLayeredEngine(bare: Store = createMemoryStore()): Promise<Engine> {
  const budget = createMemoryBudget();
  const governor = createMemoryGovernor({ budget, thresholdBytes: 2 ** 30 });
  // One is on for some: so that there is something to compare.
  const flags = createFlags({ configured: { cache: { percent: 50, players: [], except: [] } } });
  const engine = await createEngine({
    flags,
    store: batched(measured(bare)),
    cache: createCache({ isSoleWriter: true, budget }),
    governor,
    overload: createOverloadLimit({ memoryLevel: () => governor.level() }),
    catalog: testCatalog(),
  });
  onTestFinished(async () => engine.close());
  return engine;
}
