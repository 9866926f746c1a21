/** One namespace in both tiers: finding, taking in what was loaded, and what was written. */
import type { MemoryBudget, Stamp, Timers } from "../ports.js";
import type { CacheStats } from "./cache-stats.js";
import type { LocalEntry } from "./local/local-entry.js";
import { createLocalTier, type LocalTier, type Vouching } from "./local/local-tier.js";
import type { Subjects } from "./local/subjects.js";
import {
  createRemoteTier,
  type FillLease,
  type Purpose,
  type RemoteHit,
  type RemoteLook,
  type RemoteTier,
  type Wanted,
} from "./remote-tier.js";
import { isOlder, newerOf, NO_STAMP } from "./stamp.js";
import type { Membership } from "./trust/membership.js";

/** Lives are shortened by up to this share, at random, so that what came together doesn't end together. */
const JITTER_SHARE = 0.1;

/** A load ahead of a value's end begins so often at most, however it ends. */
export const REFRESH_AGAIN_MS = 1_000;

/** A larger value stays in the process: on its way it would hold up all others. 256 KiB. */
export const MAX_REMOTE_BYTES = 262_144;

/** In the last part of its life a hit starts a load ahead of its end. */
const REFRESH_SHARE = 0.2;

export interface ValueCodec<V> {
  /** A value in this process takes so much more than its bytes. Default: 0 */
  readonly overheadBytes?: number;
  encode(value: V): Uint8Array;
  /** What it throws makes the bytes a miss. */
  decode(bytes: Uint8Array, from: { readonly key: string; readonly stamp: Stamp }): V;
}

export interface TierPairOptions<V> {
  readonly namespace: string;
  readonly subjects: Subjects;
  /** `null`: there is no second tier. */
  readonly membership: Membership | null;
  readonly budget: MemoryBudget;
  readonly vouching: Vouching;
  readonly codec: ValueCodec<V>;
  readonly ttlMs: number;
  /** See `LocalTierOptions`. */
  readonly graceMs?: number;
  /** Of the knowledge that there is none. */
  readonly absentTtlMs: number;
  readonly timers: Timers;
  readonly random: () => number;
}

export interface Loaded<V> {
  readonly stamp: Stamp;
  readonly value: V | null;
  /** When its load, or its commit, began. */
  readonly startedAtMs: number;
  /** It was here before the lease was asked for, perhaps. Default: it was loaded under the lease */
  readonly isFromBefore?: boolean;
  /** News of its change would have been heard since then. Default: since it began */
  readonly trustedFromMs?: number;
}

/** What the second tier said. */
export type Answer<V> =
  | { readonly status: "hit"; readonly entry: LocalEntry<V> }
  | { readonly status: "miss"; readonly floor: Stamp; readonly token: string | null }
  | { readonly status: "away" };

export interface TierPair<V> {
  readonly namespace: string;
  readonly local: LocalTier<V>;
  /** Asks the second tier. Whoever asked takes hits in, unless it was told otherwise meanwhile. */
  look(wanted: readonly Wanted[], purpose: Purpose): Promise<readonly Answer<V>[]>;
  /** Takes in what was loaded, in this process and, under a lease, in the second tier. */
  keepLoaded(key: string, loaded: Loaded<V>, token: string | null): void;
  /** Takes in what was written, and tells the others. Resolves when they can know, or must be told later. */
  keepWritten(key: string, written: Loaded<V>): Promise<void>;
  /** The same of what was written and is kept nowhere: all that is older goes. */
  tellWritten(key: string, stamp: Stamp): Promise<void>;
  stats(): Readonly<Record<string, CacheStats>>;
}

export function createTierPair<V>(options: TierPairOptions<V>): TierPair<V> {
  const { namespace, subjects, membership, codec } = options;
  const local = createLocalTier<V>({
    ...options,
    nowMs: () => options.timers.nowMs(),
    onEvicted: (key, stamp) => subjects.remember(key, stamp),
  });
  subjects.join(local);
  const remote =
    membership === null
      ? null
      : createRemoteTier({
          ...options,
          membership,
          group: subjects.group,
          maxAgeMs: options.vouching.maxAgeMs,
        });
  const prepare = createPreparing(options);

  return {
    namespace,
    local,
    look: createLook({ remote, subjects, codec }),
    keepLoaded(key, loaded, token) {
      const { entry, bytes, ttlMs } = prepare(loaded);
      subjects.admit(local, key, entry);
      if (remote === null) return;
      // What the second tier doesn't hold must not be forgotten here: it may have something older.
      if (token === null || isTooLarge(bytes)) subjects.raise(key, loaded.stamp);
      else {
        const lease = { token, knownAtMs: loaded.isFromBefore === true ? loaded.startedAtMs : null };
        void fillOrRaise({ remote, subjects }, key, { value: { stamp: loaded.stamp, bytes, ttlMs }, lease });
      }
    },
    async keepWritten(key, written) {
      const { entry, bytes, ttlMs } = prepare(written);
      subjects.raise(key, written.stamp);
      subjects.admit(local, key, entry);
      if (isTooLarge(bytes)) await remote?.drop(key, written.stamp);
      else await remote?.put(key, { stamp: written.stamp, bytes, ttlMs }, written.startedAtMs);
    },
    async tellWritten(key, stamp) {
      subjects.raise(key, stamp);
      await remote?.drop(key, stamp);
    },
    stats: () => ({
      [`${namespace}.local`]: local.stats(),
      ...(remote !== null && { [`${namespace}.redis`]: remote.stats() }),
    }),
  };
}

