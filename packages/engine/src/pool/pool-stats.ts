/** What a connection pool says about itself: all that operators and tests may want to know, and no secret. */

/** Why the pool has one connection fewer. */
export type CloseCause =
  /** Nobody used it for `idleTimeoutMs`. */
  | "idle"
  /** The server closed it, or it broke. */
  | "dead"
  /** The load of the last period needed fewer. */
  | "shrunk"
  /** It didn't survive a freeze of this process. */
  | "frozen"
  /** The request on it was given up, and the answer would have got in the way of the next one. */
  | "abandoned"
  /** The pool was closed. */
  | "shutdown";

/** Why a request had no answer. */
export type FailureCause =
  /** Too many waited already. */
  | "overloaded"
  | "shutting-down"
  /** In time, no connection became free. */
  | "waiting-timeout"
  /** In time, no connection could be opened. */
  | "connecting-timeout"
  /** It was sent, and no complete answer came in time. */
  | "answering-timeout"
  /** The server can't be reached. */
  | "unreachable"
  /** It was sent, and the connection broke before the answer was complete. */
  | "broken-off"
  /** The caller's signal called it off. */
  | "aborted"
  /** The pool can't carry such a request: another endpoint, or a body that is a stream. */
  | "unsupported";

export interface ConnectionUsage {
  /** Counts the connections that this pool has opened. */
  readonly number: number;
  /** Requests in this period. */
  readonly uses: number;
  /** HTTP/1.1 answers in order: 0 or 1. */
  readonly inFlight: number;
  readonly ageMs: number;
  /** Since its last answer; 0 while one is awaited. */
  readonly idleMs: number;
}

/** How long requests waited for a connection in this period; those that found one at once count as 0. */
export interface WaitStats {
  readonly meanMs: number;
  readonly maxMs: number;
  /** Requests that got a connection in this period. */
  readonly requests: number;
}

export interface PoolStats {
  readonly minConnections: number;
  readonly maxConnections: number;
  readonly connections: {
    /** Busy, idle and being checked. */
    readonly open: number;
    readonly busy: number;
    readonly idle: number;
    /** Asked whether they still live, before they are used again. */
    readonly checking: number;
    readonly connecting: number;
  };
  readonly maxWaiting: number;
  /** Requests without a connection now. */
  readonly waiting: number;
  /** The most that ever waited. */
  readonly mostWaiting: number;
  readonly waits: WaitStats;
  /** Requests accepted, answered or not. */
  readonly requests: number;
  /** Requests that got an answer, whatever its status. */
  readonly answers: number;
  /** Requests without an answer, by cause. */
  readonly failures: Readonly<Record<FailureCause, number>>;
  /** Requests refused because too many waited; also in `failures`. */
  readonly refused: number;
  /** Requests that ran out of time, waiting, connecting or for their answer; also in `failures`. */
  readonly timeouts: number;
  /** Requests that were given to another connection because the first was gone before a byte was sent. */
  readonly moved: number;
  readonly opened: number;
  readonly openingFailures: number;
  readonly closed: Readonly<Record<CloseCause, number>>;
  /** Checks of connections that had been silent for long. */
  readonly checks: number;
  /** How often this process was found to have stood still. */
  readonly freezes: number;
  readonly periodMs: number;
  /** The open connections, oldest first. */
  readonly usage: readonly ConnectionUsage[];
}
