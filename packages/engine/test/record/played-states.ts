/** States that the rules really make: generated players who get commands while time passes. */
import {
  applyCommand,
  type Catalog,
  catalogOf,
  type Command,
  createPlayer,
  createSeed,
  isMainspringError,
  markSeen,
  nextBoundaryMs,
  type PlayerEvent,
  type PlayerState,
  settle,
  type Timeline,
} from "@mainspring/core";
import * as fc from "fast-check";
import { FIRST_MS } from "./sample-catalogs.js";

const MAX = Number.MAX_SAFE_INTEGER;

interface Step {
  readonly afterMs: number;
  readonly isSeen: boolean;
  readonly command: Command;
}

/** What a generated player went through. */
export interface Life {
  readonly seed: Uint8Array;
  readonly steps: readonly Step[];
}

/** After every step, whether it was refused or not, and now and then in the middle of a settlement. */
export function play(
  timeline: Timeline,
  { seed, steps }: Life,
): { states: PlayerState[]; events: PlayerEvent[] } {
  const events: PlayerEvent[] = [];
  const emit = (event: PlayerEvent): void => void events.push(event);
  let state = createPlayer(timeline, { nowMs: FIRST_MS, seed: createSeed(seed) });
  const states = [state];
  let nowMs = FIRST_MS;
  for (const { afterMs, isSeen, command } of steps) {
    nowMs += afterMs;
    while (nextBoundaryMs(state, timeline) <= nowMs) {
      state = settle(state, timeline, nowMs, { emit, maxCost: 2_000 });
      states.push(state);
    }
    if (isSeen) states.push((state = markSeen(state, timeline, nowMs, emit)));
    try {
      ({ state } = applyCommand(state, timeline, command, { atMs: nowMs, emit }));
    } catch (error) {
      if (!isMainspringError(error) || error.code === "INTERNAL") throw error;
    }
    states.push(state);
  }
  return { states, events };
}

/** Lives under the catalogs of a timeline. */
export function livesIn(timeline: Timeline, maxSteps: number): fc.Arbitrary<Life> {
  const catalogs = timeline.entries.map(({ hash }) => catalogOf(timeline, hash));
  const step = fc.record({
    afterMs: fc.oneof(
      { weight: 60, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 600_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 172_800_000 }) },
    ),
    isSeen: fc.boolean(),
    command: fc.oneof(...catalogs.map(commandsOf)),
  });
  return fc.record({
    seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    steps: fc.array(step, { minLength: 1, maxLength: maxSteps, size: "max" }),
  });
}

function commandsOf(catalog: Catalog): fc.Arbitrary<Command> {
  const task = fc.integer({ min: 1, max: 20 });
  const item = fc.constantFrom(...catalog.items.keys());
  const skill = fc.constantFrom(...catalog.skills.keys());
  const activity = fc.constantFrom(...catalog.activities.keys());
  const few = fc.dictionary(item, fc.integer({ min: 1, max: 60 }), { maxKeys: 3 });
  const change = fc.oneof(fc.integer({ min: -20, max: 60 }), fc.integer({ min: MAX - 50, max: MAX }));
  const request = fc.record(
    {
      activity,
      repeat: fc.integer({ min: 1, max: 40 }),
      until: fc.record({
        skills: fc.dictionary(skill, fc.integer({ min: 1, max: 4 }), { maxKeys: 1 }),
        items: few,
      }),
      onBlocked: fc.constantFrom("wait" as const, "skip" as const),
      position: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: ["activity"] },
  );
  const effect = fc.record(
    {
      stat: fc.constantFrom("speed" as const, "success" as const, "yield" as const, "xp" as const),
      add: fc.integer({ min: -100, max: 300 }).map((hundredths) => hundredths / 100),
      kind: fc.constantFrom(...catalog.kinds),
      activity,
      untilMs: fc.integer({ min: FIRST_MS, max: FIRST_MS + 20_000_000 }),
    },
    { requiredKeys: ["stat", "add", "untilMs"] },
  );
  const slots = fc.constantFrom(...catalog.slots);
  const enqueue = fc.record({
    type: fc.constant("enqueue" as const),
    tasks: fc.array(request, { minLength: 1, maxLength: 3 }),
  });
  return fc.oneof(
    { weight: 20, arbitrary: enqueue },
    fc.record({ type: fc.constant("cancel" as const), task }),
    fc.record({ type: fc.constant("move" as const), task, before: fc.option(task) }),
    fc.record({ type: fc.constant("pause" as const) }),
    fc.record({ type: fc.constant("resume" as const) }),
    fc.record({ type: fc.constant("stop" as const) }),
    fc.record({ type: fc.constant("equip" as const), slot: slots, item: fc.option(item) }),
    fc.record({ type: fc.constant("claim-stash" as const) }),
    fc.record({
      type: fc.constant("adjust" as const),
      adjust: fc.record({
        items: fc.dictionary(item, change, { maxKeys: 2 }),
        xp: fc.dictionary(skill, change, { maxKeys: 1 }),
        effects: fc.array(effect, { maxLength: 1 }),
        atMost: fc.boolean(),
      }),
    }),
    fc.record({ type: fc.constant("fast-forward" as const), byMs: fc.integer({ min: 1, max: 600_000 }) }),
  );
}
