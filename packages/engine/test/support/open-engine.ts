/** An engine on a memory store with a clock that the test moves. */
import { createEngine, type CreateEngineOptions } from "../../src/create-engine.js";
import type { Engine } from "../../src/engine.js";
import type { Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { TICK_CATALOG } from "./tick-catalog.js";

/** Where test clocks start. */
export const START_MS = 1_700_000_000_000;

export interface TestEngine {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: ManualClock;
}

/** Every player made by such an engine has the same seed. */
export function fixedBytes(count: number): Uint8Array {
  return new Uint8Array(count).fill(42);
}

export interface OpenEngineOptions
  extends Pick<CreateEngineOptions, "cache" | "catalog" | "isDevelopment" | "checkpoint" | "snapshots"> {
  readonly store?: Store;
  readonly clock?: ManualClock;
}

export async function openEngine(options: OpenEngineOptions = {}): Promise<TestEngine> {
  const {
    clock = createManualClock(START_MS),
    store = createMemoryStore({ clock }),
    catalog = TICK_CATALOG,
    ...others
  } = options;
  const engine = await createEngine({ ...others, store, clock, catalog, randomBytes: fixedBytes });
  return { engine, store, clock };
}

/** The player's own request. */
export const OWN = { asPlayer: true } as const;

/** A command that queues one task. */
export function enqueue(activity: string, repeat?: number) {
  return { type: "enqueue", tasks: [repeat === undefined ? { activity } : { activity, repeat }] } as const;
}