interface LookParts<V> extends Pick<TierPairOptions<V>, "subjects" | "codec"> {
  readonly remote: RemoteTier | null;
}

function createLook<V>({ remote, subjects, codec }: LookParts<V>): TierPair<V>["look"] {
  const answerOf = async (want: Wanted, look: RemoteLook): Promise<Answer<V>> => {
    if (look.status === "miss") return look;
    const entry = entryOf(codec, want.key, look);
    if (entry === null) {
      // Another release wrote it, perhaps: whoever loads instead may replace it.
      const [lease] = (await remote?.look([want], "refresh")) ?? [];
      return lease?.status === "miss" ? lease : { status: "away" };
    }
    // It was asked for no less, but meanwhile more may be known.
    if (isOlder(entry.stamp, newerOf(want.atLeast, subjects.floorOf(want.key)))) {
      return { status: "miss", floor: NO_STAMP, token: null };
    }
    return { status: "hit", entry };
  };

  const counted = async (
    want: Wanted,
    look: RemoteLook | undefined,
    purpose: Purpose,
  ): Promise<Answer<V>> => {
    if (look === undefined) return { status: "away" };
    const answer = await answerOf(want, look);
    // To refresh is to ask for a lease: there is nothing to be found.
    if (purpose === "find") remote?.count(look.status === "hit" && answer.status === "hit" ? look : null);
    return answer;
  };

  return async (wanted, purpose) => {
    const looks = wanted.length === 0 ? null : ((await remote?.look(wanted, purpose)) ?? null);
    return Promise.all(wanted.map(async (want, index) => counted(want, looks?.[index], purpose)));
  };
}

export function isTooLarge(bytes: Uint8Array | null): boolean {
  return bytes !== null && bytes.length > MAX_REMOTE_BYTES;
}

interface Filling {
  readonly value: Parameters<RemoteTier["fill"]>[1];
  readonly lease: FillLease;
}

async function fillOrRaise(
  { remote, subjects }: { readonly remote: RemoteTier; readonly subjects: Subjects },
  key: string,
  { value, lease }: Filling,
): Promise<void> {
  if (!(await remote.fill(key, value, lease))) subjects.raise(key, value.stamp);
}

interface Prepared<V> {
  readonly entry: LocalEntry<V>;
  readonly bytes: Uint8Array | null;
  readonly ttlMs: number;
}

/** A value as both tiers take it. */
function createPreparing<V>({ codec, ttlMs, absentTtlMs, random }: TierPairOptions<V>) {
  return ({ stamp, value, startedAtMs, trustedFromMs = startedAtMs }: Loaded<V>): Prepared<V> => {
    const bytes = value === null ? null : codec.encode(value);
    const lifeMs = Math.ceil((value === null ? absentTtlMs : ttlMs) * (1 - JITTER_SHARE * random()));
    const entry: LocalEntry<V> = {
      stamp,
      value,
      sizeBytes: sizeOf(codec, bytes),
      knownAtMs: startedAtMs,
      trustedFromMs,
      expiresAtMs: startedAtMs + lifeMs,
      refreshAtMs: startedAtMs + lifeMs * (1 - REFRESH_SHARE),
      notedAtMs: -Infinity,
    };
    return { entry, bytes, ttlMs: lifeMs };
  };
}

function sizeOf<V>({ overheadBytes = 0 }: ValueCodec<V>, bytes: Uint8Array | null): number {
  return bytes === null ? 0 : bytes.length + overheadBytes;
}

/** `null`: the bytes make no sense. */
function entryOf<V>(codec: ValueCodec<V>, key: string, hit: RemoteHit): LocalEntry<V> | null {
  const { stamp, bytes, askedAtMs, knownAtMs, expiresAtMs, isTrusted } = hit;
  try {
    return {
      stamp,
      value: bytes === null ? null : codec.decode(bytes, { key, stamp }),
      sizeBytes: sizeOf(codec, bytes),
      knownAtMs,
      // What the second tier vouches for is as good as heard.
      trustedFromMs: isTrusted ? askedAtMs : knownAtMs,
      expiresAtMs,
      refreshAtMs: expiresAtMs - (expiresAtMs - askedAtMs) * REFRESH_SHARE,
      notedAtMs: -Infinity,
    };
  } catch {
    return null;
  }
}
