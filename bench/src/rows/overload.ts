/**
 * What a server does of use while more is asked of it than it can do: with the limit of requests under way and without, on a store that
 * needs the processor and on one that is waited for.
 */
import { join } from "node:path";
import { formatNumber } from "../format.js";
import type { LoadFound } from "../load/outcome.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { Served, ServeQuestion } from "../serve-mainspring.js";
import type { LoadKind, MixedLoadAnswer, MixedLoadQuestion } from "../sides/mixed-load.js";
import { type Side, startSide } from "../sides/side.js";

/** Of the best goodput. */
const BUDGET = 0.85;

/** Of the capacity, in this order: the first says what is calm. */
const TIMES = [0.5, 1, 2, 3] as const;

/** An answer that comes later is no good to a player who looks at a screen. */
const DEADLINE_MS = 1000;

interface Scale {
  readonly playerCount: number;
  readonly warmUpMs: number;
  readonly capacityMs: number;
  readonly phaseMs: number;
}

const FULL: Scale = { playerCount: 2000, warmUpMs: 5000, capacityMs: 4000, phaseMs: 15_000 };
const QUICK: Scale = { playerCount: 200, warmUpMs: 1000, capacityMs: 1000, phaseMs: 1500 };

const TASKS_PER_PLAYER = 5;

/** As many as keep the server busy, and no more. */
const CAPACITY_CONNECTIONS = 64;

/** After a load everybody asks gently until all is calm again. */
const GENTLY = 0.3;
const SLICE_MS = 500;
const MAX_SLICES = 60;

/** Calm: p99 is no more than so many times what it was at first, and so many ms. */
const CALM_TIMES = 2;
const CALM_MS = 20;

/** One request of 20 changes something, as where clients look every few seconds and players act once a minute. */
const SHARES = { command: 0.05, read: 0.75, low: 0.2 } as const;
type Kind = keyof typeof SHARES;
const KINDS: readonly Kind[] = ["command", "read", "low"];

interface Place {
  readonly name: string;
  readonly store: ServeQuestion["store"];
}

interface Target {
  readonly cannon: Side<MixedLoadQuestion, MixedLoadAnswer>;
  readonly served: Served;
  readonly scale: Scale;
}

/** Requests per second that a server answers: of the mix, and of each kind alone. */
interface Capacity {
  readonly mixed: number;
  readonly alone: Readonly<Record<Kind, number>>;
}

interface Phase {
  readonly times: number;
  readonly kinds: Readonly<Record<Kind, LoadFound>>;
  readonly perSecond: number;
  /** Answers within the deadline, per second. */
  readonly goodPerSecond: number;
  /** What they are of the server's time, each kind costing what it costs alone. */
  readonly goodWork: number;
  /** From the end of the load until all is answered as quickly as before it; `null`: not within the time that was waited. */
  readonly calmAfterMs: number | null;
}

export const overload: Row = async (context) => {
  const scale = context.isQuick ? QUICK : FULL;
  const folder = (name: string) => ({ kind: "lmdb", folder: join(context.folder, name) }) as const;
  const onLmdb = await compare(context, scale, async (side) => ({ name: "LMDB", store: folder(side) }));
  const onDynamoDb = await compare(context, scale, async () => {
    const database = startSide<null, string>(context, "dynalite-server");
    return { name: "DynamoDB (dynalite)", store: { kind: "dynamodb", endpoint: await database.ask(null) } };
  });
  return [...onLmdb, ...onDynamoDb];
};

async function compare(
  context: RowContext,
  scale: Scale,
  open: (side: string) => Promise<Place>,
): Promise<readonly Finding[]> {
  const place = await open("off");
  const off = await play(context, { place, scale, isLimited: false, known: null });
  const on = await play(context, {
    place: await open("on"),
    scale,
    isLimited: true,
    known: off.capacity,
  });
  const all = [...off.phases, ...on.phases];
  const best = {
    perSecond: Math.max(...all.map(({ goodPerSecond }) => goodPerSecond)),
    work: Math.max(...all.map(({ goodWork }) => goodWork)),
  };
  return on.phases.flatMap((phase, at) => {
    const without = off.phases[at];
    return without === undefined
      ? []
      : [findingOf({ name: place.name, on: phase, off: without, best, capacity: off.capacity }, scale)];
  });
}

