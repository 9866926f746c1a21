/** How many bytes are stored of a busy player, and what they consist of. */
import { readFileSync } from "node:fs";
import {
  type Activity,
  type AmountMap,
  type Catalog,
  type Command,
  compileCatalog,
  type Item,
  type TaskRequest,
  type VisibleState,
} from "@mainspring/core";
import { createEngine, type Engine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import {
  createManualClock,
  decodeRecord,
  type ManualClock,
  measureRecord,
  type RecordSize,
} from "@mainspring/engine/testing";
import type { Finding, Row } from "../row.js";

const BUDGET_BYTES = 1024;

/** The record that the budget names. */
const TASK_COUNT = 20;
const ITEM_KIND_COUNT = 40;
const OWN_COMMAND_COUNT = 12;
const ADJUST_COUNT = 4;

/** What the embedded store puts before each record: incarnation and version. */
const STORE_HEAD_BYTES = 16;

const PLAYER = "player-000001";

const GIFT_KINDS = 12;

/** How often tasks are done: the first for longer than is played, the others as often as one might. */
const FIRST_ACTIVITY = "sift-scrapyard";
const LONG_REPEAT = 10_000;
const USUAL_REPEAT = 100;
const HALF_A_DAY_MS = 43_200_000;

/** The game that comes with the server. */
const CATALOG = new URL("../../../packages/server/catalogs/clockwork-foundry.json", import.meta.url);

/** How long the player has played: first a few tasks that end, then the first of those that are left. */
const EARLIER_MS = 2 * 3_600_000;
const PLAYED_MS = 3 * 3_600_000;
const COMMAND_EVERY_MS = 1000;

const OWN = { asPlayer: true } as const;

export const recordSize: Row = async () => {
  const catalog = compileCatalog(JSON.parse(readFileSync(CATALOG, "utf8")));
  const catalogs = new Map([[catalog.hash, catalog]]);
  const store = createMemoryStore();
  const clock = createManualClock();
  const engine = await createEngine({ store, clock, catalog: catalog.source });
  await play(engine, clock, catalog);
  const [stored] = await store.read([PLAYER]);
  await engine.close();
  if (stored === null || stored === undefined) throw new Error("The player was not stored.");
  const record = decodeRecord(stored.bytes, catalogs);
  const size = measureRecord(record, catalogs);
  const { state, ownDigests, adjustDigests } = record;
  const found = [state.lanes[0].tasks.length, state.items.size, ownDigests.length, adjustDigests.length];
  const wanted = [TASK_COUNT, ITEM_KIND_COUNT, OWN_COMMAND_COUNT, ADJUST_COUNT];
  if (String(found) !== String(wanted) || size.totalBytes !== stored.bytes.length) {
    throw new Error(`That is another record: ${String(found)} instead of ${String(wanted)}.`);
  }
  return [findingOf(size)];
};

/** A life that leads to such a record. */
async function play(engine: Engine, clock: ManualClock, catalog: Catalog): Promise<void> {
  const apply = async (key: string, command: Command): Promise<void> => {
    clock.advance(COMMAND_EVERY_MS);
    await engine.apply(PLAYER, command, { ...OWN, key });
  };
  const look = async (afterMs: number): Promise<VisibleState> => {
    clock.advance(afterMs);
    return (await engine.read(PLAYER, OWN)).state;
  };
  const requests = [...catalog.activities.values()].map(requestOf);
  await look(0);
  await apply("earlier", { type: "enqueue", tasks: requests.slice(0, TASK_COUNT) });
  await look(EARLIER_MS);
  await apply("afresh", { type: "stop" });
  for (let part = 1; part < ADJUST_COUNT; part += 1) {
    const items = giftOf([...catalog.items.values()].slice((part - 1) * GIFT_KINDS, part * GIFT_KINDS));
    await apply(`gift-${part}`, { type: "adjust", adjust: { items } });
  }
  await apply("first", {
    type: "enqueue",
    tasks: [{ activity: FIRST_ACTIVITY, repeat: LONG_REPEAT }],
  });
  const others = requests.slice(1, TASK_COUNT);
  const perCommand = Math.ceil(others.length / (OWN_COMMAND_COUNT - 1));
  for (let at = 0; at < others.length; at += perCommand) {
    await apply(`queue-${at}`, { type: "enqueue", tasks: others.slice(at, at + perCommand) });
  }
  for (const key of ["pause", "resume"] as const) await apply(key, { type: key });
  const { items } = await look(PLAYED_MS);
  await apply("gift-last", { type: "adjust", adjust: { items: roundOff(items, catalog) } });
}

/** As often as a player might, and within a day. */
function requestOf({ id, durationMs }: Activity): TaskRequest {
  return {
    activity: id,
    repeat: Math.min(USUAL_REPEAT, Math.floor(HALF_A_DAY_MS / durationMs)),
    onBlocked: "skip",
  };
}

/** Amounts from 1 to a few thousand, and none that takes more than one place. */
function giftOf(items: readonly Item[]): Record<string, number> {
  return Object.fromEntries(
    items.map(({ id, maxStack }, index) => [id, 1 + (((index + 1) * 1237) % Math.min(4999, maxStack))]),
  );
}

/** What is missing to the wanted number of kinds, or is too much. */
function roundOff(items: AmountMap, { items: known }: Catalog): Record<string, number> {
  const missing = [...known.values()]
    .filter(({ id }) => !items.has(id))
    .slice(0, Math.max(0, ITEM_KIND_COUNT - items.size));
  const surplus = [...items].slice(ITEM_KIND_COUNT).map(([id, amount]) => [id, -amount] as const);
  return { ...giftOf(missing), ...Object.fromEntries(surplus) };
}

function findingOf({ totalBytes, parts }: RecordSize): Finding {
  const storedBytes = totalBytes + STORE_HEAD_BYTES;
  const sizes = parts.filter(({ sizeBytes }) => sizeBytes > 1);
  const list = sizes.map(({ name, sizeBytes }) => `${name} ${sizeBytes}`).join(", ");
  return {
    what: `record of a player with ${TASK_COUNT} tasks and ${ITEM_KIND_COUNT} kinds of items`,
    measured: `${storedBytes} bytes`,
    budget: `≤ ${BUDGET_BYTES} bytes, with ${OWN_COMMAND_COUNT} + ${ADJUST_COUNT} digests and nothing unsaved`,
    isMet: storedBytes <= BUDGET_BYTES,
    how: `in the game that comes with the server, after hours of play: ${list}; incarnation and version ${STORE_HEAD_BYTES}`,
    figures: {
      storedBytes,
      ...Object.fromEntries(parts.map(({ name, sizeBytes }) => [`${name} (bytes)`, sizeBytes])),
    },
  };
}
