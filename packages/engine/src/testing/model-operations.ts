/**
 * What the second tier does with a request, in plain TypeScript: each function here stands beside one of the Lua scripts of
 * `cache/redis/scripts/`, decides the same, and names things the same. A test gives both the same requests.
 */
import {
  type Announcement,
  type BeatAnswer,
  type BeatRequest,
  type DropRequest,
  FLOOR_LIFE_MS,
  type FillRequest,
  GROUP_LIFE_MS,
  type Look,
  type LookRequest,
  MAX_RECENT,
  type PutNextRequest,
  type PutRequest,
  type RemoteValue,
  type Sender,
  type Subject,
} from "../cache/remote.js";
import { compareStamps, isOlder, NO_STAMP, newerOf } from "../cache/stamp.js";
import type { Stamp } from "../ports.js";

interface Value {
  readonly stamp: Stamp;
  readonly currentAtMs: number;
  readonly expiresAtMs: number;
  readonly bytes: Uint8Array | null;
}

interface Lease {
  readonly token: string;
  readonly givenAtMs: number;
  readonly untilMs: number;
  readonly turn: number;
}

/** All that is known of a subject; goes as a whole. */
export interface SubjectState {
  floor: Stamp;
  /** Leases of an earlier turn are cancelled. */
  turn: number;
  endsAtMs: number;
  readonly values: Map<string, Value>;
  readonly leases: Map<string, Lease>;
}

export interface GroupState {
  trustedSinceMs: number;
  /** Since when this server keeps the list of members. */
  bornAtMs: number;
  /** Whoever may live is on it. */
  isComplete: boolean;
  /** The server's time at the last beat: it must not go back. */
  lastNowMs: number;
  topology: string;
  endsAtMs: number;
  readonly members: Map<string, { readonly atMs: number; readonly sequence: number }>;
  /** Who left, and how far it had come: told until everybody who lives knows it. */
  readonly left: Map<string, { readonly atMs: number; readonly sequence: number }>;
}

/** All that the server holds. */
export interface ModelData {
  readonly subjects: Map<string, SubjectState>;
  group: GroupState | null;
  readonly recent: Map<string, number>;
}

/** Where an operation runs: at one instant, on one server. */
export interface ModelContext {
  readonly data: ModelData;
  readonly nowMs: number;
  readonly publish: (announcement: Announcement) => void;
  readonly echo: (member: string, beat: number) => void;
}

export function look({ data, nowMs }: ModelContext, request: LookRequest): Look {
  const state = existing(data, nowMs, request.subject);
  const floor = state?.floor ?? NO_STAMP;
  const value = state?.values.get(request.namespace);
  if (
    value !== undefined &&
    nowMs < value.expiresAtMs &&
    !isOlder(value.stamp, newerOf(floor, request.atLeast))
  ) {
    const ageMs = nowMs - value.currentAtMs;
    const isTrusted = request.trustedSinceMs !== null && value.currentAtMs >= request.trustedSinceMs;
    // Below zero: the server's clock was set back, and nobody knows how old it is.
    if (ageMs >= 0 && (isTrusted || ageMs <= request.maxAgeMs)) {
      const { stamp, bytes, expiresAtMs } = value;
      return { status: "hit", stamp, bytes, ageMs, expiresInMs: expiresAtMs - nowMs, isTrusted };
    }
  }
  if (request.lease === null) return { status: "miss", floor, isLeased: false };
  const lease = state?.leases.get(request.namespace);
  if (lease !== undefined && lease.turn === state?.turn && nowMs < lease.untilMs) {
    return { status: "miss", floor, isLeased: false };
  }
  const { token, forMs } = request.lease;
  const leased = state ?? added(data, request.subject);
  leased.leases.set(request.namespace, {
    token,
    givenAtMs: nowMs,
    untilMs: nowMs + forMs,
    turn: leased.turn,
  });
  keepFor(leased, nowMs, forMs);
  return { status: "miss", floor, isLeased: true };
}

/** `currentAtMs`: an instant of the server at which the value was current for sure; 0 if none is known. */
export function put(
  { data, nowMs, publish }: ModelContext,
  request: PutRequest,
  currentAtMs: number,
): boolean {
  const { subject, namespace, value, sender, note } = request;
  const state = existing(data, nowMs, subject) ?? added(data, subject);
  if (isOlder(value.stamp, state.floor)) {
    publish({ sender, subject, stamp: state.floor, note });
    return false;
  }
  store(state, namespace, value, { nowMs, currentAtMs: Math.min(nowMs, currentAtMs) });
  state.turn += 1;
  publish({ sender, subject, stamp: value.stamp, note });
  return true;
}

