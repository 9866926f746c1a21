/**
 * Moves events from records to the history. A commit leaves its events in the record's item, where they are safe; some time
 * later they go to the history in bulk, those of several commits in one item, and a commit that happens anyway takes them
 * out of the record. Whoever dies in between leaves nothing behind that the next one who commits doesn't find.
 */
import { MainspringError } from "@mainspring/core";
import type { Clock, Timers } from "../../ports.js";
import { createDelayLine } from "./delay-line.js";
import {
  type ChunkReference,
  decodeChunks,
  type EventChunk,
  MAX_ITEM_BYTES,
  MAX_ITEM_EVENTS,
} from "./event-chunks.js";
import { eventsKey } from "./history-keys.js";
import type { HistoryWrites } from "./history-writes.js";
import type { Item } from "./item-size.js";
import { type KnownChunk, type KnownPlayer, unsavedOf } from "./known-players.js";

/** So many unsaved bytes fill a write unit of the history: nothing is won by waiting for more. */
const FULL_BYTES = 900;

/** So many players wait for their turn at most; past it the one who waited longest goes at once. */
const MAX_WAITING_PLAYERS = 50_000;

/** A commit waits so long at most until the events before it are in the history. */
const MAX_WAIT_MS = 5_000;

export interface JournalMoverOptions {
  readonly writes: HistoryWrites;
  readonly timers: Timers;
  /** How long a player's events may wait for more of them. */
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly clock: Clock;
  /** Reads what was written ahead. */
  readonly readParts: (playerId: string, reference: ChunkReference) => Promise<readonly Uint8Array[]>;
}

export interface JournalMover {
  /** Has a player's unsaved events moved, at a time of its own. */
  schedule(player: KnownPlayer): void;
  /** @throws MainspringError `STORE_UNAVAILABLE` when they are not in the history after a bounded time */
  moveNow(player: KnownPlayer): Promise<void>;
  /** Resolves when a try was made to move all that waits. */
  flush(): Promise<void>;
  /** Events that only records hold, of players who wait for their turn. */
  unsavedEvents(): number;
}

export function createJournalMover(options: JournalMoverOptions): JournalMover {
  const { writes, timers, delayMs } = options;
  const underWay = new Set<KnownPlayer>();
  /** Players whose next commit waits, and calls of flush() that do: for them nothing lingers. */
  const awaited = new Set<KnownPlayer>();
  let flushing = 0;
  const move = async (player: KnownPlayer): Promise<void> => {
    // One that failed is tried again here.
    while (player.moving !== null) await player.moving.catch(() => undefined);
    const chunks = player.chunks.filter(({ unsaved }) => unsaved !== null);
    if (chunks.length === 0) return;
    underWay.add(player);
    player.moving = moveChunks(player.playerId, chunks, {
      ...options,
      urgency: () => (flushing > 0 || awaited.has(player) ? "now" : "bulk"),
    }).finally(() => {
      player.moving = null;
      underWay.delete(player);
    });
    await player.moving;
  };
  const tryToMove = async (player: KnownPlayer): Promise<void> => {
    line.take(player.playerId);
    try {
      await move(player);
    } catch {
      // They are safe in the record. Another try comes in time, or with the player's next commit.
      if (line.get(player.playerId) === undefined) line.addAgain(player.playerId, player);
    }
  };
  const line = createDelayLine<KnownPlayer>({
    timers,
    delayMs,
    maxWaiting: MAX_WAITING_PLAYERS,
    letGo: (_playerId, player) => void tryToMove(player),
  });
  return {
    schedule(player) {
      const { eventCount, sizeBytes } = unsavedOf(player);
      if (eventCount === 0) return;
      line.add(player.playerId, player);
      // With as many events as a record may hold the next commit would have to wait. One try at a time: the others wait in the line.
      const isFull = sizeBytes >= FULL_BYTES || eventCount >= MAX_ITEM_EVENTS;
      if (isFull && player.moving === null) void tryToMove(player);
    },
    async moveNow(player) {
      awaited.add(player);
      // What is on its way already may linger.
      if (player.moving !== null) writes.hurry();
      try {
        await within(timers, move(player));
      } finally {
        awaited.delete(player);
      }
    },
    async flush() {
      flushing += 1;
      const moves = line.entries().map(async ([, player]) => tryToMove(player));
      const onTheirWay = [...underWay].map(async ({ moving }) => moving);
      const settled = Promise.allSettled([...moves, ...onTheirWay]);
      await writes.flush();
      await settled;
      flushing -= 1;
    },
    unsavedEvents() {
      const players = new Set([...underWay, ...line.entries().map(([, player]) => player)]);
      return [...players].reduce((sum, player) => sum + unsavedOf(player).eventCount, 0);
    },
  };
}

