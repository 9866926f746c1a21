/** What all parts of a cache share: bounds, groups of subjects, namespaces, and how this instance stands to the others. */
import type { Clock, IsOn, MemoryBudget, Telemetry, Timers } from "../ports.js";
import { checkOptions } from "../check-options.js";
import { systemTimers } from "../system-timers.js";
import type { CacheOptions, OwnNamespace } from "./cache.js";
import type { WholeCacheStats } from "./cache-stats.js";
import { createMemoryBudget } from "../memory/budget.js";
import type { Vouching } from "./local/local-tier.js";
import { createSubjects, type Subjects } from "./local/subjects.js";
import type { Announcement, Remote } from "./remote.js";
import { createTierPair, type TierPair, type TierPairOptions } from "./tier-pair.js";
import { createMembership, type Membership, type MembershipParts } from "./trust/membership.js";

/** Of each namespace, so many of the keys that are asked for most are told. */
const HOTTEST_TOLD = 10;

/** How long values live. */
export const TTL_SECONDS: Readonly<Record<OwnNamespace, number>> = {
  activeQueue: 300,
  taskProgress: 60,
  playerStats: 600,
  frequentData: 1_800,
};

export type PairOptions<V> = Pick<
  TierPairOptions<V>,
  "namespace" | "subjects" | "codec" | "ttlMs" | "graceMs" | "absentTtlMs"
>;

export interface Shared {
  readonly timers: Timers;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly membership: Membership | null;
  readonly isSoleWriter: boolean;
  /** `null`: it is on for everybody. */
  readonly isOn: IsOn | null;
  readonly isPredicting: boolean | IsOn;
  readonly mayPrefetch: () => boolean;
  readonly localMaxAgeMs: number;
  readonly budget: MemoryBudget;
  readonly ttlSeconds: Readonly<Record<OwnNamespace, number>>;
  /** The subjects of a group: made when first asked for. */
  subjectsOf(group: string): Subjects;
  createPair<V>(options: PairOptions<V>): TierPair<V>;
  /** Of all namespaces. */
  stats(): Pick<WholeCacheStats, "namespaces" | "hottest">;
  /** What was asked for lately counts more than what was asked for long ago. Called each some minutes. */
  fade(): void;
  /** Told of all announcements, after they have taken effect. */
  readonly listeners: Set<(announcement: Announcement) => void>;
  /** Gives up all that is kept in this process. */
  close(): void;
}

/** @throws MainspringError `CONFIG_INVALID` for numbers that can't be */
export function createShared(options: CacheOptions): Shared {
  const {
    remote = null,
    isOn = null,
    isSoleWriter = false,
    isPredicting = false,
    mayPrefetch = () => true,
    budget = createMemoryBudget(options),
    localMaxAgeMs = 2_000,
    remoteTimeoutMs = 50,
    breakerIntervalMs = 1_000,
    clock = { nowMs: Date.now },
    timers = systemTimers,
    telemetry = { note: () => undefined },
    random = Math.random,
  } = options;
  const ttlSeconds = { ...TTL_SECONDS, ...options.ttlSeconds };
  checkOptions({ localMaxAgeMs, remoteTimeoutMs, breakerIntervalMs });
  checkOptions(
    Object.fromEntries(Object.entries(ttlSeconds).map(([name, value]) => [`ttlSeconds.${name}`, value])),
  );

  const groups = new Map<string, Subjects>();
  const pairs: AnyPair[] = [];
  const listeners: Shared["listeners"] = new Set();
  const membership = createOwnMembership(
    { remote, timers, telemetry, timeoutMs: remoteTimeoutMs, breakerIntervalMs },
    (announcement) => {
      heed(groups, announcement);
      for (const listener of listeners) listener(announcement);
    },
  );
  const vouching: Vouching = {
    // Where nobody else writes there is no news to miss.
    trustedSinceMs: isSoleWriter ? () => -Infinity : (nowMs) => membership?.trustedSinceMs(nowMs) ?? Infinity,
    maxAgeMs: localMaxAgeMs,
  };
  return {
    timers,
    clock,
    telemetry,
    membership,
    isSoleWriter,
    isOn,
    isPredicting,
    mayPrefetch,
    localMaxAgeMs,
    budget,
    ttlSeconds,
    listeners,
    subjectsOf(group) {
      const known = groups.get(group);
      if (known !== undefined) return known;
      const made = createSubjects({ group, timers, onForgotten: () => membership?.distrust() });
      groups.set(group, made);
      return made;
    },
    createPair(given) {
      const pair = createTierPair({ ...given, membership, budget, vouching, timers, random });
      pairs.push(pair);
      return pair;
    },
    stats: () => statsOf(pairs),
    fade() {
      for (const { local } of pairs) local.hotKeys.fade();
    },
    close() {
      for (const { local } of pairs) local.close();
    },
  };
}

/** A pair, whatever its values are. */
interface AnyPair extends Pick<TierPair<unknown>, "namespace" | "stats"> {
  readonly local: Pick<TierPair<unknown>["local"], "hotKeys" | "close">;
}

function statsOf(pairs: readonly AnyPair[]): Pick<WholeCacheStats, "namespaces" | "hottest"> {
  return {
    namespaces: Object.assign({}, ...pairs.map((pair) => pair.stats())) as WholeCacheStats["namespaces"],
    hottest: Object.fromEntries(
      pairs.map(({ namespace, local }) => [namespace, local.hotKeys.hottest(HOTTEST_TOLD)]),
    ),
  };
}

/** `null` without a second tier. */
function createOwnMembership(
  {
    remote,
    ...parts
  }: Omit<MembershipParts, "remote" | "onAnnouncement"> & { readonly remote: Remote | null },
  onAnnouncement: MembershipParts["onAnnouncement"],
): Membership | null {
  return remote === null ? null : createMembership({ ...parts, remote, onAnnouncement });
}

/** What was announced, by others or by this instance, takes effect on what is kept here. */
function heed(groups: ReadonlyMap<string, Subjects>, { subject, stamp }: Announcement): void {
  const subjects = groups.get(subject.group);
  if (stamp === null) subjects?.doubt(subject.key);
  else subjects?.raise(subject.key, stamp);
}