interface Play {
  readonly place: Place;
  readonly scale: Scale;
  readonly isLimited: boolean;
  /** `null`: to be measured. */
  readonly known: Capacity | null;
}

async function play(context: RowContext, { place, scale, isLimited, known }: Play) {
  const cannon = startSide<MixedLoadQuestion, MixedLoadAnswer>(context, "mixed-load");
  const server = startSide<ServeQuestion, Served>(context, "mainspring-http");
  const { store } = place;
  const { playerCount } = scale;
  const served = await server.ask({
    store,
    cache: null,
    playerCount,
    tasksPerPlayer: TASKS_PER_PLAYER,
    isLimited,
  });
  const target: Target = { cannon, served, scale };
  for (const kind of KINDS) await flatOut(target, { shares: alone(kind), durationMs: scale.warmUpMs / 3 });
  await flatOut(target, { shares: SHARES, durationMs: scale.warmUpMs });
  const capacity = known ?? (await capacityOf(target));
  const phases: Phase[] = [];
  for (const times of TIMES) phases.push(await phaseOf(target, { times, capacity, before: phases }));
  await cannon.stop();
  await server.stop();
  return { capacity, phases };
}

const alone = (kind: Kind): Readonly<Record<Kind, number>> => ({ command: 0, read: 0, low: 0, [kind]: 1 });

async function capacityOf(target: Target): Promise<Capacity> {
  const { capacityMs: durationMs } = target.scale;
  const of = async (kind: Kind) => flatOut(target, { shares: alone(kind), durationMs });
  const single = { command: await of("command"), read: await of("read"), low: await of("low") };
  return { mixed: await flatOut(target, { shares: SHARES, durationMs }), alone: single };
}

interface FlatOut {
  readonly shares: Readonly<Record<Kind, number>>;
  readonly durationMs: number;
}

/** As much as the server can do: answers per second. */
async function flatOut(target: Target, { shares, durationMs }: FlatOut): Promise<number> {
  const pace = { connectionCount: CAPACITY_CONNECTIONS };
  const { kinds } = await ask(target, { shares, durationMs, pace });
  return kinds[0]?.perSecond ?? 0;
}

async function ask(
  { cannon, served }: Target,
  { shares, ...how }: FlatOut & Pick<MixedLoadQuestion, "pace">,
): Promise<MixedLoadAnswer> {
  const requests = { command: served.reorders, read: served.requests, low: served.lows };
  const kinds = KINDS.map((name): LoadKind => ({ name, requests: requests[name], share: shares[name] }));
  return cannon.ask({ url: served.url, kinds, deadlineMs: DEADLINE_MS, ...how });
}

async function openly(target: Target, perSecond: number, durationMs: number): Promise<Phase["kinds"]> {
  const { kinds } = await ask(target, { shares: SHARES, durationMs, pace: { perSecond } });
  const [command, read, low] = kinds;
  if (command === undefined || read === undefined || low === undefined) throw new Error("A kind is missing.");
  return { command, read, low };
}

async function phaseOf(
  target: Target,
  {
    times,
    capacity,
    before,
  }: { readonly times: number; readonly capacity: Capacity; readonly before: readonly Phase[] },
): Promise<Phase> {
  const { phaseMs } = target.scale;
  const perSecond = times * capacity.mixed;
  const kinds = await openly(target, perSecond, phaseMs);
  const seconds = phaseMs / 1000;
  const good = (kind: Kind): number => kinds[kind].goodCount / seconds;
  const drainMs = Math.max(...KINDS.map((kind) => kinds[kind].drainMs));
  const calm = before[0]?.kinds ?? kinds;
  const restlessMs = await untilCalm(target, GENTLY * capacity.mixed, calm);
  return {
    times,
    kinds,
    perSecond,
    goodPerSecond: KINDS.reduce((sum, kind) => sum + good(kind), 0),
    goodWork: KINDS.reduce((sum, kind) => sum + good(kind) / capacity.alone[kind], 0),
    calmAfterMs: restlessMs === null ? null : drainMs + restlessMs,
  };
}

