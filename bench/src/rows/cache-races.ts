/** Not how fast but whether right: what caches show when a slow load meets a newer value. Nothing here depends on luck. */
import { setTimeout as delay } from "node:timers/promises";
import { openerOf, type PeerName, PEER_SHORT_NAMES } from "../cache-peers/all-peers.js";
import { type Peer, type PeerValue, peerValueOf } from "../cache-peers/peer.js";
import { startRedis } from "../redis-server.js";
import type { Finding, Row, RowContext } from "../row.js";

/** How bentocache keeps values in memory makes no difference here. */
const NAMES = ["mainspring", "bentocache", "cacheable"] as const satisfies readonly PeerName[];

interface Race {
  readonly name: string;
  readonly what: string;
  /** Who changes the value while the first instance loads the one before: the same instance, or another. */
  readonly changer: "same" | "other";
  readonly change: "set" | "delete";
}

const RACES: readonly Race[] = [
  {
    name: "set",
    what: "cache: a slow load against a newer `set` of the same instance",
    changer: "same",
    change: "set",
  },
  {
    name: "delete",
    what: "cache: a slow load against a `delete` of the same instance",
    changer: "same",
    change: "delete",
  },
  {
    name: "set-elsewhere",
    what: "cache: a slow load against a newer `set` of another instance",
    changer: "other",
    change: "set",
  },
  {
    name: "delete-elsewhere",
    what: "cache: a slow load against a `delete` of another instance",
    changer: "other",
    change: "delete",
  },
];

/** What is told between instances has so long to arrive. */
const TELL_MS = 200;

const OLD = 1;
const NEW = 2;

/** Three instances; the third never saw a key before it reads it, so it shows what the second tier has. */
interface Instances {
  readonly loader: Peer;
  readonly other: Peer;
  readonly newcomer: Peer;
}

type Seen = Readonly<Record<keyof Instances, number>>;

export const cacheRaces: Row = async (context) => {
  const redis = await startRedis(context, { appendfsync: "off" });
  const seen = new Map<PeerName, readonly Seen[]>();
  for (const name of NAMES) {
    const instances = await openInstances(context, name, redis.port);
    const results: Seen[] = [];
    for (const race of RACES) results.push(await run(race, name, instances));
    seen.set(name, results);
  }
  return RACES.map((race, index) =>
    findingOf(race, new Map([...seen].map(([name, of]) => [name, of[index]]))),
  );
};

async function openInstances({ defer }: RowContext, name: PeerName, redisPort: number): Promise<Instances> {
  const open = await openerOf(name);
  const openOne = async (): Promise<Peer> => {
    const peer = await open(redisPort);
    defer(async () => {
      await peer.close();
    });
    return peer;
  };
  return { loader: await openOne(), other: await openOne(), newcomer: await openOne() };
}

/** Which version each instance shows after all is over. The database has the new one since before the change. */
async function run(race: Race, name: PeerName, instances: Instances): Promise<Seen> {
  const { loader, other, newcomer } = instances;
  const key = `${name}-${race.name}`;
  let stored = peerValueOf(key, OLD);
  const released = createSignal();
  const read = createSignal();
  const slow = Promise.resolve(
    loader.get(key, async () => {
      const found = stored;
      read.give();
      await released.given;
      return found;
    }),
  );
  await read.given;
  stored = peerValueOf(key, NEW);
  const changer = race.changer === "same" ? loader : other;
  await (race.change === "set" ? changer.set(key, stored) : changer.delete(key));
  await delay(TELL_MS);
  released.give();
  await slow;
  await delay(TELL_MS);
  const load = async (): Promise<PeerValue> => stored;
  const shownBy = async (peer: Peer): Promise<number> => (await peer.get(key, load))?.version ?? 0;
  return { loader: await shownBy(loader), other: await shownBy(other), newcomer: await shownBy(newcomer) };
}

interface Signal {
  readonly given: Promise<void>;
  readonly give: () => void;
}

function createSignal(): Signal {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

const READERS: Readonly<Record<keyof Instances, string>> = {
  loader: "the one that loaded",
  other: "another",
  newcomer: "a new one",
};

function findingOf(race: Race, seen: ReadonlyMap<PeerName, Seen | undefined>): Finding {
  const lines: string[] = [];
  const figures: Record<string, number> = {};
  for (const [name, versions] of seen) {
    if (versions === undefined) throw new Error(`${name} was not asked.`);
    const stale = Object.entries(READERS).filter(([reader]) => versions[reader as keyof Instances] !== NEW);
    figures[`${name} staleReaders`] = stale.length;
    lines.push(
      `${PEER_SHORT_NAMES[name]}: ${stale.length === 0 ? "right" : `the old value in ${stale.map(([, reader]) => reader).join(", ")}`}`,
    );
  }
  return {
    what: race.what,
    measured: lines.join("; "),
    budget: null,
    isMet: null,
    how: `a load reads the old value and is held; the new one is stored and ${race.change === "set" ? "set" : "the key deleted"}; then the load goes on. ${TELL_MS} ms later three instances over one Redis are asked: the one that loaded, another, and a new one, which shows what Redis has`,
    figures,
  };
}
