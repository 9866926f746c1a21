/** The cache beside other two-tier caches over the same Redis: what a hit in each tier, a miss and a stampede cost. */
import { PEER_DESCRIPTIONS, PEER_NAMES, PEER_SHORT_NAMES, type PeerName } from "../cache-peers/all-peers.js";
import { formatNumber } from "../format.js";
import { type Summary, summarise } from "../measure.js";
import { startRedis } from "../redis-server.js";
import type { Finding, Row } from "../row.js";
import type { CacheQuestion, CacheRound, CacheWork } from "../sides/cache-peer.js";
import { type Side, startSide } from "../sides/side.js";

interface Load {
  readonly roundCount: number;
  readonly localHits: number;
  readonly coldGets: number;
  readonly inFlight: number;
  readonly stampedeCallers: number;
  readonly stampedeLoadMs: number;
}

const FULL: Load = {
  roundCount: 5,
  localHits: 200_000,
  coldGets: 10_000,
  inFlight: 64,
  stampedeCallers: 1000,
  stampedeLoadMs: 20,
};
const QUICK: Load = { ...FULL, roundCount: 2, localHits: 20_000, coldGets: 1000 };

const WORKS: readonly CacheWork[] = ["local-hit", "remote-hit", "miss", "stampede"];

type CacheSide = Side<CacheQuestion, CacheRound | null>;

/** Rounds of one kind of work, by cache. */
type Played = ReadonlyMap<PeerName, readonly CacheRound[]>;

export const cachePeers: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const redis = await startRedis(context, { appendfsync: "off" });
  const sides = new Map<PeerName, CacheSide>();
  for (const name of PEER_NAMES) {
    const side = startSide<CacheQuestion, CacheRound | null>(context, "cache-peer");
    await side.ask({ type: "open", name, redisPort: redis.port });
    sides.set(name, side);
  }
  const findings: Finding[] = [];
  for (const work of WORKS) findings.push(findingOf(work, await playAll(sides, work, load), load));
  return findings;
};

/** In turns; who is first changes from round to round. The first round warms up and is thrown away. */
async function playAll(
  sides: ReadonlyMap<PeerName, CacheSide>,
  work: CacheWork,
  load: Load,
): Promise<Played> {
  const played = new Map<PeerName, CacheRound[]>(PEER_NAMES.map((name) => [name, []]));
  for (let round = 0; round <= load.roundCount; round += 1) {
    for (let turn = 0; turn < PEER_NAMES.length; turn += 1) {
      const name = PEER_NAMES[(round + turn) % PEER_NAMES.length];
      const side = name === undefined ? undefined : sides.get(name);
      if (name === undefined || side === undefined) throw new Error("A cache is missing.");
      const found = await side.ask(questionOf(work, `${name}-${work}-${round}`, load));
      if (found === null) throw new Error(`${name} measured nothing.`);
      if (round > 0) played.get(name)?.push(found);
    }
  }
  return played;
}

function questionOf(work: CacheWork, round: string, load: Load): CacheQuestion {
  if (work === "stampede") {
    return { type: "play", work, round, callCount: load.stampedeCallers, loadMs: load.stampedeLoadMs };
  }
  const callCount = work === "local-hit" ? load.localHits : load.coldGets;
  return { type: "play", work, round, callCount, inFlight: load.inFlight };
}

const TITLES: Readonly<Record<CacheWork, string>> = {
  "local-hit": "cache: a hit in the first tier",
  "remote-hit": "cache: a hit in the second tier, not in the first",
  miss: "cache: a miss in both tiers, loaded in a turn of the event loop, and kept",
  stampede: "cache: many ask for one missing key at once",
};

function findingOf(work: CacheWork, played: Played, load: Load): Finding {
  const lines: string[] = [];
  const figures: Record<string, number | Summary> = {};
  for (const [name, rounds] of played) {
    const perSecond = summarise(rounds.map((round) => round.perSecond));
    const p99Us = summarise(rounds.map((round) => round.p99Us));
    const loads = summarise(rounds.map((round) => round.loadCount));
    const tookMs = summarise(rounds.map((round) => round.tookMs));
    Object.assign(figures, {
      [`${name} perSecond`]: perSecond,
      [`${name} p99Us`]: p99Us,
      [`${name} loads`]: loads,
      [`${name} tookMs`]: tookMs,
    });
    lines.push(
      work === "stampede"
        ? `${PEER_SHORT_NAMES[name]} all answered after ${formatNumber(tookMs.median)} ms by ${formatNumber(loads.median)} ${loads.max === 1 ? "load" : "loads"}`
        : `${PEER_SHORT_NAMES[name]} ${formatNumber(Math.round(perSecond.median))} per second, p99 ${formatNumber(p99Us.median)} µs${work.endsWith("hit") && loads.max > 0 ? `, ${formatNumber(loads.median)} of them (up to ${formatNumber(loads.max)}) loaded after all` : ""}`,
    );
  }
  return {
    what: TITLES[work],
    measured: lines.join("; "),
    budget: null,
    isMet: null,
    how: howOf(work, load),
    figures,
  };
}

function howOf(work: CacheWork, load: Load): string {
  const value = `objects of 700 bytes as JSON, each cache in a process of its own over one Redis, median of ${load.roundCount} rounds in turns`;
  switch (work) {
    case "local-hit":
      return `one caller, 1,000 keys in turn, a promise awaited where there is one; ${value}. ${PEER_NAMES.map((name) => PEER_DESCRIPTIONS[name]).join("; ")}`;
    case "remote-hit":
      return `${formatNumber(load.coldGets)} keys that another instance set, ${load.inFlight} at once; ${value}`;
    case "miss":
      return `${formatNumber(load.coldGets)} keys that nobody has, ${load.inFlight} at once; ${value}`;
    case "stampede":
      return `${formatNumber(load.stampedeCallers)} callers, a load takes ${load.stampedeLoadMs} ms; ${value}`;
  }
}
