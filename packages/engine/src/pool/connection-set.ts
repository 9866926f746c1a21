/**
 * The connections of a pool: opens them ahead of need, chooses among them, and lets go of those that are not needed. It
 * knows nothing of requests but how many wait.
 */
import type { Socket } from "node:net";
import { type Alarm, createAlarm } from "./alarm.js";
import { type Connection, createConnection } from "./connection.js";
import { createFreezeWatch, type FreezeWatch } from "./freeze-watch.js";
import { createOpener, type Opener } from "./opener.js";
import { poolError } from "./pool-errors.js";
import { INFANT_MS, MAX_OPENING_FAILURES, type PoolSettings, TICK_MS } from "./pool-options.js";
import type { CloseCause, ConnectionUsage } from "./pool-stats.js";
import { createRoster, type Roster } from "./roster.js";
import { createUsagePeriod, type UsagePeriod } from "./usage-period.js";
import { createWarmings, type Warmings } from "./warmings.js";

/** Who uses the connections. */
export interface ConnectionUser {
  /** Requests without a connection. */
  waiting(): number;
  /** A connection became ready. */
  onReady(): void;
  /** Again and again no connection could be opened, and there is none. */
  onUnreachable(reason: string): void;
}

export interface ConnectionCounts {
  readonly busy: number;
  readonly idle: number;
  readonly checking: number;
  readonly connecting: number;
  readonly opened: number;
  readonly openingFailures: number;
  readonly closed: Readonly<Record<CloseCause, number>>;
  readonly checks: number;
  readonly freezes: number;
}

export interface ConnectionSet {
  readonly period: UsagePeriod;
  /** The ready connection with the fewest uses in this period. Where there is none, sees to it that there will be. */
  take(): Connection | null;
  /** Resolves when so many are open. @throws MainspringError `STORE_UNAVAILABLE` when they can't be opened */
  warm(connectionCount: number): Promise<void>;
  counts(): ConnectionCounts;
  usage(): readonly ConnectionUsage[];
  /** Closes all at once and opens no more. */
  close(): void;
}

export interface ConnectionSetOptions {
  readonly endpoint: URL;
  readonly settings: PoolSettings;
  readonly user: ConnectionUser;
}

/** What the functions of this file work on. */
interface State extends ConnectionSetOptions {
  readonly roster: Roster;
  readonly opener: Opener;
  readonly warmings: Warmings;
  readonly period: UsagePeriod;
  readonly freezeWatch: FreezeWatch;
  readonly growth: Alarm;
  readonly ticks: Alarm;
  readonly closed: Record<CloseCause, number>;
  checks: number;
  takenAtMs: number;
  isClosed: boolean;
}

export function createConnectionSet(options: ConnectionSetOptions): ConnectionSet {
  const { endpoint, settings } = options;
  const { timers } = settings;
  const state: State = {
    ...options,
    roster: createRoster(),
    opener: createOpener({
      endpoint,
      settings,
      onOpen: (socket) => add(state, socket),
      onFailure: (reason, failuresInARow) => tellOfFailure(state, reason, failuresInARow),
      onRetry: () => refill(state),
    }),
    warmings: createWarmings(),
    period: createUsagePeriod({ startedAtMs: timers.nowMs(), periodMs: settings.usagePeriodMs }),
    freezeWatch: createFreezeWatch(settings),
    growth: createAlarm(timers, () => grow(state)),
    ticks: createAlarm(timers, () => tick(state)),
    closed: { idle: 0, dead: 0, shrunk: 0, frozen: 0, abandoned: 0, shutdown: 0 },
    checks: 0,
    takenAtMs: timers.nowMs(),
    isClosed: false,
  };
  const { roster, opener, warmings, period, freezeWatch, closed } = state;
  return {
    period,
    take: () => take(state),
    async warm(connectionCount) {
      state.takenAtMs = timers.nowMs();
      const wanted = Math.min(connectionCount, settings.maxConnections);
      if (roster.size() >= wanted) return;
      const isWarm = warmings.wait(wanted);
      refill(state);
      await isWarm;
    },
    counts: () => ({
      busy: roster.count("busy"),
      idle: roster.count("ready"),
      checking: roster.count("checking"),
      connecting: opener.underWay(),
      opened: opener.opened(),
      openingFailures: opener.failures(),
      closed: { ...closed },
      checks: state.checks,
      freezes: freezeWatch.count(),
    }),
    usage: () => roster.usage(timers.nowMs()),
    close: () => close(state),
  };
}

// Choosing.

function take(state: State): Connection | null {
  const nowMs = state.settings.timers.nowMs();
  state.takenAtMs = nowMs;
  noticeFreeze(state);
  if (sizeOf(state) > 0) state.ticks.set(TICK_MS);
  const best = state.roster.leastUsed((connection) => !connection.trust.isDoubtful(nowMs));
  if (best !== null) return best;
  checkDoubtful(state, nowMs);
  seeToGrowth(state);
  return null;
}

/** Asks as many silent connections whether they live as requests wait for one, the one that comes now among them. */
function checkDoubtful(state: State, nowMs: number): void {
  const { roster, user } = state;
  let missing = Math.max(1, user.waiting()) - roster.count("checking");
  for (const connection of roster.all()) {
    if (missing <= 0) return;
    if (connection.state !== "ready" || !connection.trust.isDoubtful(nowMs)) continue;
    missing -= 1;
    state.checks += 1;
    connection.check();
  }
}

