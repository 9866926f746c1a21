/** The second tier as one namespace sees it: asked under the bounds that hold now, filled under leases, told of what was written. */
import { randomBytes } from "node:crypto";
import type { Stamp, Timers } from "../ports.js";
import type { CacheStats } from "./cache-stats.js";
import { countHit, createCounters, statsOf } from "./local/counters.js";
import type { Look, RemoteValue, Subject } from "./remote.js";
import type { Membership } from "./trust/membership.js";

/** A lease is good for so long: longer than any load. */
const LEASE_MS = 10_000;

/** No value is as young as that. */
const NO_AGE_MS = -1;

export interface RemoteTierOptions {
  readonly namespace: string;
  readonly group: string;
  readonly membership: Membership;
  readonly timers: Timers;
  /** A value that isn't vouched for must have been current at most so long ago. */
  readonly maxAgeMs: number;
}

export interface Wanted {
  readonly key: string;
  readonly atLeast: Stamp;
}

/** To refresh is to ask for the lease alone: what is there is about to end as well. */
export type Purpose = "find" | "refresh";

export interface RemoteHit extends Omit<Extract<Look, { status: "hit" }>, "ageMs" | "expiresInMs"> {
  /** All by the timers' clock. */
  readonly askedAtMs: number;
  readonly knownAtMs: number;
  readonly expiresAtMs: number;
}

/** `token`: of the lease to fill with, if one was given. */
export type RemoteLook =
  | RemoteHit
  | { readonly status: "miss"; readonly floor: Stamp; readonly token: string | null };

/** The right to fill. */
export interface FillLease {
  readonly token: string;
  /** When the value was current for sure; `null`: it was loaded after the lease was given. */
  readonly knownAtMs: number | null;
}

export interface RemoteTier {
  /** `null`: it is away. */
  look(wanted: readonly Wanted[], purpose: Purpose): Promise<readonly RemoteLook[] | null>;
  /** Whether it is there now. It isn't where the lease is gone, or it is older than what is known, or nobody answers. */
  fill(key: string, value: RemoteValue, lease: FillLease): Promise<boolean>;
  /** Stores what was committed, and tells. Resolves when the others can know, or must be told later. */
  put(key: string, value: RemoteValue, startedAtMs: number): Promise<void>;
  /** Takes away what is older than this, and tells. */
  drop(key: string, floor: Stamp): Promise<void>;
  /** A value was found, and is one that does; or none was. */
  count(hit: RemoteHit | null): void;
  stats(): CacheStats;
}

export function createRemoteTier(options: RemoteTierOptions): RemoteTier {
  const { namespace, group, membership, timers, maxAgeMs } = options;
  const { access, remote, outbox } = membership;
  const counters = createCounters();
  const newToken = createTokens();
  const subjectOf = (key: string): Subject => ({ group, key });

  const translate = (look: Look, { askedAtMs, token }: { askedAtMs: number; token: string }): RemoteLook => {
    if (look.status === "miss") {
      return { status: "miss", floor: look.floor, token: look.isLeased ? token : null };
    }
    const { ageMs, expiresInMs, ...hit } = look;
    return { ...hit, askedAtMs, knownAtMs: askedAtMs - ageMs, expiresAtMs: askedAtMs + expiresInMs };
  };

  return {
    async look(wanted, purpose) {
      if (!access.isUsable()) return null;
      const askedAtMs = timers.nowMs();
      const isRefresh = purpose === "refresh";
      const trustedSinceMs = isRefresh ? null : membership.remoteTrustedSinceMs(askedAtMs);
      const asked = wanted.map(({ key, atLeast }) => ({
        token: newToken(),
        request: {
          subject: subjectOf(key),
          namespace,
          atLeast,
          trustedSinceMs,
          maxAgeMs: isRefresh ? NO_AGE_MS : maxAgeMs,
        },
      }));
      const looks = await access.ask(async () =>
        remote.look(asked.map(({ token, request }) => ({ ...request, lease: { token, forMs: LEASE_MS } }))),
      );
      if (looks === null) return null;
      return looks.map((look, index) => translate(look, { askedAtMs, token: asked[index]?.token ?? "" }));
    },
    async fill(key, value, { token, knownAtMs }) {
      if (access.state() !== "closed") return false;
      try {
        const ageMs = knownAtMs === null ? null : timers.nowMs() - knownAtMs;
        const request = { subject: subjectOf(key), namespace, value, ageMs, token };
        // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a second tier is no array
        const isFilled = await access.send(async () => remote.fill(request));
        if (!isFilled) counters.refused += 1;
        return isFilled;
      } catch {
        // The breaker has seen it; whoever filled knows that nothing is there.
        return false;
      }
    },
    async put(key, value, startedAtMs) {
      const ageMs = timers.nowMs() - startedAtMs;
      await outbox.put({ subject: subjectOf(key), namespace, value, ageMs, note: "" });
    },
    async drop(key, floor) {
      await outbox.drop({ subject: subjectOf(key), upTo: floor, floor });
    },
    count(hit) {
      if (hit === null) counters.misses += 1;
      else countHit(counters, hit.askedAtMs - hit.knownAtMs);
    },
    stats: () => statsOf(counters, { entries: 0, bytes: 0 }),
  };
}

/** Tokens that nobody else has, and that are never used twice. */
function createTokens(): () => string {
  const own = randomBytes(9).toString("base64url");
  let last = 0;
  return () => {
    last += 1;
    return `${own}.${last.toString(36)}`;
  };
}
