/** What goes wrong around a real Redis, in bouts with calm between them: drawn from a seed, and done to whatever is there then. */
import type { RedisServer } from "../../support/redis-server.js";
import { NO_FAULTS, type ProxyFaults } from "../../support/redis-proxy.js";
import type { Conditions } from "../histories/conditions.js";
import { MAX_STORE_DELAY_MS } from "../histories/ledger.js";
import type { Random } from "../histories/random.js";
import type { StoreConditions } from "../histories/slow-store.js";
import { FORGET_AFTER_MS, type RealInstance } from "./real-instance.js";
import type { RealWorld } from "./real-world.js";

export const TROUBLE_KINDS = [
  "process killed",
  "process frozen",
  "instance crashes",
  "clean close",
  "cut off",
  "stalled",
  "slow network",
  "messages lost",
  "messages doubled",
  "messages out of order",
  "server killed",
  "server restarts from a copy",
  "server paused",
  "server flushed",
  "store fails",
  "store slow",
] as const;

export type TroubleKind = (typeof TROUBLE_KINDS)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  /** From the beginning of its bout. */
  readonly afterMs: number;
  readonly forMs: number;
  readonly target: number;
  readonly chances: readonly [number, number, number, number];
}

export interface Bout {
  readonly troubles: readonly Trouble[];
  /** Before the next one. */
  readonly calmMs: number;
}

const MAX_TROUBLES = 3;
const MIN_LENGTH_MS = 100;
/**
 * So long lasts a bout at most, and so long the calm after it at least: whoever was kept from Redis speaks with it again before the next,
 * and so never is silent for {@link FORGET_AFTER_MS}.
 */
const MAX_BOUT_MS = 4_000;
const MIN_CALM_MS = 3_000;
/** Now and then as much longer that there is trust again after a crash. */
const USUAL_CALM_MS = 6_000;
const LONG_CALM_MS = FORGET_AFTER_MS + 8_000;
const LONG_CALM_RATE = 0.2;

export function drawBout(random: Random): Bout {
  const troubles = new Map<string, Trouble>();
  const count = 1 + random.integer(MAX_TROUBLES);
  for (let index = 0; index < count; index += 1) {
    const kind = random.pick(TROUBLE_KINDS);
    const afterMs = index === 0 ? 0 : random.between(0, 1_500);
    const forMs = random.chance(0.5) ? random.between(MIN_LENGTH_MS, 800) : random.between(800, MAX_BOUT_MS);
    troubles.set(placeOf(kind), {
      kind,
      afterMs,
      forMs: Math.min(forMs, MAX_BOUT_MS - afterMs),
      target: random.integer(1_000),
      chances: [random.fraction(), random.fraction(), random.fraction(), random.fraction()],
    });
  }
  const mostMs = random.chance(LONG_CALM_RATE) ? LONG_CALM_MS : USUAL_CALM_MS;
  return { troubles: [...troubles.values()], calmMs: random.between(MIN_CALM_MS, mostMs) };
}

/** One thing at a time happens to the server, to the processes, and so on. */
function placeOf(kind: TroubleKind): string {
  if (kind.startsWith("server")) return "server";
  return OF_PROCESSES.has(kind) ? "processes" : kind;
}

const OF_PROCESSES: ReadonlySet<TroubleKind> = new Set([
  "process killed",
  "process frozen",
  "instance crashes",
  "clean close",
]);

export interface Troubled {
  readonly world: RealWorld;
  readonly server: RedisServer;
  readonly storage: Conditions<StoreConditions>;
  instances(): readonly RealInstance[];
  openLocal(): Promise<void>;
  startChild(): Promise<void>;
  /** Resolves when the instance has sent the store a commit, or has none for some time. */
  untilCommit(instance: RealInstance): Promise<void>;
  note(subject: null, who: string, text: string): void;
}

