/**
 * Random histories of commits, reads and snapshots of a few players under a batcher, over a store that fails, dawdles and
 * refuses, and that another server writes to as well; and a plain store beside it that does each commit on its own.
 */
import * as fc from "fast-check";
import { MainspringError } from "@mainspring/core";
import { batched } from "../../src/batch/index.js";
import type { Expected, JournalEntry, RecordWrite, Store, Urgency, WriteOutcome } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { flipping } from "../support/flipping.js";
import { createFaultStore, createManualClock, type FaultRates } from "../../src/testing/index.js";

export const PLAYERS = ["ada", "bob", "cleo"] as const;
/** A disk takes its time: so many turns of the event loop are about a minute. */
const MAX_TURNS = 50_000_000;

type Move =
  | {
      readonly type: "commit";
      readonly playerId: string;
      readonly urgency: Urgency;
      /** `next` follows what the player's last commit leaves, whether or not that is answered yet. */
      readonly base: "next" | "stale" | "anew" | "none";
      readonly eventCount: number;
      readonly hasMark: boolean;
      /** So many commits more, each after the one before, in the same call. */
      readonly followers: number;
    }
  | { readonly type: "reload"; readonly playerId: string }
  | { readonly type: "rival"; readonly playerId: string }
  | { readonly type: "read"; readonly playerId: string }
  | { readonly type: "snapshot"; readonly playerId: string }
  | { readonly type: "flush" }
  | { readonly type: "wait"; readonly ms: number };

export interface History {
  readonly moves: readonly Move[];
  readonly seed: number;
  readonly rates: FaultRates;
  /** How often the store says `OVERLOADED`. */
  readonly overload: number;
  readonly maxBatchSize: number;
  readonly maxConcurrentBatches: number;
  readonly batchTimeoutMs: number;
}

const playerId = fc.constantFrom(...PLAYERS);
const rate = fc.constantFrom(0, 0, 0.1, 0.3);

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("commit" as const),
      playerId,
      urgency: fc.constantFrom<Urgency>("command", "milestone", "bulk", "bulk"),
      base: fc.oneof(
        { weight: 12, arbitrary: fc.constant("next" as const) },
        fc.constantFrom("stale", "anew", "none"),
      ),
      eventCount: fc.integer({ min: 0, max: 2 }),
      hasMark: fc.boolean(),
      followers: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("reload", "rival", "read", "snapshot"), playerId)
      .map(([type, id]): Move => ({ type, playerId: id })),
  },
  { weight: 1, arbitrary: fc.constant({ type: "flush" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30 }) }),
  },
);

export const histories: fc.Arbitrary<History> = fc.record({
  moves: fc.array(move, { minLength: 1, maxLength: 100, size: "max" }),
  seed: fc.nat(),
  rates: fc.record({ before: rate, after: rate, slow: rate }),
  overload: rate,
  maxBatchSize: fc.integer({ min: 1, max: 8 }),
  maxConcurrentBatches: fc.integer({ min: 1, max: 3 }),
  batchTimeoutMs: fc.integer({ min: 1, max: 40 }),
});

export interface Original {
  readonly write: RecordWrite;
  readonly call: number;
  /** Those of the player that were given before and not answered by then. */
  readonly unanswered: readonly Original[];
  /** `null` until it is answered. */
  result: WriteOutcome["status"] | MainspringError | null;
}

/** A write as the store got it. */
export interface Arrived {
  readonly write: RecordWrite;
  outcome: WriteOutcome["status"] | null;
}

export interface PlayedHistory {
  /** Of each player, in the order in which they were given. */
  readonly originals: ReadonlyMap<string, readonly Original[]>;
  /** Those of the other server included. */
  readonly arrived: readonly Arrived[];
  readonly rivals: ReadonlySet<string>;
  /** Reads that missed what was acknowledged before they were asked for. */
  readonly lateReads: readonly string[];
  readonly coalesced: number;
  readonly retried: number;
  readonly snapshots: { readonly given: number; readonly failed: number };
  /** What the store has in the end. */
  readonly content: unknown;
}

export interface OpenedStore {
  readonly store: Store;
  readonly cleanup: () => Promise<void>;
}

/** What a player's next commit expects, as far as its server knows. */
interface Belief {
  expected: Expected;
}

