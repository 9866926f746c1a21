// What no state may be: each broken rule is found, and said without a value.
import type { Cycle, KindTotals, Lane, PlayerState, Task, TimedEffect } from "@mainspring/core";
import { describe, expect, test } from "vitest";
import { checkInvariants } from "../../src/record/check-invariants.js";
import { decodeRecord } from "../../src/record/decode-record.js";
import { encodeRecord } from "../../src/record/encode-record.js";
import type { Digest, PlayerRecord } from "../../src/record/player-record.js";
import { SHIPPED_TIMELINE } from "./sample-catalogs.js";
import { TYPICAL } from "./typical-record.js";

const { catalogs } = SHIPPED_TIMELINE;
const MAX = Number.MAX_SAFE_INTEGER;
const { state, ownDigests } = TYPICAL;
const [lane] = state.lanes;
const [head, second, ...others] = lane.tasks as [Task, Task, ...Task[]];
const cycle = lane.cycle as Cycle;
const newest = ownDigests.at(-1) as Digest;

const effect: TimedEffect = {
  stat: "speed",
  addPpm: 5,
  kind: null,
  activity: null,
  untilMs: state.settledAtMs + 1,
};
const totals: KindTotals = { tasks: 1, cycles: 2, failures: 1, timeMs: 9, rewards: new Map() };
const block = { code: "INSUFFICIENT_ITEMS", subject: "coal", retryAtMs: null } as const;
const waiting: Partial<Lane> = { cycle: null, tasks: [second] };

const withState = (change: Partial<PlayerState>): PlayerRecord => ({
  ...TYPICAL,
  state: { ...state, ...change },
});
const withLane = (change: Partial<Lane>): PlayerRecord => withState({ lanes: [{ ...lane, ...change }] });
const withHead = (change: Partial<Task>): PlayerRecord =>
  withLane({ tasks: [{ ...head, ...change }, second, ...others] });
const withSecond = (change: Partial<Task>): PlayerRecord =>
  withLane({ tasks: [head, { ...second, ...change }, ...others] });
const withCycle = (change: Partial<Cycle>): PlayerRecord => withLane({ cycle: { ...cycle, ...change } });
const withEffect = (change: Partial<TimedEffect>): PlayerRecord =>
  withState({ effects: [{ ...effect, ...change }] });
const withTotals = (change: Partial<KindTotals>): PlayerRecord =>
  withState({ totals: new Map([["craft", { ...totals, ...change }]]) });
const withNewest = (change: Partial<Digest>): PlayerRecord => ({
  ...TYPICAL,
  ownDigests: [...ownDigests.slice(0, -1), { ...newest, ...change }],
});
const withBlock = (change: object, on: Partial<Lane> = waiting): PlayerRecord =>
  withLane({ ...on, blocked: { ...block, ...change } });

const one = (amount: number): Map<string, number> => new Map([["coal", amount]]);

