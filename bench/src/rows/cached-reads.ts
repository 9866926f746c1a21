/** What a read of a queue costs over HTTP when nothing has happened, beside HTTP that does nothing else. */
import { join } from "node:path";
import { cpuMsOf } from "../cpu-time.js";
import { formatNumber, formatSummary } from "../format.js";
import { inTurns, ratiosOf, summarise } from "../measure.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { BareAnswer } from "../sides/bare-http.js";
import type { LoadAnswer, LoadQuestion } from "../sides/http-load.js";
import type { Served, ServeQuestion } from "../serve-mainspring.js";
import { type Side, startSide } from "../sides/side.js";

const BUDGET = 0.8;
const US_PER_MS = 1000;
const MS_PER_SECOND = 1000;

/** What `node:http` adds to every answer itself. */
const HEADERS_OF_NODE = new Set(["date", "connection", "keep-alive", "content-length"]);

interface Load {
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
  readonly connectionCount: number;
  readonly durationMs: number;
  readonly roundCount: number;
}

const FULL: Load = {
  playerCount: 1000,
  tasksPerPlayer: 5,
  connectionCount: 1000,
  durationMs: 3000,
  roundCount: 5,
};
const QUICK: Load = { ...FULL, playerCount: 1000, connectionCount: 1000, durationMs: 1000, roundCount: 1 };

/** One server under load, round by round. */
interface Target {
  /** Requests per second. */
  readonly play: () => Promise<number>;
  /** Of the server's process, for one request, by round. */
  readonly cpuUs: readonly number[];
}

export const cachedReads: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const cannon = startSide<LoadQuestion, LoadAnswer>(context, "http-load");
  const server = startSide<ServeQuestion, Served>(context, "mainspring-http");
  const { url, requests } = await server.ask({
    store: { kind: "lmdb", folder: join(context.folder, "server") },
    cache: { redisPort: null, isBatched: false },
    ...load,
  });
  const bare = await openBare(context, { url, requests });
  const target = (side: Side<never, unknown>, address: string) =>
    targetOf({ cannon, load }, side.pid, { url: address, requests });
  const mine = target(server, url);
  const peer = target(bare.side, bare.url);
  await mine.play();
  await peer.play();
  const { a, b } = await inTurns(load.roundCount, mine.play, peer.play);
  return [findingOf({ mine: a, bare: b, mineUs: mine.cpuUs.slice(1), bareUs: peer.cpuUs.slice(1) }, load)];
};

/** A bare server with the very answer that ours gives to the first request. */
async function openBare(
  context: RowContext,
  { url, requests }: Pick<Served, "url" | "requests">,
): Promise<{ side: Side<BareAnswer, string>; url: string }> {
  const [first] = requests;
  if (first === undefined) throw new Error("There is nothing to ask for.");
  const response = await fetch(url + first.path, { headers: first.headers });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const body = await response.text();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !HEADERS_OF_NODE.has(name)));
  headers["content-length"] = String(Buffer.byteLength(body));
  const side = startSide<BareAnswer, string>(context, "bare-http");
  return { side, url: await side.ask({ headers, body }) };
}

function targetOf(
  { cannon, load }: { cannon: Side<LoadQuestion, LoadAnswer>; load: Load },
  pid: number,
  target: Pick<LoadQuestion, "url" | "requests">,
): Target {
  const { connectionCount, durationMs } = load;
  const cpuUs: number[] = [];
  return {
    cpuUs,
    async play() {
      const beforeMs = cpuMsOf(pid);
      const found = await cannon.ask({ ...target, connectionCount, durationMs, perSecond: null });
      if (found.failedCount > 0)
        throw new Error(`Requests failed: ${JSON.stringify(found.failed)}, ${found.trouble ?? ""}`);
      cpuUs.push(((cpuMsOf(pid) - beforeMs) * US_PER_MS) / found.okCount);
      return found.perSecond;
    },
  };
}

interface Played {
  readonly mine: readonly number[];
  readonly bare: readonly number[];
  readonly mineUs: readonly number[];
  readonly bareUs: readonly number[];
}

function findingOf({ mine, bare, mineUs, bareUs }: Played, load: Load): Finding {
  const ratio = ratiosOf(mine, bare);
  const perSecond = { mine: summarise(mine), bare: summarise(bare) };
  const cpuRatio = ratiosOf(bareUs, mineUs);
  return {
    what: "cached queue reads over HTTP (token checked, no milestone since the last read), against a bare `node:http` server that returns the same bytes",
    measured: `${formatSummary(ratio, { unit: "" })}: ${formatNumber(Math.round(perSecond.mine.median))} against ${formatNumber(Math.round(perSecond.bare.median))} per second`,
    budget: `≥ ${BUDGET}`,
    isMet: ratio.median >= BUDGET,
    how: `${formatNumber(load.connectionCount)} connections, each with a player's token, each server and the load in processes of their own, in turns of ${load.durationMs / MS_PER_SECOND} s; by the servers' processor time for one request it is ${formatSummary(cpuRatio, { unit: "" })} (${formatSummary(summarise(mineUs), { unit: "µs" })} against ${formatSummary(summarise(bareUs), { unit: "µs" })})`,
    figures: {
      ratio,
      minePerSecond: perSecond.mine,
      barePerSecond: perSecond.bare,
      cpuRatio,
      mineCpuUs: summarise(mineUs),
      bareCpuUs: summarise(bareUs),
    },
  };
}
