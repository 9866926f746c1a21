/** One arm of the soak: a server in a process of its own, filled first, then under load, with rests at which it is looked at. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { GrowthAlarm, GrowthOptions } from "@mainspring/engine/governor";
import { seededRandom } from "../fixtures/crowd.js";
import type { RowContext } from "../row.js";
import { type Side, startSide } from "../sides/side.js";
import { createSoakLoad, type SoakLoad } from "./soak-load.js";
import type { ServePlan, SoakAnswer, SoakLook, SoakQuestion } from "./soaked-server.js";
import { THRESHOLD_BYTES } from "./threshold.js";
import { type SoakSample, type Verdict, verdictOf } from "./verdict.js";

export interface SoakPlan {
  readonly playerCount: number;
  readonly perSecond: number;
  /** From the start, filling included, unless that takes more than half of it. */
  readonly durationMs: number;
  /** Of the load between two looks. */
  readonly stretchMs: number;
  readonly seed: number;
  readonly isLeaking: boolean;
  /** Where snapshots of its heap are put, one before the load at a rate and one after it; `null`: none is taken. */
  readonly snapshotFolder: string | null;
}

export interface ArmPlan extends SoakPlan {
  readonly name: string;
  readonly cache: ServePlan["cache"];
  readonly folder: string;
}

export interface ArmFound {
  readonly name: string;
  readonly plan: ArmPlan;
  readonly verdict: Verdict;
  readonly samples: readonly SoakSample[];
  /** Before the load at a rate, and after it: for `mainspring heap compare`. */
  readonly snapshots: readonly string[];
  /** What the server's own governor says at the end. */
  readonly alarm: GrowthAlarm | null;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Of requests to fill everything, for each player: of a hundred who are drawn by chance that often, 98 were there. */
const FILLING_PER_PLAYER = 4;

/** And so many at least, until most of the code is compiled. */
const LEAST_FILLING = 10_000;

/** Of all the time there is load at a rate for at least so much, however long filling takes. */
const LEAST_SHARE = 0.5;

/** Of the time that is left after filling: what the compiler, the collector and timers still change. */
const SETTLING_SHARE = 0.25;

/** @throws Error when the server can't be started, or too few looks fit into the time */
export async function runArm(context: Pick<RowContext, "defer">, plan: ArmPlan): Promise<ArmFound> {
  const startedAtMs = performance.now();
  const side = startSide<SoakQuestion, SoakAnswer>(context, "../soak/soaked-server", {
    execArgv: ["--expose-gc"],
  });
  const { folder, playerCount, cache, isLeaking } = plan;
  const served = await side.ask({
    ask: "serve",
    plan: { folder, playerCount, cache, isLeaking, growth: growthOf(plan) },
  });
  if (served.kind !== "served") throw new Error("It was told to serve.");
  tell(plan.name, `players have come after ${seconds(performance.now() - startedAtMs)}`);
  const load = createSoakLoad({ ...served, random: seededRandom(plan.seed) });
  context.defer(() => load.close());
  await load.open();
  await load.playAll(Math.max(LEAST_FILLING, FILLING_PER_PLAYER * playerCount));
  const filledAtMs = performance.now();
  tell(plan.name, `filled after ${seconds(filledAtMs - startedAtMs)}`);
  const untilMs = Math.max(startedAtMs, filledAtMs - (1 - LEAST_SHARE) * plan.durationMs) + plan.durationMs;
  const settledAtMs = filledAtMs + SETTLING_SHARE * (untilMs - filledAtMs);
  const snapshots = await takeSnapshot(side, plan, "before");
  const samples: SoakSample[] = [];
  let alarm: GrowthAlarm | null = null;
  while (performance.now() < untilMs || !saysEnough(samples)) {
    await load.play({ durationMs: plan.stretchMs, perSecond: plan.perSecond });
    const sample = await lookAt(side, load);
    ({ alarm } = sample);
    if (sample.atMs >= settledAtMs) samples.push(sample);
  }
  load.close();
  snapshots.push(...(await takeSnapshot(side, plan, "after")));
  await side.stop();
  return {
    name: plan.name,
    plan,
    verdict: verdictOf(samples),
    samples,
    alarm,
    snapshots,
    outcomes: load.outcomes(),
  };
}

/** By default it takes its time, as for a process that runs for weeks: here it has to be sure in less. */
function growthOf({ durationMs }: SoakPlan): GrowthOptions {
  return {
    minWindowMs: durationMs / 8,
    warmUpMs: durationMs / 8,
    minGrowthShare: GROWTH_BYTES / THRESHOLD_BYTES,
  };
}

/** However slow the machine is: less says too little. A hundred bytes of each of so many requests are more than what is no growth yet. */
const LEAST_LOOKS = 24;
const LEAST_REQUESTS = 20_000;

function saysEnough(samples: readonly SoakSample[]): boolean {
  const requestCount = (samples.at(-1)?.requestCount ?? 0) - (samples[0]?.requestCount ?? 0);
  return samples.length >= LEAST_LOOKS && requestCount >= LEAST_REQUESTS;
}

function tell(name: string, what: string): void {
  console.error(`soak: ${name}: ${what}`);
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Less than this within a window is no growth to the governor. 1 MiB. */
const GROWTH_BYTES = 1024 ** 2;

/** @returns where it lies, or nothing where none is wanted */
async function takeSnapshot(
  side: Side<SoakQuestion, SoakAnswer>,
  { name, snapshotFolder }: ArmPlan,
  when: "before" | "after",
): Promise<string[]> {
  if (snapshotFolder === null) return [];
  // By the mark of the process `heap compare` knows that both are of the same one.
  const file = `${name.replaceAll(" ", "-")}-${when}.p${side.pid}-soak.heapsnapshot`;
  const answer = await side.ask({ ask: "snapshot", path: join(snapshotFolder, file) });
  if (answer.kind !== "snapshot") throw new Error("It was told to take a snapshot.");
  return [answer.path];
}

/** Those whose answer nobody waits for have come to their end. */
const REST_MS = 20;

async function lookAt(
  side: { readonly ask: (question: SoakQuestion) => Promise<SoakAnswer> },
  { keptConnections }: SoakLoad,
): Promise<SoakSample & Pick<SoakLook, "alarm">> {
  await delay(REST_MS);
  const look = await side.ask({ ask: "look", keptConnections });
  if (look.kind !== "look") throw new Error("It was told to look.");
  return { ...look, atMs: performance.now() };
}