async function untilCalm(target: Target, perSecond: number, calm: Phase["kinds"]): Promise<number | null> {
  for (let slice = 0; slice < MAX_SLICES; slice += 1) {
    const now = await openly(target, perSecond, SLICE_MS);
    const isCalm = KINDS.every(
      (kind) => now[kind].failedCount === 0 && now[kind].p99Ms <= CALM_TIMES * calm[kind].p99Ms + CALM_MS,
    );
    if (isCalm) return slice * SLICE_MS;
  }
  return null;
}

interface Found {
  readonly name: string;
  readonly on: Phase;
  readonly off: Phase;
  readonly best: { readonly perSecond: number; readonly work: number };
  readonly capacity: Capacity;
}

function findingOf({ name, on, off, best, capacity }: Found, scale: Scale): Finding {
  const isOver = on.times > 1;
  const { command, read, low } = capacity.alone;
  const rate = (perSecond: number): string => formatNumber(Math.round(perSecond));
  return {
    what: `${formatNumber(on.times)} × capacity on ${name}, with the limit and without`,
    measured: `with it ${told(on, best)}; without ${told(off, best)}`,
    budget: isOver ? `≥ ${BUDGET * 100} % of the best goodput` : null,
    isMet: isOver ? on.goodPerSecond / best.perSecond >= BUDGET : null,
    how: `of 20 requests 1 is a command, 15 are reads and 4 are low (totals, journal), without a cache, so that all of them need the store; each of ${formatNumber(scale.playerCount)} players has a connection for each kind; capacity, without the limit: ${rate(capacity.mixed)} per second of the mix, alone ${rate(command)} commands, ${rate(read)} reads, ${rate(low)} low ones; for ${scale.phaseMs / 1000} s requests come at random times, ${rate(on.perSecond)} per second, whether they are answered or not. Goodput: answers within ${DEADLINE_MS} ms of the instant at which the request was due, against the best of this table; by work: each kind counts what it costs alone, so what is shed first weighs most here. Calm: p99 of all kinds as at half of capacity, and nobody is refused`,
    figures: { capacityPerSecond: capacity.mixed, ...figuresOf("on", on), ...figuresOf("off", off) },
  };
}

function told(phase: Phase, best: Found["best"]): string {
  const percent = (share: number): string => `${formatNumber(Math.round(share * 100))} %`;
  const { kinds, goodPerSecond, goodWork, calmAfterMs } = phase;
  const { p50Ms, p99Ms } = kinds.command;
  const refused = KINDS.map((kind) => `${kind} ${percent(lostShare(kinds[kind]))}`).join(", ");
  const calm =
    calmAfterMs === null ? "not calm again" : `calm after ${formatNumber(Math.round(calmAfterMs) / 1000)} s`;
  return `goodput ${percent(goodPerSecond / best.perSecond)} (${percent(goodWork / best.work)} by work); commands p50 ${formatNumber(p50Ms)}, p99 ${formatNumber(p99Ms)} ms; not answered with 2xx: ${refused}; ${calm}`;
}

const lostShare = ({ okCount, failedCount }: LoadFound): number =>
  failedCount / Math.max(1, okCount + failedCount);

function figuresOf(name: string, { kinds, goodPerSecond, goodWork, calmAfterMs }: Phase) {
  const figures: Record<string, number> = {
    [`${name}GoodPerSecond`]: goodPerSecond,
    [`${name}GoodWork`]: goodWork,
    [`${name}CalmAfterMs`]: calmAfterMs ?? -1,
  };
  for (const kind of KINDS) {
    const { p50Ms, p99Ms, okCount, goodCount, failedCount, lagP99Ms } = kinds[kind];
    figures[`${name}.${kind}.p50Ms`] = p50Ms;
    figures[`${name}.${kind}.p99Ms`] = p99Ms;
    figures[`${name}.${kind}.ok`] = okCount;
    figures[`${name}.${kind}.good`] = goodCount;
    figures[`${name}.${kind}.failed`] = failedCount;
    figures[`${name}.${kind}.lagP99Ms`] = lagP99Ms;
  }
  return figures;
}
