/** Generated records: everything that the invariants allow, likely or not. */
import {
  type AmountMap,
  type Catalog,
  createSeed,
  type Lane,
  type PlayerState,
  PPM,
  type Task,
  type TimedEffect,
} from "@mainspring/core";
import * as fc from "fast-check";
import type { Digest, PlayerRecord } from "../../src/record/player-record.js";
import { AFTER, BEFORE } from "./sample-catalogs.js";

/** A record of arbitraries, as an object like any other: with a prototype. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const MAX = Number.MAX_SAFE_INTEGER;

/** Ids that no sample catalog has. */
const INERT = ["gone", "a", "zz-9", "toString", "hasownproperty", `x${"y".repeat(63)}`];

const amount = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 10_000_000 }),
  fc.maxSafeInteger().map((value) => Math.max(1, Math.abs(value))),
  fc.integer({ min: MAX - 3, max: MAX }),
);
const count = fc.oneof(fc.constant(0), amount);
const distance = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 1e12 }));
const instant = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: 1.6e12, max: 1.9e12 }),
  fc.maxSafeNat(),
);

function idIn(known: Iterable<string>): fc.Arbitrary<string> {
  return fc.constantFrom(...new Set([...known, ...INERT]));
}

/** In any order: a map of a running process isn't sorted. */
function amountsOf(id: fc.Arbitrary<string>, value = amount): fc.Arbitrary<AmountMap> {
  const entries = fc.uniqueArray(fc.tuple(id, value), { selector: ([key]) => key, maxLength: 8 });
  return fc.oneof(
    fc.constant(new Map<string, number>()),
    entries.map((list) => new Map(list)),
  );
}

function sorted(amounts: AmountMap): [string, number][] {
  return [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function tasksOf(catalog: Catalog, settledAtMs: number): fc.Arbitrary<Omit<Task, "number">> {
  const item = idIn(catalog.items.keys());
  const skill = idIn(catalog.skills.keys());
  const until = fc
    .tuple(amountsOf(skill), amountsOf(item))
    .map(([skills, items]) =>
      skills.size + items.size === 0 ? null : { skills: sorted(skills), items: sorted(items) },
    );
  const fixed = plain({
    activity: fc.constantFrom(...catalog.activities.keys()),
    until: fc.option(until).map((value) => value ?? null),
    onBlocked: fc.constantFrom("wait", "skip"),
  });
  const played = plain({
    cyclesDone: fc.integer({ min: 1, max: 1e9 }),
    failures: fc.integer({ min: 0, max: 1 }),
    more: distance,
    rareFinds: count,
    gave: amountsOf(item),
    took: amountsOf(item),
    stashedParts: fc.integer({ min: 0, max: 2 }),
    xp: amountsOf(skill),
    sinceMs: distance,
    repeatMore: fc.option(fc.integer({ min: 1, max: 1e9 })),
  });
  const fresh = plain({ repeat: fc.option(fc.integer({ min: 1, max: 1e9 })) });
  const none: AmountMap = new Map();
  return fc.tuple(fixed, fc.oneof(played, fresh)).map(([task, life]) => {
    if (!("gave" in life)) {
      const unplayed = { cyclesDone: 0, failures: 0, ranMs: 0, rareFinds: 0 };
      const empty = { gave: none, took: none, stashed: none, discarded: none, xp: none };
      return { ...task, repeat: life.repeat, startedAtMs: null, ...unplayed, ...empty };
    }
    const { cyclesDone, more, sinceMs, repeatMore, stashedParts, ...rest } = life;
    const part = new Map(
      [...life.gave].map(([id, value]) => [id, Math.max(1, Math.floor(value / 3))] as const),
    );
    const one = [...life.gave].filter(([, value]) => value > 2).slice(0, 1);
    return {
      ...task,
      ...rest,
      cyclesDone,
      ranMs: cyclesDone + more,
      repeat: repeatMore === null ? null : cyclesDone + repeatMore,
      stashed: stashedParts > 0 ? part : none,
      discarded: stashedParts === 2 ? new Map(one.map(([id]) => [id, 1])) : none,
      startedAtMs: Math.max(0, settledAtMs - sinceMs),
    };
  });
}

function lanesOf(catalog: Catalog, settledAtMs: number, nextTask: number): fc.Arbitrary<Lane> {
  const terms = plain({
    durationMs: fc.integer({ min: 1, max: 1e9 }),
    successPpm: fc.integer({ min: 0, max: PPM }),
    yieldPpm: count,
    xpPpm: count,
    isOther: fc.boolean(),
  });
  const paused = fc.option(plain({ reason: fc.constantFrom("COMMAND", "AWAY"), afterMs: distance }));
  const blocked = plain({
    code: fc.constantFrom("PREREQUISITES_NOT_MET", "INSUFFICIENT_ITEMS", "INVENTORY_FULL", "NOT_AVAILABLE"),
    subject: idIn(catalog.items.keys()),
    retryAtMs: fc.option(instant),
  });
  const tasks = fc
    .tuple(
      fc.array(tasksOf(catalog, settledAtMs), { maxLength: 20 }),
      fc.uniqueArray(fc.integer({ min: 1, max: Math.min(nextTask - 1, 5_000) }), {
        minLength: 20,
        maxLength: 20,
      }),
    )
    .map(([list, numbers]) =>
      list.map((task, index): Task => ({ ...task, number: nextTask - (numbers[index] ?? 0) })),
    );
  return fc
    .tuple(tasks, terms, paused, fc.option(blocked))
    .map(([queue, { isOther, ...cycle }, pause, block]): Lane => {
      const head = queue[0];
      const start = head?.startedAtMs ?? null;
      const sinceMs = Math.min(settledAtMs, (start ?? 0) + (pause?.afterMs ?? 0));
      const lanePause = pause === null ? null : { reason: pause.reason, sinceMs };
      if (block !== null && head?.onBlocked === "wait") {
        const retryAtMs = block.code === "NOT_AVAILABLE" ? block.retryAtMs : null;
        return { tasks: queue, cycle: null, paused: lanePause, blocked: { ...block, retryAtMs } };
      }
      if (head === undefined || start === null)
        return { tasks: queue, cycle: null, paused: lanePause, blocked: null };
      const other = catalog === BEFORE ? AFTER : BEFORE;
      const named = isOther && other.activities.has(head.activity) ? other : catalog;
      const inFlight = { ...cycle, startedAtMs: start, catalog: named.hash };
      const isSafe = Number.isSafeInteger(start + cycle.durationMs);
      return { tasks: queue, cycle: isSafe ? inFlight : null, paused: lanePause, blocked: null };
    });
}

function effectsOf(catalog: Catalog, settledAtMs: number): fc.Arbitrary<TimedEffect[]> {
  const effect = plain({
    stat: fc.constantFrom("speed" as const, "success" as const, "yield" as const, "xp" as const),
    addPpm: fc.integer({ min: -1_000 * PPM, max: 1_000 * PPM }).map((value) => value + 0),
    kind: fc.option(idIn(catalog.kinds)),
    activity: fc.option(idIn(catalog.activities.keys())),
    untilMs: distance.map((value) => Math.min(MAX, settledAtMs + 1 + value)),
  });
  return settledAtMs === MAX ? fc.constant([]) : fc.array(effect, { maxLength: 5 });
}

function digestsOf(max: number, revision: number, eventCount: number): fc.Arbitrary<Digest[]> {
  const bytes = fc
    .uint8Array({ minLength: 8, maxLength: 8 })
    .map((digest) => Buffer.from(digest).toString("latin1"));
  const one = plain({ key: bytes, request: bytes, back: fc.integer({ min: 0, max: 5 }), atMs: instant });
  return fc.array(one, { maxLength: max }).map((list) => {
    let at = { revision: revision + 1, eventNumber: eventCount + 1 };
    const digests: Digest[] = [];
    for (const { back, ...digest } of list) {
      at = { revision: at.revision - 1 - back, eventNumber: at.eventNumber - 1 - 2 * back };
      if (at.revision < 1 || at.eventNumber < 1) break;
      digests.unshift({ ...digest, ...at });
    }
    return digests;
  });
}

function totalsOf(catalog: Catalog): fc.Arbitrary<PlayerState["totals"]> {
  const one = plain({
    tasks: count,
    cycles: count,
    timeMs: count,
    rewards: amountsOf(idIn(catalog.items.keys())),
  }).map((totals) => ({ ...totals, failures: Math.floor(totals.cycles / 2) }));
  const entries = fc.uniqueArray(fc.tuple(idIn(catalog.kinds), one), {
    selector: ([kind]) => kind,
    maxLength: 4,
  });
  return entries.map((list) => new Map(list));
}

const counters = plain({
  settledAtMs: instant,
  lastSeenMs: instant,
  catalogAtMs: instant,
  clockOffsetMs: count,
  revision: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: MAX - 9, max: MAX })),
  moreEvents: fc.integer({ min: 0, max: 1_000 }),
  nextTask: fc.oneof(fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: MAX - 9, max: MAX })),
});

