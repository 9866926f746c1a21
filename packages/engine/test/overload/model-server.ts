/**
 * A server as a model: one event loop that works off what is ready turn by turn, a store with so many workers behind it, and clients who
 * come at random times and don't care whether it keeps up. Time is computed: an hour takes a second or two.
 */
import type { OverloadLimit, RequestPriority, Timers } from "../../src/ports.js";
import {
  createOverloadLimit,
  type CreateOverloadLimitOptions,
} from "../../src/overload/create-overload-limit.js";

export interface Cost {
  /** What the event loop works for it before and after the store. */
  readonly loopMs: number;
  /** What a worker of the store works for it, on average; 0: it is answered in the same turn. */
  readonly storeMs: number;
}

export interface ModelOptions {
  readonly random: () => number;
  readonly costs: Readonly<Record<RequestPriority, Cost>>;
  readonly mix: Readonly<Record<RequestPriority, number>>;
  readonly workers: number;
  readonly refusalMs: number;
  readonly untilMs: number;
  /** Requests per second at an instant. */
  readonly perSecond: (nowMs: number) => number;
  /** How many times slower the store is than usual. Default: 1 */
  readonly slowness?: (nowMs: number) => number;
  /** Whole turns in which nothing is answered: as long as it says, if it says so. Default: none */
  readonly pauseMs?: () => number;
  /** Looked at each second. */
  readonly onSecond?: (nowMs: number, limit: OverloadLimit) => void;
  readonly limit?: Partial<CreateOverloadLimitOptions>;
}

/** One request, as its client sees it. */
export interface Seen {
  readonly priority: RequestPriority;
  readonly atMs: number;
  /** `null`: refused. */
  readonly tookMs: number | null;
}

export interface Model {
  readonly seen: readonly Seen[];
  readonly limit: OverloadLimit;
}

const SECOND_MS = 1000;

interface Ready {
  readonly atMs: number;
  readonly run: () => void;
}

/** How many requests per second the model can answer of a mix. */
export function capacityOf({ costs, mix, workers }: Pick<ModelOptions, "costs" | "mix" | "workers">): number {
  const mean = (of: keyof Cost): number =>
    mix.command * costs.command[of] + mix.read * costs.read[of] + mix.low * costs.low[of];
  return SECOND_MS / Math.max(mean("loopMs"), mean("storeMs") / workers);
}

export function runModel(options: ModelOptions): Model {
  const { random, costs, mix, untilMs, perSecond, refusalMs, slowness = () => 1 } = options;
  let nowMs = 0;
  const timers = createModelTimers(() => nowMs);
  let afterTurn: (() => void)[] = [];
  const limit = createOverloadLimit({
    timers,
    random,
    afterTurn: (run) => void afterTurn.push(run),
    ...options.limit,
  });
  const seen: Seen[] = [];
  const finished = createQueue();
  const workersFreeAtMs = Array.from({ length: options.workers }, () => 0);
  const work = (storeMs: number, then: () => void): void => {
    const at = workersFreeAtMs.indexOf(Math.min(...workersFreeAtMs));
    const startsAtMs = Math.max(nowMs, workersFreeAtMs[at] ?? 0);
    const endsAtMs = startsAtMs + exponential(random) * storeMs * slowness(startsAtMs);
    workersFreeAtMs[at] = endsAtMs;
    finished.add({ atMs: endsAtMs, run: then });
  };
  const arrive = (atMs: number): void => {
    const draw = random();
    const priority = draw < mix.command ? "command" : draw < mix.command + mix.read ? "read" : "low";
    const pass = limit.enter(priority);
    if (!pass.isAdmitted) {
      nowMs += refusalMs;
      seen.push({ priority, atMs, tookMs: null });
      return;
    }
    const { loopMs, storeMs } = costs[priority];
    const answer = (): void => {
      pass.done();
      seen.push({ priority, atMs, tookMs: nowMs - atMs });
    };
    if (storeMs === 0) {
      nowMs += loopMs;
      answer();
      return;
    }
    nowMs += loopMs / 2;
    work(storeMs, () => {
      nowMs += loopMs / 2;
      answer();
    });
  };
  const gapMs = (atMs: number): number => {
    const rate = perSecond(atMs);
    return rate === 0 ? SECOND_MS / 10 : (exponential(random) * SECOND_MS) / rate;
  };
  let arrivesAtMs = gapMs(0);
  let secondAtMs = SECOND_MS;
  while (nowMs < untilMs) {
    for (; secondAtMs <= nowMs; secondAtMs += SECOND_MS) options.onSecond?.(secondAtMs, limit);
    timers.fire();
    nowMs += options.pauseMs?.() ?? 0;
    const turnAtMs = nowMs;
    let isAnyReady = false;
    while (Math.min(arrivesAtMs, finished.nextAtMs()) <= turnAtMs) {
      isAnyReady = true;
      if (finished.nextAtMs() <= arrivesAtMs) {
        finished.take().run();
      } else {
        const atMs = arrivesAtMs;
        arrivesAtMs += gapMs(atMs);
        if (perSecond(atMs) > 0) arrive(atMs);
      }
    }
    const ended = afterTurn;
    afterTurn = [];
    for (const run of ended) run();
    if (!isAnyReady) {
      nowMs = Math.max(nowMs, Math.min(arrivesAtMs, finished.nextAtMs(), timers.nextAtMs(), secondAtMs));
    }
  }
  return { seen, limit };
}

const exponential = (random: () => number): number => -Math.log(1 - random());

function createModelTimers(nowMs: () => number): Timers & { fire(): void; nextAtMs(): number } {
  const waiting = new Set<Ready>();
  const nextAtMs = (): number => {
    let next = Infinity;
    for (const { atMs } of waiting) next = Math.min(next, atMs);
    return next;
  };
  return {
    nowMs,
    after(delayMs, run) {
      const timer = { atMs: nowMs() + delayMs, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    nextAtMs,
    fire() {
      const due = [...waiting].filter(({ atMs }) => atMs <= nowMs());
      for (const timer of due) {
        waiting.delete(timer);
        timer.run();
      }
    },
  };
}

/** A binary heap: the earliest first. */
function createQueue(): { add(ready: Ready): void; take(): Ready; nextAtMs(): number } {
  const heap: Ready[] = [];
  const at = (index: number): number => heap[index]?.atMs ?? Infinity;
  const swap = (one: number, other: number): void => {
    const moved = heap[one] as Ready;
    heap[one] = heap[other] as Ready;
    heap[other] = moved;
  };
  return {
    nextAtMs: () => at(0),
    add(ready) {
      let index = heap.push(ready) - 1;
      for (let up = (index - 1) >> 1; index > 0 && at(up) > at(index); up = (index - 1) >> 1) {
        swap(index, up);
        index = up;
      }
    },
    take() {
      const first = heap[0] as Ready;
      const last = heap.pop() as Ready;
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        const least = at(left + 1) < at(left) ? left + 1 : left;
        if (at(least) >= at(index)) return first;
        swap(index, least);
        index = least;
      }
    },
  };
}
