/** The five laws of settling, and that of replaying, stated directly: they need no oracle, so that they can be put to very long settlements. */
import type { Timeline } from "../../src/catalog/timeline.js";
import { MAX_AMOUNT } from "../../src/numbers.js";
import type { PlayerEvent } from "../../src/player/events.js";
import type { AmountMap, PlayerState, TaskTotals } from "../../src/player/state.js";
import { canonical } from "../canonical.mjs";
import type { Core } from "./core-api.js";
import { assertLaw, assertSame } from "./law-broken.js";
import { type Settled, settleWhole } from "./settle-whole.js";

export interface Settlement {
  readonly before: PlayerState;
  readonly settled: Settled;
  readonly timeline: Timeline;
  readonly nowMs: number;
}

/** 1. Settling to an instant by way of another, and in slices, comes to the same. */
export function checkPathIndependence(
  core: Core,
  { before, settled, timeline, nowMs }: Settlement,
  { midMs, maxCost }: { midMs: number; maxCost: number },
): void {
  const first = settleWhole(core, { state: before, timeline, nowMs: midMs, maxCost });
  const second = settleWhole(core, { state: first.state, timeline, nowMs, maxCost });
  const path = `path independence, by way of ${midMs} with maxCost ${maxCost}`;
  const events = [...first.events, ...second.events];
  assertSame(`${path}: events`, canonical(events), canonical(settled.events));
  assertSame(`${path}: state`, canonical(second.state), canonical(settled.state));
}

/** 2. An instant before the last one changes nothing; neither does the same instant again. */
export function checkNoTimeTravel(core: Core, { settled: { state }, timeline, nowMs }: Settlement): void {
  assertLaw("with nothing due the same object comes back", core.settle(state, timeline, nowMs) === state);
  for (const earlierMs of [state.settledAtMs - 1, 0]) {
    assertLaw("no time travel", core.settle(state, timeline, earlierMs) === state);
  }
}

/** 3. While nothing holds the queue up, each cycle starts at the instant the one before it ended. */
export function checkNoTimeLost(settlement: Settlement): void {
  const { before, settled } = settlement;
  const [was] = before.lanes;
  const [is] = settled.state.lanes;
  const holdUps = new Set(["task-blocked", "task-unblocked", "away", "catalog-moved"]);
  if (was.cycle === null || was.paused !== null || is.cycle === null || is.paused !== null) return;
  if (settled.events.some(({ type }) => holdUps.has(type))) return;
  const passedMs = is.cycle.startedAtMs - was.cycle.startedAtMs;
  const ranMs = growth(settlement).reduce(
    (sum, { after, start }) => sum + after.ranMs - (start?.ranMs ?? 0),
    0,
  );
  assertSame("no time lost", String(ranMs), String(passedMs));
}

/** 4. What is there changes by what cycles gave and took, and by nothing else. */
export function checkConservation(settlement: Settlement): void {
  const { before, settled } = settlement;
  const changes = new Map<string, number>();
  const add = (amounts: AmountMap | undefined, sign: 1 | -1): void => {
    for (const [id, amount] of amounts ?? []) changes.set(id, (changes.get(id) ?? 0) + sign * amount);
  };
  for (const { after, start } of growth(settlement)) {
    for (const [totals, sign] of [
      [after, 1],
      [start, -1],
    ] as const) {
      add(totals?.gave, sign);
      add(totals?.took, sign === 1 ? -1 : 1);
      add(totals?.discarded, sign === 1 ? -1 : 1);
    }
  }
  for (const id of new Set([...changes.keys(), ...idsOf(before), ...idsOf(settled.state)])) {
    const had = owned(before, id);
    const has = owned(settled.state, id);
    // Beyond what a number can hold exactly, amounts stop at the maximum instead.
    if (Math.max(had, has, Math.abs(changes.get(id) ?? 0)) > MAX_AMOUNT / 4) continue;
    assertSame(`conservation of ${id}`, String(has - had), String(changes.get(id) ?? 0));
  }
}

/** 5. Who can't go on waits with a reason or leaves with one; totals never shrink. */
export function checkContainment(settlement: Settlement): void {
  const [lane] = settlement.settled.state.lanes;
  const isIdle = lane.tasks.length > 0 && lane.cycle === null && lane.paused === null;
  assertLaw("a head that doesn't run is blocked for a reason", !isIdle || lane.blocked !== null);
  for (const event of settlement.settled.events) {
    if (event.type !== "task-ended") continue;
    assertLaw("who is skipped has a reason", (event.reason === "skipped") === (event.block !== null));
  }
  for (const { after, start } of growth(settlement)) {
    if (start === null) continue;
    for (const [id, amount] of start.gave) {
      assertLaw("what was earned stays earned", (after.gave.get(id) ?? 0) >= amount);
    }
  }
}

export interface Commanded {
  readonly before: PlayerState;
  readonly after: PlayerState;
  readonly events: readonly PlayerEvent[];
  readonly timeline: Timeline;
  readonly atMs: number;
}

/** A command that is played again as its event tells it changes the same: what restoring a record rests on. */
export function checkReplay(core: Core, { before, after, events, timeline, atMs }: Commanded): void {
  const event = events.find(({ type }) => type === "command");
  assertLaw("a command has its event", event?.type === "command");
  if (event?.type !== "command") return;
  const command = core.commandOf(event.command, core.catalogOf(timeline, before.catalog));
  const again: PlayerEvent[] = [];
  const { state } = core.applyCommand(before, timeline, command, {
    atMs,
    emit: (emitted) => void again.push(emitted),
  });
  assertSame(`replay of ${canonical(event.command)}: events`, canonical(again), canonical(events));
  assertSame(`replay of ${canonical(event.command)}: state`, canonical(state), canonical(after));
}

/** Events are numbered without gaps, in order of time, within what was settled. */
export function checkEvents({ before, settled, nowMs }: Settlement): void {
  let last: Pick<PlayerEvent, "number" | "atMs"> = { number: before.eventCount, atMs: before.settledAtMs };
  for (const event of settled.events) {
    assertSame("event numbers", String(event.number), String(last.number + 1));
    assertLaw("events in order of time", event.atMs >= last.atMs && event.atMs <= nowMs);
    last = event;
  }
  assertSame("event count", String(settled.state.eventCount), String(last.number));
}

interface Growth {
  readonly after: TaskTotals;
  readonly start: TaskTotals | null;
}

/** The totals of every task before and after, ended ones as their end event tells them. */
function growth({ before, settled }: Settlement): Growth[] {
  const starts = new Map(before.lanes[0].tasks.map((task) => [task.number, task]));
  const ended = settled.events.flatMap((event) => (event.type === "task-ended" ? [event] : []));
  return [
    ...ended.map(({ task, totals }) => ({ after: totals, start: starts.get(task) ?? null })),
    ...settled.state.lanes[0].tasks.map((task) => ({ after: task, start: starts.get(task.number) ?? null })),
  ];
}

function idsOf({ items, stash, equipped }: PlayerState): string[] {
  return [...items.keys(), ...stash.keys(), ...equipped.values()];
}

function owned({ items, stash, equipped }: PlayerState, id: string): number {
  const worn = [...equipped.values()].filter((item) => item === id).length;
  return (items.get(id) ?? 0) + (stash.get(id) ?? 0) + worn;
}