function statesOf(catalog: Catalog): fc.Arbitrary<PlayerState> {
  return counters.chain(({ moreEvents, ...numbers }) => {
    const { settledAtMs, revision, nextTask } = numbers;
    const items = amountsOf(idIn(catalog.items.keys()));
    return plain({
      catalog: fc.constant(catalog.hash),
      settledAtMs: fc.constant(settledAtMs),
      lastSeenMs: fc.constant(numbers.lastSeenMs),
      catalogAtMs: fc.constant(numbers.catalogAtMs),
      clockOffsetMs: fc.constant(numbers.clockOffsetMs),
      revision: fc.constant(revision),
      eventCount: fc.constant(Math.min(MAX, revision + moreEvents)),
      nextTask: fc.constant(nextTask),
      items,
      stash: items,
      xp: amountsOf(idIn(catalog.skills.keys())),
      equipped: fc
        .uniqueArray(fc.tuple(idIn(catalog.slots), idIn(catalog.items.keys())), {
          selector: ([slot]) => slot,
          maxLength: 4,
        })
        .map((list) => new Map(list)),
      effects: effectsOf(catalog, settledAtMs),
      lanes: lanesOf(catalog, settledAtMs, nextTask).map((lane) => [lane] as const),
      totals: totalsOf(catalog),
      seed: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(createSeed),
    });
  });
}

/** Any sound record under one of the two sample catalogs. */
export const anyRecord: fc.Arbitrary<PlayerRecord> = fc
  .constantFrom(BEFORE, AFTER)
  .chain(statesOf)
  .chain((state) =>
    plain({
      state: fc.constant(state),
      ownDigests: digestsOf(12, state.revision, state.eventCount),
      adjustDigests: digestsOf(40, state.revision, state.eventCount),
    }),
  );