/** Resolves when it is over. */
export async function makeTrouble(troubled: Troubled, trouble: Trouble): Promise<void> {
  const { world } = troubled;
  await world.wait(trouble.afterMs);
  const { kind, forMs } = trouble;
  troubled.note(null, "!", `${kind}, for ${forMs.toFixed(0)} ms`);
  if (kind.startsWith("server")) await troubleServer(troubled, trouble);
  else if (kind.startsWith("store")) await troubleStore(troubled, trouble);
  else await troubleInstance(troubled, trouble);
  troubled.note(null, "!", `${kind}, over`);
}

async function troubleServer(
  { server, world }: Troubled,
  { kind, forMs, chances: [chance] }: Trouble,
): Promise<void> {
  if (kind === "server killed") {
    await server.kill();
    await world.wait(forMs);
    await server.restart({ isEmpty: true });
  } else if (kind === "server restarts from a copy") {
    await server.ask("SAVE");
    await world.wait(forMs * chance);
    await server.kill();
    await world.wait(forMs * (1 - chance));
    await server.restart();
  } else if (kind === "server paused") {
    server.pause();
    await world.wait(forMs);
    server.resume();
  } else await server.ask("FLUSHALL");
}

async function troubleStore(
  { storage, world }: Troubled,
  { kind, forMs, chances: [chance, other, another] }: Trouble,
): Promise<void> {
  if (kind === "store slow") storage.worsen({ slow: chance, maxDelayMs: MAX_STORE_DELAY_MS }, forMs);
  else storage.worsen({ before: chance / 4, after: other / 3, later: another / 5 }, forMs);
  await world.wait(forMs);
}

async function troubleInstance(troubled: Troubled, trouble: Trouble): Promise<void> {
  const { world } = troubled;
  const { kind, forMs, chances } = trouble;
  const open = troubled.instances().filter(({ process, isLeaving }) => process.isAlive() && !isLeaving);
  const isOfProcesses = kind === "process killed" || kind === "process frozen";
  const candidates = isOfProcesses ? open.filter(({ freezing }) => freezing !== null) : open;
  const target = candidates[trouble.target % Math.max(1, candidates.length)];
  if (target === undefined) return;
  troubled.note(null, target.name, kind);
  if (kind === "process frozen") {
    target.freezing?.freeze();
    await world.wait(forMs);
    target.freezing?.thaw();
    return;
  }
  const [chance, other] = chances;
  if (kind === "process killed" || kind === "instance crashes" || kind === "clean close") {
    await end(troubled, target, trouble);
    await world.wait(forMs);
    await (target.freezing === null ? troubled.openLocal() : troubled.startChild());
    return;
  }
  const faults = faultsOf(kind, chances);
  target.proxy.setFaults(faults);
  if (kind === "cut off") target.proxy.cut();
  await world.wait(forMs);
  target.proxy.setFaults(NO_FAULTS);
  // A connection through which nothing came for long is broken off by somebody, as a rule.
  if (kind === "stalled" && other < 0.3 && chance < 0.5) target.proxy.cut();
}

async function end(
  troubled: Troubled,
  target: RealInstance,
  { kind, chances: [chance] }: Trouble,
): Promise<void> {
  if (kind === "clean close") {
    target.isLeaving = true;
    // What is under way ends first.
    await troubled.world.wait(MAX_STORE_DELAY_MS);
    await target.close();
    return;
  }
  // In the middle of a commit: before it is done, after, or between what was told to whom.
  await troubled.untilCommit(target);
  await troubled.world.wait(chance * 15);
  await target.crash();
}

function faultsOf(kind: TroubleKind, [chance, other, third]: Trouble["chances"]): Partial<ProxyFaults> {
  if (kind === "cut off") return { isRefusing: true };
  if (kind === "stalled") {
    // At least one of them.
    return {
      isToServerStalled: chance < 0.5,
      isFromServerStalled: other < 0.5,
      isChannelStalled: third < 0.5 || (chance >= 0.5 && other >= 0.5),
    };
  }
  if (kind === "slow network") return { maxDelayMs: 20 + 1_000 * other * other };
  if (kind === "messages lost") return { lost: 0.1 + 0.9 * chance, lostEchoes: other < 0.5 ? 0 : chance };
  if (kind === "messages doubled") return { doubled: chance };
  return { disordered: chance };
}
