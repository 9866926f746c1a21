/** Random lives of players on a store, and what must be true of them in the end: by what the store said, and what it has. */
import assert from "node:assert/strict";
import { isMainspringError } from "@mainspring/core";
import type { JournalEntry, RecordWrite, Store, StoredRecord } from "../../../src/ports.js";
import type { SeededRandom } from "../seeded-random.js";

export const INCARNATION = 1_700_000_000_000;

/** A call that fails is made again so many times at most. */
const MAX_REPEATS = 200;

const LARGE_COMMIT = 150;

/** What was said of each try to commit, by the name that its record and events carry. */
export interface Told {
  readonly committed: Set<string>;
  readonly refused: Set<string>;
  readonly unsure: Set<string>;
}

export interface Lives {
  readonly playerIds: readonly string[];
  readonly told: Told;
  /** Lets every player make so many tries, on this store, beside whoever else does. */
  live(store: Store, who: string, tryCount: number): Promise<void>;
  /** Holds what the store has against what was said. */
  verify(store: Store): Promise<void>;
}

export function createLives(playerCount: number, random: SeededRandom): Lives {
  const playerIds = Array.from({ length: playerCount }, (_, index) => `player-${index}`);
  const told: Told = { committed: new Set(), refused: new Set(), unsure: new Set() };
  return {
    playerIds,
    told,
    async live(store, who, tryCount) {
      await Promise.all(
        playerIds.map(async (playerId) => {
          for (let index = 0; index < tryCount; index += 1) {
            await tryOnce(store, { playerId, name: `${playerId}/${who}/${index}` }, { told, random });
          }
        }),
      );
    },
    async verify(store) {
      for (const playerId of playerIds) await verifyPlayer(store, playerId, told);
    },
  };
}

async function tryOnce(
  store: Store,
  { playerId, name }: { readonly playerId: string; readonly name: string },
  { told, random }: { readonly told: Told; readonly random: SeededRandom },
): Promise<void> {
  const [before] = await untilItAnswers(async () => store.read([playerId]));
  const write = nextWrite(playerId, before ?? null, { name, random });
  try {
    const [outcome] = await store.commit([write]);
    (outcome?.status === "committed" ? told.committed : told.refused).add(name);
  } catch (error) {
    assert.ok(isMainspringError(error), String(error));
    if (error.code === "OVERLOADED") told.refused.add(name);
    else {
      assert.equal(error.code, "STORE_UNAVAILABLE");
      told.unsure.add(name);
    }
  }
}

/** The record says who wrote it and how many events there are up to it; each event says whose it is. */
function nextWrite(
  playerId: string,
  before: StoredRecord | null,
  { name, random }: { readonly name: string; readonly random: SeededRandom },
): RecordWrite {
  const known = before === null ? null : contentOf(before);
  const eventCount = known?.eventCount ?? 0;
  const added = random.integer(20) === 0 ? LARGE_COMMIT : 1 + random.integer(4);
  const content: Content = { name, before: known?.name ?? null, eventCount: eventCount + added };
  const events = Array.from({ length: added }, (_, index) => ({
    number: eventCount + index + 1,
    bytes: Buffer.from(`${name} ${index} of ${added} after ${known?.name ?? ""}`.padEnd(60)),
  }));
  const version = (before?.version ?? 0) + 1;
  return {
    expected: before === null ? null : { incarnation: INCARNATION, version: before.version },
    next: { playerId, incarnation: INCARNATION, version, bytes: Buffer.from(JSON.stringify(content)) },
    events,
  };
}

interface Content {
  readonly name: string;
  readonly before: string | null;
  readonly eventCount: number;
}

function contentOf({ bytes }: StoredRecord): Content {
  return JSON.parse(Buffer.from(bytes).toString()) as Content;
}

async function verifyPlayer(store: Store, playerId: string, told: Told): Promise<void> {
  const [record] = await untilItAnswers(async () => store.read([playerId]));
  const entries = await wholeJournal(store, playerId);
  const content = record ? contentOf(record) : null;
  assert.deepEqual(
    entries.map(({ number }) => number),
    Array.from({ length: content?.eventCount ?? 0 }, (_, index) => index + 1),
    "the journal has every event of the record, once, in order",
  );
  const names: string[] = [];
  for (const { bytes } of entries) {
    const [name = ""] = Buffer.from(bytes).toString().split(" ");
    if (names.at(-1) !== name) names.push(name);
  }
  assert.equal(new Set(names).size, names.length, "no commit happened twice");
  assert.equal(record?.version ?? 0, names.length, "the version counts the commits");
  assert.equal(content?.name, names.at(-1));
  const own = (name: string): boolean => name.startsWith(`${playerId}/`);
  const happened = new Set(names);
  const lost = [...told.committed].filter((name) => own(name) && !happened.has(name));
  assert.deepEqual(lost, [], "what was acknowledged is there");
  const wrong = [...told.refused].filter((name) => happened.has(name));
  assert.deepEqual(wrong, [], "what was refused is not");
  for (const name of names) assert.ok(told.committed.has(name) || told.unsure.has(name), name);
}

async function wholeJournal(store: Store, playerId: string): Promise<readonly JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (;;) {
    const query = { playerId, incarnation: INCARNATION, afterNumber: found.length, limit: 50 };
    const page = await untilItAnswers(async () => store.readEvents(query));
    if (page.length === 0) return found;
    found.push(...page);
  }
}

export async function untilItAnswers<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let repeat = 1; ; repeat += 1) {
    try {
      return await call();
    } catch (error) {
      if (repeat >= MAX_REPEATS || !isMainspringError(error)) throw error;
    }
  }
}
