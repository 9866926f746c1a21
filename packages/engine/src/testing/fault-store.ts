/** A store that fails and dawdles as a disk or a network would, but from a seed, so that a test can replay it. */
import { MainspringError } from "@mainspring/core";
import type { Store } from "../ports.js";

/** How often, from 0 (never) to 1 (always). */
export interface FaultRates {
  /** Fails before the store is asked: nothing happened. */
  readonly before?: number;
  /** Fails although the store did it: only a read can tell. */
  readonly after?: number;
  /** Answers late. */
  readonly slow?: number;
}

export type FaultKind = keyof FaultRates;

export type FaultyCall = Exclude<keyof Store, "stats" | "flush" | "close">;

export interface FaultStoreOptions {
  readonly store: Store;
  /** The same seed, rates and calls give the same faults. */
  readonly seed: number;
  readonly rates?: FaultRates;
  /** Which calls may fail. Default: all but `flush`, `close` and `stats`, which never do. */
  readonly calls?: readonly FaultyCall[];
  /** How a late answer waits, such as a manual clock's `wait`. Default: one turn of the event loop. */
  readonly wait?: (delayMs: number) => Promise<void>;
  /** How late an answer is at most. Default: 1000 ms */
  readonly maxDelayMs?: number;
}

export interface FaultStore extends Store {
  /** From now on; zero rates make it the store it wraps. */
  setRates(rates: FaultRates): void;
  /** The next call of this kind meets this fault for certain. Asked more than once, so do the ones after. */
  failNext(call: FaultyCall, kind: FaultKind): void;
  /** How many faults of each kind there were. */
  faults(): Readonly<Record<FaultKind, number>>;
}

/**
 * Wraps a store. Its faults are `STORE_UNAVAILABLE`, as a real store's.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from "@mainspring/engine/memory";
 * import { createFaultStore } from "@mainspring/engine/testing";
 *
 * const store = createFaultStore({ store: createMemoryStore(), seed: 7, rates: { after: 0.1 } });
 * ```
 */
export function createFaultStore(options: FaultStoreOptions): FaultStore {
  const { store, calls, wait = nextTurn, maxDelayMs = 1_000 } = options;
  const random = createRandom(options.seed);
  const counts = { before: 0, after: 0, slow: 0 };
  const planned: { readonly call: FaultyCall; readonly kind: FaultKind }[] = [];
  let rates = options.rates ?? {};

  const meets = (call: FaultyCall, kind: FaultKind): boolean => {
    // Drawn in any case, so that what is planned doesn't change what comes by chance.
    const isDrawn = random() < (rates[kind] ?? 0) && (calls?.includes(call) ?? true);
    const index = planned.findIndex((plan) => plan.call === call && plan.kind === kind);
    if (index >= 0) planned.splice(index, 1);
    if (!isDrawn && index < 0) return false;
    counts[kind] += 1;
    return true;
  };
  const faulty = async <T>(call: FaultyCall, ask: () => Promise<T>): Promise<T> => {
    if (meets(call, "before")) throw fault(call, "before it was done");
    const isLost = meets(call, "after");
    const delayMs = meets(call, "slow") ? Math.ceil(random() * maxDelayMs) : 0;
    const answer = await ask();
    if (delayMs > 0) await wait(delayMs);
    if (isLost) throw fault(call, "after it was done");
    return answer;
  };
  return {
    read: async (...given) => faulty("read", async () => store.read(...given)),
    commit: async (...given) => faulty("commit", async () => store.commit(...given)),
    readEvents: async (...given) => faulty("readEvents", async () => store.readEvents(...given)),
    putCatalog: async (...given) => faulty("putCatalog", async () => store.putCatalog(...given)),
    readCatalog: async (...given) => faulty("readCatalog", async () => store.readCatalog(...given)),
    readSettings: async (...given) => faulty("readSettings", async () => store.readSettings(...given)),
    putSettings: async (...given) => faulty("putSettings", async () => store.putSettings(...given)),
    readTimeline: async () => faulty("readTimeline", async () => store.readTimeline()),
    appendTimeline: async (...given) => faulty("appendTimeline", async () => store.appendTimeline(...given)),
    readMark: async (...given) => faulty("readMark", async () => store.readMark(...given)),
    putSnapshots: async (...given) => faulty("putSnapshots", async () => store.putSnapshots(...given)),
    readSnapshots: async (...given) => faulty("readSnapshots", async () => store.readSnapshots(...given)),
    listRecords: async (...given) => faulty("listRecords", async () => store.listRecords(...given)),
    importEvents: async (...given) => faulty("importEvents", async () => store.importEvents(...given)),
    importMark: async (...given) => faulty("importMark", async () => store.importMark(...given)),
    quarantine: async (...given) => faulty("quarantine", async () => store.quarantine(...given)),
    quarantined: async (...given) => faulty("quarantined", async () => store.quarantined(...given)),
    flush: async () => store.flush(),
    stats: () => store.stats(),
    close: async () => store.close(),
    setRates(next) {
      rates = next;
    },
    failNext(call, kind) {
      planned.push({ call, kind });
    },
    faults: () => ({ ...counts }),
  };
}

function fault(call: FaultyCall, when: string): MainspringError {
  return new MainspringError("STORE_UNAVAILABLE", `An injected fault: ${call} failed ${when}.`, { call });
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** Mulberry32: small, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