async function moveChunks(
  playerId: string,
  chunks: readonly KnownChunk[],
  options: JournalMoverOptions & { readonly urgency: () => "now" | "bulk" },
): Promise<void> {
  const items = await itemsOf(playerId, chunks, options);
  await Promise.all(items.map(async (item) => options.writes.put(item, options.urgency())));
  for (const chunk of chunks) {
    chunk.unsaved = null;
    chunk.parts = null;
  }
}

async function within(timers: Timers, moving: Promise<void>): Promise<void> {
  let cancel: () => void = () => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    cancel = timers.after(MAX_WAIT_MS, () => reject(late()));
  });
  try {
    await Promise.race([moving, tooLate]);
  } catch (cause) {
    if (cause instanceof MainspringError && cause.code !== "OVERLOADED") throw cause;
    throw late(cause);
  } finally {
    cancel();
    // When it comes too late nobody is left to hear of its failure.
    moving.catch(() => undefined);
  }
}

function late(cause?: unknown): MainspringError {
  const text = "The player's events can't be moved to the history, and the record holds as many as it may.";
  return new MainspringError("STORE_UNAVAILABLE", text, {}, { cause });
}

/** Items of the history for these chunks: as few as will hold them, in order. */
async function itemsOf(
  playerId: string,
  chunks: readonly KnownChunk[],
  { retentionMs, clock, readParts }: Pick<JournalMoverOptions, "retentionMs" | "clock" | "readParts">,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let run: Run | null = null;
  const close = (): void => {
    if (run !== null) items.push(eventItem(playerId, run, retentionMs));
    run = null;
  };
  for (const { unsaved, parts } of chunks) {
    if (unsaved === null) continue;
    const { content, incarnation, value } = unsaved;
    // What nobody is shown any more needs no place there; and what was written ahead of it may be gone.
    if (content.atMs + retentionMs <= clock.nowMs()) continue;
    const values = "entries" in content ? [value] : (parts ?? (await readParts(playerId, content)));
    for (const part of values) {
      const added: Run = { incarnation, values: [part], chunks: decodeChunks(part) };
      const joined: Run | null = run === null ? null : join(run, added);
      if (joined === null) close();
      run = joined ?? added;
    }
  }
  close();
  return items;
}

interface Run {
  readonly incarnation: number;
  readonly values: readonly Uint8Array[];
  readonly chunks: readonly EventChunk[];
}

/** `null` where the two don't fit into one item. */
function join(run: Run, added: Run): Run | null {
  const values = [...run.values, ...added.values];
  const chunks = [...run.chunks, ...added.chunks];
  const eventCount = chunks.reduce((sum, { entries }) => sum + entries.length, 0);
  const sizeBytes = values.reduce((sum, value) => sum + value.length, 0);
  const fits = eventCount <= MAX_ITEM_EVENTS && sizeBytes <= MAX_ITEM_BYTES;
  // A reader counts on it that an item has no gaps.
  const goesOn = lastNumberOf(run.chunks) + 1 === (added.chunks[0]?.entries[0]?.number ?? 0);
  return fits && goesOn && run.incarnation === added.incarnation ? { ...run, values, chunks } : null;
}

function lastNumberOf(chunks: readonly EventChunk[]): number {
  return chunks.at(-1)?.entries.at(-1)?.number ?? 0;
}

export function eventItem(playerId: string, { incarnation, values, chunks }: Run, retentionMs: number): Item {
  const entries = chunks.flatMap((chunk) => chunk.entries);
  const range = {
    incarnation,
    firstNumber: entries[0]?.number ?? 0,
    lastNumber: entries.at(-1)?.number ?? 0,
  };
  const atMs = chunks.reduce((latest, chunk) => Math.max(latest, chunk.atMs), 0);
  return {
    p: { S: playerId },
    k: { S: eventsKey(range) },
    b: { B: Buffer.concat(values) },
    x: { N: expirySeconds(atMs, retentionMs) },
  };
}

/** For DynamoDB's time to live: not before the instant after which nobody is shown it any more. */
export function expirySeconds(atMs: number, retentionMs: number): string {
  return String(Math.ceil((atMs + retentionMs) / 1_000));
}
