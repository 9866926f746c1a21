/**
 * One clock and one queue of events for a whole history: what happens, happens at an instant of simulated time, one thing
 * after the other, and all that it set going is done before the next. So a seed gives the same history each time.
 */

/** A history has no more than this; one that has more runs in a circle. */
const MAX_EVENTS = 400_000;

export interface World {
  /** Simulated time, from 0, to the microsecond. */
  nowMs(): number;
  /** Runs something after so long. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
  /** Resolves after so long. */
  wait(delayMs: number): Promise<void>;
  /** Lets the world go on until an instant, or until nothing is left to happen. */
  runUntil(untilMs: number): Promise<void>;
  /** Events so far. */
  eventCount(): number;
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

export function createWorld(): World {
  const heap: Happening[] = [];
  let nowMs = 0;
  let order = 0;
  let eventCount = 0;
  const after = (delayMs: number, run: () => void): (() => void) => {
    const atMs = Math.round((nowMs + Math.max(0, delayMs)) * 1000) / 1000;
    order += 1;
    const happening: Happening = { atMs, order, run };
    push(heap, happening);
    return () => {
      happening.run = null;
    };
  };
  return {
    nowMs: () => nowMs,
    after,
    wait: async (delayMs) =>
      new Promise<void>((resolve) => {
        after(delayMs, resolve);
      }),
    async runUntil(untilMs) {
      await quiet();
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.atMs > untilMs) break;
        pop(heap);
        if (next.run === null) continue;
        eventCount += 1;
        if (eventCount > MAX_EVENTS) throw new Error(`More than ${MAX_EVENTS} events in one history.`);
        nowMs = next.atMs;
        next.run();
        await quiet();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
    eventCount: () => eventCount,
  };
}

/** All that is settled has been heard of by whoever waited for it. */
async function quiet(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function push(heap: Happening[], happening: Happening): void {
  let index = heap.length;
  heap.push(happening);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(happening, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = happening;
}

/** Takes the first one out. */
function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const leftIndex = 2 * index + 1;
    const left = heap[leftIndex];
    if (left === undefined) break;
    const right = heap[leftIndex + 1];
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, last)) break;
    heap[index] = child;
    index = isRight ? leftIndex + 1 : leftIndex;
  }
  heap[index] = last;
}
