/** A namespace of a game's own: values by key, found, loaded once for all who ask, replaced and taken away. */
import { MainspringError } from "@mainspring/core";
import type { Stamp } from "../../ports.js";
import type { CacheNamespace } from "../cache.js";
import type { Membership } from "../trust/membership.js";
import { within } from "../trust/within.js";
import { isTooLarge, REFRESH_AGAIN_MS } from "../tier-pair.js";
import { createOwnLoads, type OwnLoadsParts } from "./own-loads.js";

export interface OwnNamespaceParts<V> extends OwnLoadsParts<V> {
  readonly name: string;
  readonly membership: Membership | null;
  readonly encode: (value: V) => Uint8Array;
  readonly ttlMs: number;
}

/** Keys are given to others as they are, in one line of text. */
const KEY = /^[^\s\p{C}]{1,256}$/u;

export function createOwnNamespace<V>(parts: OwnNamespaceParts<V>): CacheNamespace<V> {
  const { tiers, subjects, timers } = parts;
  const { local } = tiers;
  const loads = createOwnLoads(parts);

  const write = async (key: string, value: V | null): Promise<void> => {
    checkKey(key);
    const startedAtMs = timers.nowMs();
    // Loads that began before are of the value before.
    subjects.doubt(key);
    const stamp = await tell(parts, key, value === null ? null : parts.encode(value));
    subjects.raise(key, stamp);
    // And those that began meanwhile may have found it still.
    subjects.doubt(key);
    if (value !== null) tiers.keepLoaded(key, { stamp, value, startedAtMs }, null);
  };

  return {
    peek: (key) => local.find(key, timers.nowMs())?.value,
    get(key, loader) {
      const nowMs = timers.nowMs();
      const entry = local.find(key, nowMs);
      if (entry !== undefined) {
        if (nowMs >= entry.refreshAtMs) {
          entry.refreshAtMs = nowMs + REFRESH_AGAIN_MS;
          loads.refresh(key, loader);
        }
        return entry.value;
      }
      checkKey(key);
      local.countMiss(key, nowMs);
      return loads.load(key, loader);
    },
    set: async (key, value) => write(key, value),
    delete: async (key) => write(key, null),
  };
}

/** Tells of a write. The stamp is the second tier's; where that can't be asked, one of this process's own. */
async function tell<V>(
  { name, subjects, membership, timers, ttlMs }: OwnNamespaceParts<V>,
  key: string,
  value: Uint8Array | null,
): Promise<Stamp> {
  // What is too large stays in this process, and the others look for themselves.
  const bytes = isTooLarge(value) ? null : value;
  const subject = { group: subjects.group, key };
  const floor = subjects.floorOf(key);
  const own = { ...floor, version: floor.version + 1 };
  if (membership === null) return own;
  const { outbox, remote, timeoutMs } = membership;
  const told = outbox.tell(
    async (sender) =>
      remote.putNext({
        subject,
        namespace: name,
        bytes,
        // Without a value it is the stamp alone that has to stay, and that does.
        ttlMs: bytes === null ? 0 : ttlMs,
        newerThan: floor,
        withinMs: timeoutMs,
        sender,
      }),
    { subject, upTo: null, floor: own },
  );
  try {
    // What the server does later than this it does as a drop, so whoever writes next can't be undone.
    return (
      (await within({ timers, limitMs: timeoutMs, what: "Telling of a write" }, async () => told)) ?? own
    );
  } catch {
    // Whoever writes doesn't wait for a server that hangs; the write is told later.
    return own;
  }
}

function checkKey(key: string): void {
  if (KEY.test(key)) return;
  throw new MainspringError(
    "INVALID_REQUEST",
    "A cache key must be 1 to 256 characters, without spaces and control characters.",
  );
}