/** `untilMs`: an instant of the server after which it is a drop; 0 if none is known. */
export function putNext(context: ModelContext, request: PutNextRequest, untilMs: number): Stamp | null {
  const { data, nowMs, publish } = context;
  if (nowMs > untilMs) {
    drop(context, { subject: request.subject, upTo: null, floor: null, sender: request.sender });
    return null;
  }
  const { subject, namespace, bytes, ttlMs, newerThan, sender } = request;
  const state = existing(data, nowMs, subject) ?? added(data, subject);
  const last = newerOf(state.floor, newerThan);
  // By the clock, so that a server that has forgotten everything still gives newer ones.
  const isLater = nowMs > last.incarnation;
  const stamp = isLater
    ? { incarnation: nowMs, version: 1 }
    : { incarnation: last.incarnation, version: last.version + 1 };
  store(state, namespace, { stamp, bytes, ttlMs }, { nowMs, currentAtMs: nowMs });
  state.turn += 1;
  publish({ sender, subject, stamp, note: "" });
  return stamp;
}

export function fill({ data, nowMs }: ModelContext, request: FillRequest, currentAtMs: number): boolean {
  const { subject, namespace, value, token } = request;
  const state = existing(data, nowMs, subject);
  const lease = state?.leases.get(namespace);
  if (state === null || lease === undefined || lease.token !== token) return false;
  state.leases.delete(namespace);
  if (lease.turn !== state.turn || nowMs >= lease.untilMs) return false;
  if (isOlder(value.stamp, state.floor)) return false;
  const loaded = { nowMs, currentAtMs: lease.givenAtMs };
  store(state, namespace, value, { ...loaded, currentAtMs: Math.min(loaded.currentAtMs, currentAtMs) });
  return true;
}

export function drop({ data, nowMs, publish }: ModelContext, request: DropRequest): void {
  const { subject, upTo, floor, sender } = request;
  const state = existing(data, nowMs, subject) ?? (floor === null ? null : added(data, subject));
  if (state !== null) {
    for (const [namespace, value] of state.values) {
      if (upTo === null || !isOlder(upTo, value.stamp)) state.values.delete(namespace);
    }
    state.turn += 1;
    if (floor !== null) {
      state.floor = newerOf(state.floor, floor);
      keepFor(state, nowMs, FLOOR_LIFE_MS);
    }
  }
  // A read of the store that began before must not bring back what is older than the floor, wherever it ends.
  publish({ sender, subject, stamp: floor, note: "" });
}

/**
 * `topology`: which servers the asking instance talks to. `sentAtMs`: an instant that the clock had reached for sure when it was sent; 0
 * if none is known.
 */
/** What a connection says with a beat. */
export interface BeatSent {
  /** The server that it is sent to, and the one that answered the last. */
  readonly topology: string;
  readonly lastTopology: string | null;
  /** An instant that the server's clock had reached for sure; 0: none is known. */
  readonly sentAtMs: number;
}

