/**
 * What is under way. In Node.js most waiting happens before anybody notices: sockets that are ready wait for the event loop. So a request
 * counts as begun when the turn of the loop did in which it came, and as under way until the turn ends in which it was answered: of 1,000
 * sockets that are ready at once the last one waits for all others, whatever its own handler takes.
 */
import type { Timers } from "../ports.js";
import type { Account } from "./accounts.js";
import type { Pass } from "./overload-limit.js";

/** Some who have left. */
export interface Departure {
  readonly count: number;
  readonly sinceMs: number;
  readonly nowMs: number;
}

export interface UnderWayParts {
  readonly accounts: readonly Account[];
  readonly timers: Pick<Timers, "nowMs">;
  readonly afterTurn: (run: () => void) => void;
  readonly onLeft: (account: Account, departure: Departure) => void;
}

export interface UnderWay {
  /** Begins a turn, unless there is one. @returns whether it began now */
  beginTurn(): boolean;
  admit(account: Account): Pass;
  count(): number;
  /** The most at once since it was last asked. */
  takeMost(): number;
}

export function createUnderWay({ accounts, timers, afterTurn, onLeft }: UnderWayParts): UnderWay {
  let inFlight = 0;
  let mostInFlight = 0;
  let turn = 0;
  let isTurn = false;
  let turnAtMs = 0;

  const leave = (account: Account, departure: Departure): void => {
    account.inFlight -= departure.count;
    inFlight -= departure.count;
    onLeft(account, departure);
  };

  const endTurn = (): void => {
    isTurn = false;
    const nowMs = timers.nowMs();
    for (const account of accounts) {
      const count = account.leaving;
      account.leaving = 0;
      if (count > 0) leave(account, { count, sinceMs: turnAtMs, nowMs });
    }
  };

  return {
    beginTurn() {
      if (isTurn) return false;
      isTurn = true;
      turn += 1;
      turnAtMs = timers.nowMs();
      afterTurn(endTurn);
      return true;
    },
    admit(account) {
      account.admitted += 1;
      account.inFlight += 1;
      inFlight += 1;
      if (inFlight > mostInFlight) mostInFlight = inFlight;
      const cameIn = turn;
      const sinceMs = turnAtMs;
      let isDone = false;
      return {
        isAdmitted: true,
        done() {
          if (isDone) throw new Error("A request has ended twice.");
          isDone = true;
          // What has left in the turn in which it came makes room when that turn ends.
          if (isTurn && turn === cameIn) account.leaving += 1;
          else leave(account, { count: 1, sinceMs, nowMs: timers.nowMs() });
        },
      };
    },
    count: () => inFlight,
    takeMost() {
      const most = mostInFlight;
      mostInFlight = inFlight;
      return most;
    },
  };
}