export async function playHistory(
  { moves, seed, rates, overload, ...options }: History,
  open: () => Promise<OpenedStore>,
  { isSwitched = false }: { readonly isSwitched?: boolean } = {},
): Promise<PlayedHistory> {
  const clock = createManualClock(0);
  const opened = await open();
  const arrived: Arrived[] = [];
  const recorded = recording(opened.store, arrived);
  const chance = createChance(seed + 1);
  const faulty = createFaultStore({
    store: recorded,
    seed,
    rates,
    calls: ["commit", "read", "putSnapshots"],
    wait: clock.wait,
    maxDelayMs: 30,
  });
  const overloading: Store = {
    ...faulty,
    commit: async (...given) => {
      if (chance() < overload) throw new MainspringError("OVERLOADED", "The store has enough to do.");
      return faulty.commit(...given);
    },
  };
  const store = batched(overloading, {
    ...options,
    ...(isSwitched && { isOn: flipping("batching", seed) }),
    ageingMs: 20,
    timers: clock,
    random: chance,
  });
  const originals = new Map<string, Original[]>(PLAYERS.map((id) => [id, []]));
  const beliefs = new Map<string, Belief>(PLAYERS.map((id) => [id, { expected: null }]));
  const acknowledged = new Map<string, Expected>();
  const eventCounts = new Map<string, number>();
  const rivals = new Set<string>();
  const lateReads: string[] = [];
  const snapshots = { given: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  let made = 0;
  let calls = 0;

  const start = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const nextBytes = (label: string): Uint8Array => {
    made += 1;
    return new TextEncoder().encode(`${label} ${made}`);
  };
  /** Numbers that no other commit has, even one that conflicts: what is overwritten by mistake would not be seen. */
  const newEvents = (id: string, incarnation: number, count: number): JournalEntry[] => {
    const journal = `${id} ${incarnation}`;
    const before = eventCounts.get(journal) ?? 0;
    eventCounts.set(journal, before + count);
    return Array.from({ length: count }, (_, index) => ({
      number: before + index + 1,
      bytes: nextBytes("event"),
    }));
  };

  const writeOn = (
    id: string,
    belief: Belief,
    { base, eventCount, hasMark }: Pick<Extract<Move, { type: "commit" }>, "base" | "eventCount" | "hasMark">,
  ): RecordWrite => {
    const current = belief.expected ?? { incarnation: 1, version: 0 };
    const isAnew = base === "anew" && belief.expected !== null;
    const incarnation = current.incarnation + (isAnew ? 1 : 0);
    const version = isAnew ? 1 : current.version + 1;
    let { expected } = belief;
    if (base === "stale" && expected !== null) expected = { ...expected, version: expected.version - 1 };
    if (base === "none") expected = null;
    const events = newEvents(id, incarnation, eventCount);
    if (base === "next" || base === "anew") belief.expected = { incarnation, version };
    const next = { playerId: id, incarnation, version, bytes: nextBytes(id) };
    return { expected, next, events, ...(hasMark && eventCount === 0 && { mark: nextBytes("mark") }) };
  };

  const commit = async (writes: readonly RecordWrite[], urgency: Urgency): Promise<void> => {
    calls += 1;
    const call = calls;
    const mine = writes.map((write): Original => {
      const all = originals.get(write.next.playerId) ?? [];
      const one = { write, call, unanswered: all.filter(({ result }) => result === null), result: null };
      all.push(one);
      return one;
    });
    try {
      const outcomes = await store.commit(writes, { urgency });
      for (const [index, one] of mine.entries()) {
        one.result = outcomes[index]?.status ?? null;
        if (one.result === "committed") acknowledge(acknowledged, one.write);
      }
    } catch (error) {
      for (const one of mine) one.result = error as MainspringError;
    }
  };

  const currentOf = async (id: string): Promise<Belief> => {
    const [record] = await opened.store.read([id]);
    return { expected: record ? { incarnation: record.incarnation, version: record.version } : null };
  };

  const readNow = async (id: string): Promise<void> => {
    const known = acknowledged.get(id) ?? null;
    const found = await store.read([id, id]).catch(() => null);
    if (found === null) return;
    for (const record of found) if (isBefore(record, known)) lateReads.push(id);
    found[0]?.bytes.fill(0);
    if (found[1]?.bytes[0] === 0) lateReads.push(`${id} shares its bytes`);
  };

  const rival = async (id: string): Promise<void> => {
    const belief = await currentOf(id);
    const write = writeOn(id, belief, { base: "next", eventCount: 1, hasMark: false });
    rivals.add(nameOf(write));
    await recorded.commit([write]);
  };

  for (const one of moves) {
    if (one.type === "commit") {
      const belief = beliefs.get(one.playerId);
      if (belief === undefined) continue;
      const writes = [writeOn(one.playerId, belief, one)];
      for (let count = 0; count < one.followers; count += 1) {
        writes.push(writeOn(one.playerId, belief, { ...one, base: "next" }));
      }
      start(commit(writes, one.urgency));
    } else if (one.type === "reload") beliefs.set(one.playerId, await currentOf(one.playerId));
    else if (one.type === "rival") await rival(one.playerId);
    else if (one.type === "read") start(readNow(one.playerId));
    else if (one.type === "flush") start(store.flush());
    else if (one.type === "snapshot") {
      const record = {
        playerId: one.playerId,
        incarnation: 1,
        version: (made += 1),
        bytes: nextBytes("snapshot"),
      };
      snapshots.given += 1;
      start(
        store.putSnapshots([{ record, eventCount: 0, atMs: Date.now() }]).catch(() => {
          snapshots.failed += 1;
        }),
      );
    } else {
      for (let ms = 0; ms < one.ms; ms += 1) {
        clock.advance(1);
        await nextTurn();
      }
    }
    if (made % 2 === 0) await nextTurn();
  }
  const closing = { isOver: false };
  void Promise.allSettled([store.flush(), ...underWay]).finally(() => {
    closing.isOver = true;
  });
  for (let turn = 0; turn < MAX_TURNS && !closing.isOver; turn += 1) {
    clock.advance(1);
    await nextTurn();
  }
  const content = closing.isOver ? await contentOf(opened.store) : "never settled";
  const { coalesced = 0, retried = 0 } = store.stats().batcher ?? {};
  faulty.setRates({});
  await store.close();
  await opened.cleanup();
  return { originals, arrived, rivals, lateReads, coalesced, retried, snapshots, content };
}

/** What a store has of the players: records, journals and marks of all incarnations. */
export async function contentOf(store: Store): Promise<unknown> {
  const content = [];
  for (const id of PLAYERS) {
    const [record] = await store.read([id]);
    content.push({ id, record: record ? plain(record) : null });
    for (let incarnation = 1; incarnation <= (record?.incarnation ?? 0); incarnation += 1) {
      const events = await store.readEvents({ playerId: id, incarnation, afterNumber: 0, limit: 10_000 });
      const mark = await store.readMark({ playerId: id, incarnation });
      // Two servers that know nothing of each other number as no sane ones do, and stores may then differ in the order.
      const sorted = events.map(plain).sort((one, other) => one.number - other.number);
      content.push({ incarnation, events: sorted, mark: mark && plain(mark) });
    }
  }
  return content;
}

export function plainStore(): Store {
  return createMemoryStore();
}

/** Each write has content of its own, so that its bytes name it. */
export function nameOf({ next }: RecordWrite): string {
  return new TextDecoder().decode(next.bytes);
}

function recording(store: Store, arrived: Arrived[]): Store {
  return {
    ...store,
    async commit(writes, options) {
      const mine = writes.map((write): Arrived => ({ write, outcome: null }));
      arrived.push(...mine);
      const outcomes = await store.commit(writes, options);
      for (const [index, one] of mine.entries()) one.outcome = outcomes[index]?.status ?? null;
      return outcomes;
    },
  };
}

function acknowledge(known: Map<string, Expected>, { next }: RecordWrite): void {
  const { playerId: id, incarnation, version } = next;
  if (isBefore(known.get(id) ?? null, { incarnation, version })) known.set(id, { incarnation, version });
}

function isBefore(one: Expected, other: Expected): boolean {
  if (one === null || other === null) return one === null && other !== null;
  return (
    one.incarnation < other.incarnation ||
    (one.incarnation === other.incarnation && one.version < other.version)
  );
}

/** Buffers and arrays of one content alike. */
export function plain<T extends { readonly bytes: Uint8Array }>(value: T): T {
  return { ...value, bytes: new Uint8Array(value.bytes) };
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}