function noticeFreeze({ freezeWatch, roster, ticks }: State): void {
  // At rest nobody looks at the clocks; connections that outlast a rest have been silent for too long anyway.
  if (!ticks.isSet()) freezeWatch.restart();
  else if (freezeWatch.stoodStill()) for (const connection of roster.all()) connection.trust.doubt();
}

// Opening.

const sizeOf = ({ roster, opener }: State): number => roster.size() + opener.underWay();

function open(state: State): void {
  if (!state.ticks.isSet()) {
    state.freezeWatch.restart();
    state.ticks.set(TICK_MS);
  }
  state.opener.open();
}

function add(state: State, socket: Socket): void {
  const { endpoint, settings, roster, opener, user } = state;
  const connection = createConnection({
    number: opener.opened(),
    endpoint,
    socket,
    timers: settings.timers,
    checkAfterMs: settings.checkAfterMs,
    onReady() {
      opener.noteSuccess();
      user.onReady();
    },
    onClosed: (cause) => remove(state, connection, cause),
  });
  roster.add(connection);
  state.warmings.noteOpen(roster.size());
  user.onReady();
}

function remove(state: State, connection: Connection, cause: CloseCause): void {
  const { roster, opener, closed, settings } = state;
  closed[cause] += 1;
  roster.remove(connection);
  const ageMs = settings.timers.nowMs() - connection.openedAtMs;
  // Else a server that accepts and hangs up at once would be called again and again without a pause.
  if (cause === "dead" && !connection.trust.hasAnswered() && ageMs < INFANT_MS)
    opener.noteFailure("closed at once");
  else refill(state);
}

function tellOfFailure(state: State, reason: string, failuresInARow: number): void {
  if (failuresInARow < MAX_OPENING_FAILURES || sizeOf(state) > 0) return;
  const message = `No connection could be opened, ${failuresInARow} times in a row (${reason}).`;
  state.warmings.fail(poolError({ cause: "unreachable", mayHaveHappened: false, message }));
  state.user.onUnreachable(reason);
}

/** Opens what is missing: for those who wait, for who warms up, and up to the minimum while the pool is in use. */
function refill(state: State): void {
  const { settings, user, warmings, opener } = state;
  if (state.isClosed || opener.isPutOff()) return;
  const isInUse = settings.timers.nowMs() - state.takenAtMs < settings.idleTimeoutMs;
  const least = Math.max(isInUse ? settings.minConnections : 0, user.waiting() > 0 ? 1 : 0);
  const wanted = Math.min(settings.maxConnections, Math.max(least, warmings.wanted()));
  for (let missing = wanted - sizeOf(state); missing > 0; missing -= 1) open(state);
  if (user.waiting() > 0) seeToGrowth(state);
}

// Growing and shrinking.

/** Called when a request finds no connection. */
function seeToGrowth(state: State): void {
  if (state.isClosed || state.opener.isPutOff()) return;
  if (sizeOf(state) === 0) open(state);
  if (sizeOf(state) < state.settings.maxConnections) state.growth.set(state.settings.growAfterMs);
}

/** Some have waited for a while: opens as many connections as wait, and at most as many as there are or are coming. */
function grow(state: State): void {
  const { opener, roster, user, settings } = state;
  if (state.isClosed || opener.isPutOff()) return;
  const missing = user.waiting() - opener.underWay() - roster.count("checking");
  const room = settings.maxConnections - sizeOf(state);
  const more = Math.min(missing, room, Math.max(1, sizeOf(state)));
  for (let left = more; left > 0; left -= 1) open(state);
  if (user.waiting() > 0) seeToGrowth(state);
}

/** Lets go of half of what the period's load didn't need, if nobody had to wait: load that comes back finds the rest. */
function shrink({ period, settings, user, roster }: State): void {
  if (period.waits().maxMs >= settings.growAfterMs || user.waiting() > 0) return;
  const needed = Math.max(settings.minConnections, period.peakBusy());
  for (let left = Math.ceil((roster.size() - needed) / 2); left > 0; left -= 1) {
    roster.leastUsed(() => true)?.close("shrunk");
  }
}

/** Looks after the connections, each second while the pool is in use or has more than it keeps at rest. */
function tick(state: State): void {
  const { settings, roster, period, ticks, opener, user } = state;
  const nowMs = settings.timers.nowMs();
  ticks.set(TICK_MS);
  noticeFreeze(state);
  if (period.isOver(nowMs)) {
    shrink(state);
    period.reset(nowMs);
    period.noteBusy(roster.count("busy"));
    for (const connection of roster.all()) connection.uses = 0;
  }
  for (const connection of roster.all()) {
    if (roster.size() <= settings.minConnections) break;
    const isIdle = connection.state === "ready" && nowMs - connection.usedAtMs >= settings.idleTimeoutMs;
    if (isIdle) connection.close("idle");
  }
  refill(state);
  const isInUse = nowMs - state.takenAtMs < settings.idleTimeoutMs || user.waiting() > 0;
  if (!isInUse && opener.underWay() === 0 && roster.size() <= settings.minConnections) ticks.clear();
}

function close(state: State): void {
  const { ticks, growth, opener, warmings, roster } = state;
  state.isClosed = true;
  for (const part of [ticks, growth]) part.clear();
  opener.close();
  const message = "The pool was closed before it was warm.";
  warmings.fail(poolError({ cause: "shutting-down", mayHaveHappened: false, message }));
  for (const connection of roster.all()) connection.close("shutdown");
}
