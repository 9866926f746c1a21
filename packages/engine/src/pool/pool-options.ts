/** What a pool can be told, with its defaults and the bounds that nobody has to choose. */
import assert from "node:assert/strict";
import type { Clock, Timers } from "../ports.js";
import { systemTimers } from "../system-timers.js";

export interface ConnectionPoolOptions {
  /** Default: 10. */
  readonly maxConnections?: number;
  /** Kept open while the pool is in use. Default: 2, or `maxConnections` if that is less. */
  readonly minConnections?: number;
  /** All that a request may take: waiting, connecting and the answer. Default: 5,000 ms. */
  readonly connectionTimeoutMs?: number;
  /** A connection above the minimum is closed when nobody used it for so long. Default: 300,000 ms. */
  readonly idleTimeoutMs?: number;
  /** Requests that may wait for a connection; more get `OVERLOADED`. Default: 100 for each of `maxConnections`. */
  readonly maxWaiting?: number;
  /** A connection that heard nothing for so long is asked whether it lives before it is used. Default: 4,000 ms. */
  readonly checkAfterMs?: number;
  /** When a request has waited for so long, more connections are opened. Default: 5 ms. */
  readonly growAfterMs?: number;
  /** Use is counted per period, and the pool shrinks by it. Default: 60,000 ms. */
  readonly usagePeriodMs?: number;
  /** Certificates to trust instead of those that Node.js trusts, as PEM. */
  readonly ca?: string;
  /** Default: the real ones. */
  readonly timers?: Timers;
  /** Milliseconds by the clock on the wall; a freeze may show only there. Default: `Date.now`. */
  readonly wallClock?: Clock;
}

export type PoolSettings = Required<Omit<ConnectionPoolOptions, "ca">> & Pick<ConnectionPoolOptions, "ca">;

const DEFAULTS = {
  maxConnections: 10,
  connectionTimeoutMs: 5_000,
  idleTimeoutMs: 300_000,
  checkAfterMs: 4_000,
  growAfterMs: 5,
  usagePeriodMs: 60_000,
  timers: systemTimers,
  wallClock: { nowMs: () => Date.now() },
};

const MIN_CONNECTIONS = 2;
const WAITING_PER_CONNECTION = 100;

/** How often the pool looks after its connections while it has some. */
export const TICK_MS = 1_000;

/** A tick that comes so much too late was not late: the process stood still. */
export const FREEZE_JUMP_MS = 2_000;

/** Once, a request whose time ran out during a freeze gets so long to read an answer that may lie there already. */
export const FREEZE_GRACE_MS = 1_000;

/** How long a connection may take to show that it lives. */
export const CHECK_TIMEOUT_MS = 1_000;

/**
 * On a connection that was quiet for so long, the pool listens before it speaks: it lets the event loop read what has arrived,
 * for the server's goodbye may be among it, unread because this process was busy. Costs two turns of the loop.
 */
export const QUIET_MS = 20;

/** A connection that the server promised to keep for some time is checked from so long before the end of it. */
export const HINT_MARGIN_MS = 1_000;

/** So many openings fail in a row before those who wait are told. */
export const MAX_OPENING_FAILURES = 3;

/** After the first failed opening the next one waits so long, after each further one twice as long, up to the maximum. */
export const REOPEN_AFTER_MS = 20;
export const REOPEN_AFTER_MAX_MS = 1_000;

/** A connection that died so young without an answer counts as a failed opening. */
export const INFANT_MS = 1_000;

/** A request that could not be sent goes to another connection, so many times. */
export const MAX_MOVES = 8;

/** More than the largest answer of DynamoDB (16 MB of items, written as JSON). */
export const MAX_ANSWER_BYTES = 64 * 1024 ** 2;

/** @throws AssertionError for numbers that make no pool */
export function settingsOf(options: ConnectionPoolOptions): PoolSettings {
  const maxConnections = options.maxConnections ?? DEFAULTS.maxConnections;
  const settings = {
    ...DEFAULTS,
    minConnections: Math.min(MIN_CONNECTIONS, maxConnections),
    maxWaiting: WAITING_PER_CONNECTION * maxConnections,
    ...options,
  };
  const { minConnections, maxWaiting } = settings;
  assert(Number.isInteger(maxConnections) && maxConnections >= 1, "maxConnections is a whole number from 1");
  assert(
    Number.isInteger(minConnections) && minConnections >= 0 && minConnections <= maxConnections,
    "minConnections is a whole number from 0 to maxConnections",
  );
  assert(Number.isInteger(maxWaiting) && maxWaiting >= 0, "maxWaiting is a whole number from 0");
  for (const name of [
    "connectionTimeoutMs",
    "idleTimeoutMs",
    "checkAfterMs",
    "growAfterMs",
    "usagePeriodMs",
  ] as const) {
    assert(settings[name] > 0, `${name} is above 0`);
  }
  return settings;
}
