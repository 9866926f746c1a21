/** The record that the size budget names: a player with a full queue and a full bag, some months in. */
import { createSeed, type PlayerState, type Task } from "@mainspring/core";
import { digestOf } from "../../src/record/digest.js";
import type { Digest, PlayerRecord } from "../../src/record/player-record.js";
import { FIRST_MS, SHIPPED } from "./sample-catalogs.js";

const NOW_MS = FIRST_MS + 90 * 86_400_000 + 12_345_678;

const ids = [...SHIPPED.items.keys()];
const skills = [...SHIPPED.skills.keys()];
const activities = [...SHIPPED.activities.keys()];
const slots = SHIPPED.slots;

/** Amounts from one digit to five, most of them two or three. */
function amounts(from: number, count: number, factor = 1): Map<string, number> {
  const sizes = [3, 17, 42, 96, 130, 255, 640, 1_800, 12_000, 7];
  return new Map(
    ids
      .slice(from, from + count)
      .map((id, index) => [id, (sizes[index % sizes.length] ?? 1) * factor + index]),
  );
}

function digests(count: number, prefix: string): Digest[] {
  return Array.from({ length: count }, (_, index) => ({
    key: digestOf(`${prefix}-key-${index}`),
    request: digestOf(`${prefix}-request-${index}`),
    revision: 890 + index * 3,
    eventNumber: 41_000 + index * 40,
    atMs: NOW_MS - 4_000_000 + index * 270_001,
  }));
}

function tasks(): Task[] {
  const none: ReadonlyMap<string, number> = new Map();
  const fresh = { cyclesDone: 0, failures: 0, ranMs: 0, rareFinds: 0, startedAtMs: null };
  const empty = { gave: none, took: none, stashed: none, discarded: none, xp: none };
  const queue = Array.from(
    { length: 20 },
    (_, index): Task => ({
      number: 870 + index,
      activity: activities[(index * 7) % activities.length] ?? "",
      repeat: 25 * (1 + (index % 9)),
      until: null,
      onBlocked: index % 3 === 0 ? "skip" : "wait",
      ...fresh,
      ...empty,
    }),
  );
  const [head, ...others] = queue;
  if (head === undefined) return queue;
  const totals = { gave: amounts(4, 3), took: amounts(20, 2), xp: new Map([[skills[1] ?? "", 1_225]]) };
  return [
    {
      ...head,
      ...totals,
      cyclesDone: 17,
      failures: 2,
      ranMs: 340_000,
      rareFinds: 1,
      startedAtMs: NOW_MS - 355_000,
    },
    ...others,
  ];
}

const state: PlayerState = {
  catalog: SHIPPED.hash,
  catalogAtMs: FIRST_MS + 80 * 86_400_000,
  clockOffsetMs: 0,
  settledAtMs: NOW_MS,
  lastSeenMs: NOW_MS - 7_200_000,
  revision: 940,
  eventCount: 41_900,
  nextTask: 890,
  items: amounts(0, 40),
  stash: new Map(),
  xp: new Map(skills.slice(0, 6).map((id, index) => [id, 1_500 * 3 ** index])),
  equipped: new Map(slots.slice(0, 3).map((slot, index) => [slot, ids[41 + index] ?? ""])),
  effects: [],
  lanes: [
    {
      tasks: tasks(),
      cycle: {
        startedAtMs: NOW_MS,
        durationMs: 20_000,
        successPpm: 930_000,
        yieldPpm: 150_000,
        xpPpm: 1_100_000,
        catalog: SHIPPED.hash,
      },
      paused: null,
      blocked: null,
    },
  ],
  totals: new Map(
    SHIPPED.kinds.map((kind, index) => [
      kind,
      {
        tasks: 290,
        cycles: 14_000,
        failures: 900,
        timeMs: 2_500_000_000,
        rewards: amounts(index * 14, 14 - (index === 2 ? 2 : 0), 30),
      },
    ]),
  ),
  seed: createSeed(digestTwice("seed")),
};

function digestTwice(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digestOf(text) + digestOf(`${text} again`), "latin1"));
}

export const TYPICAL: PlayerRecord = {
  state,
  ownDigests: digests(12, "own"),
  adjustDigests: digests(4, "adjust"),
};