const broken: Record<string, PlayerRecord> = {
  "an amount of zero": withState({ items: one(0) }),
  "a negative amount": withState({ stash: one(-1) }),
  "an amount past the maximum": withState({ xp: one(2 ** 53) }),
  "half an item": withState({ items: one(1.5) }),
  "no instant": withState({ settledAtMs: Number.NaN }),
  "an instant before 1970": withState({ lastSeenMs: -1 }),
  "more revisions than events": withState({ revision: state.eventCount + 1 }),
  "no number for the next task": withState({ nextTask: 0 }),
  "an empty slot with an item": withState({ equipped: new Map([["", "coal"]]) }),
  "an effect that is over": withEffect({ untilMs: state.settledAtMs }),
  "an effect out of all bounds": withEffect({ addPpm: 1_000_000_001 }),
  "33 effects": withState({ effects: Array.from({ length: 33 }, () => effect) }),
  "a task number twice": withSecond({ number: head.number }),
  "a task number to come": withSecond({ number: state.nextTask }),
  "a task without a number": withSecond({ number: 0 }),
  "an activity that the catalog doesn't have": withSecond({ activity: "whistle" }),
  "all cycles done": withHead({ repeat: head.cyclesDone }),
  "more failures than cycles": withHead({ failures: head.cyclesDone + 1 }),
  "cycles without time": withHead({ ranMs: head.cyclesDone - 1 }),
  "a task started in the future": withHead({ startedAtMs: state.settledAtMs + 1 }),
  "cycles of a task that never started": withSecond({ cyclesDone: 1, ranMs: 9 }),
  "gains before the first cycle": withHead({ cyclesDone: 0, failures: 0, ranMs: 0, rareFinds: 0 }),
  "more stashed than given": withHead({ gave: one(5), stashed: one(6) }),
  "more left over than given": withHead({ gave: one(5), stashed: one(3), discarded: one(3) }),
  "something discarded that was never given": withHead({ discarded: one(1) }),
  "an until without a condition": withSecond({ until: { skills: [], items: [] } }),
  "an until of nothing": withSecond({ until: { skills: [], items: [["coal", 0]] } }),
  "1,001 tasks": withLane({ tasks: Array.from({ length: 1_001 }, () => second) }),
  "a cycle without a task": withLane({ tasks: [] }),
  "a cycle of a task that never started": withLane({ tasks: [second] }),
  "a cycle started in the future": withCycle({ startedAtMs: state.settledAtMs + 1 }),
  "a cycle started before its task": withCycle({ startedAtMs: (head.startedAtMs ?? 0) - 1 }),
  "a cycle of no time": withCycle({ durationMs: 0 }),
  "a cycle that never ends": withCycle({ durationMs: MAX }),
  "a chance of more than all": withCycle({ successPpm: 1_000_001 }),
  "a cycle started during a pause": withLane({ paused: { reason: "AWAY", sinceMs: cycle.startedAtMs - 1 } }),
  "a pause from the future": withLane({ paused: { reason: "AWAY", sinceMs: state.settledAtMs + 1 } }),
  "a block without a task": withBlock({}, { cycle: null, tasks: [] }),
  "a block beside a cycle": withBlock({}, {}),
  "a block of a task that doesn't wait": withBlock(
    {},
    { cycle: null, tasks: [{ ...second, onBlocked: "skip" }] },
  ),
  "a block about nothing": withBlock({ subject: "" }),
  "a block that ends by itself but can't": withBlock({ retryAtMs: 5 }),
  "lifetime totals with more failures than cycles": withTotals({ failures: 3 }),
  "a negative lifetime total": withTotals({ timeMs: -1 }),
  "a reward of nothing": withTotals({ rewards: one(0) }),
  "a digest of a command to come": withNewest({ revision: state.revision + 1 }),
  "a digest with an event to come": withNewest({ eventNumber: state.eventCount + 1 }),
  "digests in the wrong order": { ...TYPICAL, ownDigests: [...ownDigests].reverse() },
  "two digests of one command": { ...TYPICAL, ownDigests: [newest, newest] },
  "a short digest": withNewest({ key: "\0".repeat(7) }),
  "13 digests": {
    ...withState({ revision: 9_999 }),
    ownDigests: [...ownDigests, { ...newest, revision: 9_999, eventNumber: newest.eventNumber + 1 }],
  },
};

const sound: Record<string, PlayerRecord> = {
  "the record that the others are made from": TYPICAL,
  "a cycle in flight at a pause": withLane({ paused: { reason: "COMMAND", sinceMs: state.settledAtMs } }),
  "a block during a pause": withLane({
    ...waiting,
    blocked: block,
    paused: { reason: "AWAY", sinceMs: state.settledAtMs },
  }),
  "an opening that was met during a pause": withBlock({ code: "NOT_AVAILABLE", retryAtMs: 5 }),
  "totals at their maximum, where nobody counts on": withHead({
    gave: one(MAX),
    stashed: one(MAX),
    discarded: one(9),
  }),
  "a catalog that becomes active later": withState({ catalogAtMs: state.settledAtMs + 1 }),
  "a player seen since": withState({ lastSeenMs: state.settledAtMs + 1 }),
  "tasks in another order": withLane({ tasks: [head, ...others, second] }),
  "ids that the catalog doesn't know (any more)": withState({
    items: new Map([["gone", 1]]),
    equipped: new Map([["gone", "gone-too"]]),
    totals: new Map([["gone", totals]]),
    effects: [{ ...effect, kind: "gone", activity: "gone" }],
  }),
  "a clock that was set back between two commands": withNewest({ atMs: 5 }),
};

describe("a record with", () => {
  test.each(Object.entries(broken))("%s is not sound", (_, record) => {
    expect(checkInvariants(record, catalogs)).toMatch(/^[A-Za-z :']+$/);
    expect(() => decodeRecord(encodeRecord(record, catalogs), catalogs)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(RECORD_CORRUPT|INTERNAL)$/) }),
    );
  });

  test.each(Object.entries(sound))("%s is sound", (_, record) => {
    expect(checkInvariants(record, catalogs)).toBeNull();
    expect(() => decodeRecord(encodeRecord(record, catalogs), catalogs)).not.toThrow();
  });
});
