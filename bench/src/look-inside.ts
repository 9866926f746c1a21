/** What a server that is under load says of its cache and its store meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import type { PerformanceStats } from "@mainspring/engine";
import type { Served } from "./serve-mainspring.js";

/** Looked at so often. */
const EVERY_MS = 200;

/** While a load ran. */
export interface Seen {
  /** Records read from the store. */
  readonly storeReads: number;
  /** Of all looks, those at which the cache was vouched for: by the channel, or because nobody else writes. */
  readonly trustedShare: number;
  /** How often the second tier was given up. */
  readonly breakerOpenings: number;
}

export interface Inside {
  watch<T>(play: () => Promise<T>): Promise<{ readonly found: T; readonly seen: Seen }>;
}

type Look = Pick<PerformanceStats, "cacheHealth" | "cacheStats">;

export function lookInside({
  url,
  performance: { path, headers },
}: Pick<Served, "url" | "performance">): Inside {
  const look = async (): Promise<Look> => {
    const response = await fetch(url + path, { headers });
    if (!response.ok) throw new Error(`The server says nothing of itself: ${response.status}.`);
    return (await response.json()) as Look;
  };
  return {
    async watch(play) {
      const before = await look();
      const looks = [before];
      const over = new AbortController();
      const watching = (async () => {
        while (!over.signal.aborted) {
          await delay(EVERY_MS);
          looks.push(await look());
        }
      })();
      try {
        const found = await play();
        over.abort();
        await watching;
        return { found, seen: seenOf(looks) };
      } finally {
        over.abort();
        // A look that failed is told by whatever failed first.
        await watching.catch(() => undefined);
      }
    },
  };
}

function seenOf(looks: readonly Look[]): Seen {
  const [first] = looks;
  const last = looks.at(-1);
  const between = (count: (look: Look | undefined) => number): number => count(last) - count(first);
  const trusted = looks.filter(({ cacheHealth }) => cacheHealth?.trust.isTrusted === true);
  return {
    storeReads: between((look) => look?.cacheStats["activeQueue.local"]?.loads ?? 0),
    trustedShare: trusted.length / looks.length,
    breakerOpenings: between((look) => look?.cacheHealth?.trust.breakerOpenings ?? 0),
  };
}
