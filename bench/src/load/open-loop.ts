/**
 * Requests come by a schedule of their own, whether the server keeps up or not, as from players who don't know of each other.
 * What each took counts from the instant it was due, so a server that stalls is charged for everybody who would have asked meanwhile.
 */
import type { Timers } from "@mainspring/engine";
import { type Ask, createOutcomeCounter, type LoadFound, type OutcomeCounter } from "./outcome.js";

export interface OpenLoop {
  /** One for each player; they take turns, and each has one request under way at most. */
  readonly asks: readonly Ask[];
  /** The mean; the gaps between two requests are exponentially distributed. */
  readonly perSecond: number;
  readonly durationMs: number;
  readonly timers: Timers;
  /** Default: there is none. */
  readonly deadlineMs?: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** So many requests of a player wait for those before; more are not sent, and count as failed. */
const MAX_WAITING = 100;

/** As fine as timers are. What is due meanwhile goes a little late, and that counts, too. */
const TICK_MS = 1;

const MS_PER_SECOND = 1000;

interface Player {
  readonly ask: Ask;
  isAsking: boolean;
  readonly waitingSinceMs: number[];
}

/** Resolves when the last answer is there. */
export async function runOpenLoop(loop: OpenLoop): Promise<LoadFound> {
  const { asks, perSecond, durationMs, timers, random } = loop;
  const counter = createOutcomeCounter(loop.deadlineMs);
  const players = asks.map((ask): Player => ({ ask, isAsking: false, waitingSinceMs: [] }));
  const startedAtMs = timers.nowMs();
  const untilMs = startedAtMs + durationMs;
  const gapMs = (): number => (-Math.log(1 - random()) * MS_PER_SECOND) / perSecond;
  let okInTime = 0;
  await new Promise<void>((resolve) => {
    let underWayCount = 0;
    let dueAtMs = startedAtMs + gapMs();
    let nextPlayer = 0;
    const onDone = (isOk: boolean): void => {
      underWayCount -= 1;
      if (isOk && timers.nowMs() < untilMs) okInTime += 1;
      if (underWayCount === 0 && dueAtMs >= untilMs) resolve();
    };
    const tick = (): void => {
      for (; dueAtMs < untilMs && dueAtMs <= timers.nowMs(); dueAtMs += gapMs()) {
        underWayCount += 1;
        const player = players[nextPlayer];
        if (player === undefined) throw new Error("Nobody asks.");
        nextPlayer = (nextPlayer + 1) % players.length;
        arrive(player, { dueAtMs, counter, timers, onDone });
      }
      if (dueAtMs < untilMs) timers.after(TICK_MS, tick);
      else if (underWayCount === 0) resolve();
    };
    tick();
  });
  const drainMs = Math.max(0, timers.nowMs() - untilMs);
  return counter.found({ durationMs, okInTime, drainMs });
}

interface Arrival {
  readonly dueAtMs: number;
  readonly counter: OutcomeCounter;
  readonly timers: Timers;
  readonly onDone: (isOk: boolean) => void;
}

function arrive(player: Player, arrival: Arrival): void {
  const { dueAtMs, counter, timers, onDone } = arrival;
  if (!player.isAsking) {
    counter.countLag(timers.nowMs() - dueAtMs);
    askFor(player, arrival);
  } else if (player.waitingSinceMs.length < MAX_WAITING) {
    player.waitingSinceMs.push(dueAtMs);
  } else {
    counter.count("not-sent", 0);
    onDone(false);
  }
}

function askFor(player: Player, arrival: Arrival): void {
  const { dueAtMs, counter, timers, onDone } = arrival;
  player.isAsking = true;
  player.ask((outcome) => {
    player.isAsking = false;
    counter.count(outcome, timers.nowMs() - dueAtMs);
    const nextDueAtMs = player.waitingSinceMs.shift();
    if (nextDueAtMs !== undefined) askFor(player, { ...arrival, dueAtMs: nextDueAtMs });
    onDone(outcome === "ok");
  });
}