export function beat(
  { data, nowMs, echo }: ModelContext,
  request: BeatRequest,
  { topology, lastTopology, sentAtMs }: BeatSent,
): BeatAnswer {
  const { member, sequence, silentAfterMs, forgetAfterMs } = request;
  const kept = data.group !== null && nowMs < data.group.endsAtMs ? data.group : null;
  const group = kept ?? newGroup(nowMs, topology);
  data.group = group;
  // The clock was set back, or nobody beat for a while, or it is another server.
  const gapMs = nowMs - group.lastNowMs;
  let isBroken = gapMs < 0 || gapMs > silentAfterMs || group.topology !== topology;
  if (group.members.size === 0 || request.isDistrusting) isBroken = true;
  // Such a while counts no longer than that: the clock may have been set ahead, and whoever is cut off would be forgotten too soon.
  const idleMs = Math.max(0, gapMs - silentAfterMs);
  // Another server, or one that others stood in for, or a copy of some time ago: it knows nothing of who came since.
  const isElsewhere = lastTopology !== null && lastTopology !== topology;
  if (group.topology !== topology || isElsewhere) {
    Object.assign(group, { bornAtMs: nowMs, isComplete: false });
  }
  group.bornAtMs = Math.min(nowMs, group.bornAtMs + idleMs);
  // Until now somebody may have lived who isn't on the list.
  if (!group.isComplete) isBroken = true;
  if (nowMs - group.bornAtMs > forgetAfterMs) group.isComplete = true;
  const me = group.members.get(member);
  // It was a member, and the server has forgotten it: who knows what it did meanwhile.
  if (me === undefined && request.beat > 1) isBroken = true;
  for (const [name, state] of group.members) {
    // The clock was set back: from here on it counts again.
    const atMs = Math.min(nowMs, state.atMs + idleMs);
    group.members.set(name, { ...state, atMs });
    const silentMs = nowMs - atMs;
    if (silentMs > silentAfterMs) isBroken = true;
    if (silentMs > forgetAfterMs) group.members.delete(name);
  }
  group.left.delete(member);
  // Whoever lives has beaten since, or is silent.
  for (const [name, { atMs }] of group.left) if (nowMs - atMs > silentAfterMs) group.left.delete(name);
  let sinceMs = isBroken ? nowMs : group.trustedSinceMs;
  // Trust that lies ahead, since the clock was set back, begins anew all the same: whoever has another answer sees it.
  if (isBroken && group.trustedSinceMs > nowMs) sinceMs = group.trustedSinceMs + 1;
  // The clock was set back: what bears a later instant is as old as anything.
  if (nowMs < group.lastNowMs) sinceMs = Math.max(sinceMs, group.lastNowMs + silentAfterMs);
  group.trustedSinceMs = Math.max(sinceMs, group.trustedSinceMs);
  group.lastNowMs = nowMs;
  group.topology = topology;
  group.endsAtMs = nowMs + Math.max(forgetAfterMs, GROUP_LIFE_MS);
  // A beat that was long on its way says nothing of the time since.
  const sentMs = sentAtMs === 0 ? nowMs : sentAtMs;
  const atMs = Math.min(nowMs, Math.max(sentMs, me === undefined ? 0 : me.atMs + idleMs));
  group.members.set(member, { atMs, sequence });
  echo(member, request.beat);
  const members = [...group.members, ...group.left].map(([name, state]) => ({
    member: name,
    sequence: state.sequence,
  }));
  const { trustedSinceMs, isComplete } = group;
  return { nowMs, trustedSinceMs, isWhole: !isBroken, isComplete, members };
}

function newGroup(nowMs: number, topology: string): GroupState {
  return {
    trustedSinceMs: 0,
    bornAtMs: nowMs,
    isComplete: false,
    lastNowMs: nowMs,
    topology,
    endsAtMs: 0,
    members: new Map(),
    left: new Map(),
  };
}

export function leave({ data, nowMs }: ModelContext, { member, sequence }: Sender): void {
  const { group } = data;
  if (group === null || nowMs >= group.endsAtMs) return;
  if (group.members.delete(member)) group.left.set(member, { atMs: nowMs, sequence });
}

export function noteRecent(
  { data }: ModelContext,
  players: readonly { readonly key: string; readonly atMs: number }[],
): void {
  for (const { key, atMs } of players) data.recent.set(key, Math.max(atMs, data.recent.get(key) ?? atMs));
  for (const key of byRecency(data).slice(MAX_RECENT)) data.recent.delete(key);
}

export function readRecent({ data }: ModelContext, limit: number): readonly string[] {
  return byRecency(data).slice(0, limit);
}

function byRecency({ recent }: ModelData): string[] {
  return [...recent]
    .sort(([oneKey, one], [otherKey, other]) => other - one || (oneKey < otherKey ? 1 : -1))
    .map(([key]) => key);
}

function store(
  state: SubjectState,
  namespace: string,
  { stamp, bytes, ttlMs }: RemoteValue,
  { nowMs, currentAtMs }: { readonly nowMs: number; readonly currentAtMs: number },
): void {
  const before = state.values.get(namespace);
  // The same content, told late: it was known to be current since.
  const isSame = before !== undefined && compareStamps(before.stamp, stamp) === 0;
  state.values.set(namespace, {
    stamp,
    bytes,
    currentAtMs: isSame ? Math.max(currentAtMs, before.currentAtMs) : currentAtMs,
    expiresAtMs: nowMs + ttlMs,
  });
  state.floor = stamp;
  keepFor(state, nowMs, Math.max(ttlMs, FLOOR_LIFE_MS));
}

function keepFor(state: SubjectState, nowMs: number, forMs: number): void {
  state.endsAtMs = Math.max(state.endsAtMs, nowMs + forMs);
}

function existing({ subjects }: ModelData, nowMs: number, subject: Subject): SubjectState | null {
  const name = nameOf(subject);
  const state = subjects.get(name);
  if (state === undefined) return null;
  if (nowMs < state.endsAtMs) return state;
  subjects.delete(name);
  return null;
}

function added({ subjects }: ModelData, subject: Subject): SubjectState {
  const state = { floor: NO_STAMP, turn: 0, endsAtMs: 0, values: new Map(), leases: new Map() };
  subjects.set(nameOf(subject), state);
  return state;
}

function nameOf({ group, key }: Subject): string {
  return `${group}:${key}`;
}
