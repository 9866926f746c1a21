/** What a finished task costs in processor time, beside a job queue that does the same. */
import { join } from "node:path";
import { cpuMsOf } from "../cpu-time.js";
import { formatNumber, formatSummary } from "../format.js";
import { inTurns, ratiosOf, summarise } from "../measure.js";
import { type RedisOptions, startRedis } from "../redis-server.js";
import type { Finding, Row, RowContext } from "../row.js";
import type { BullmqQuestion } from "../sides/bullmq-tasks.js";
import type { Looking, MainspringQuestion } from "../sides/mainspring-tasks.js";
import { startSide } from "../sides/side.js";
import type { RoundCost, TaskLoad } from "../sides/task-load.js";

const BUDGET_DIVISOR = 50;
const US_PER_MS = 1000;

const TASK_MS = 250;
const FULL: TaskLoad = { playerCount: 1000, tasksPerPlayer: 10, taskMs: TASK_MS, spreadMs: TASK_MS };
const QUICK: TaskLoad = { playerCount: 50, tasksPerPlayer: 3, taskMs: TASK_MS, spreadMs: TASK_MS };

/** Rounds that count; one before them warms each side up. */
const FULL_ROUNDS = 3;
const QUICK_ROUNDS = 1;

/** Plays a round; its processor time for each finished task, in µs. */
type Play = (round: number) => Promise<number>;

interface Contest {
  /** A player looks once, when all is done. */
  readonly once: Play;
  /** The same with players who come, and look, all at one instant. */
  readonly atOnce: Play;
  /** A player looks at the end of each task. */
  readonly eachTask: Play;
  /** The job queue, flushed before each answer as Mainspring is. */
  readonly always: Play;
  /** The job queue, flushed once a second. */
  readonly everySecond: Play;
}

export const taskCpu: Row = async (context) => {
  const load = context.isQuick ? QUICK : FULL;
  const always = await openBullmq(context, load, "always");
  const everySecond = await openBullmq(context, load, "everysec");
  const contest: Contest = {
    ...(await openMainspring(context, load)),
    always: always.play,
    everySecond: everySecond.play,
  };
  const warmup = await playAll(contest, 1);
  if (Object.values(warmup).some(({ length }) => length !== 1)) throw new Error("A side did not warm up.");
  return findingsOf(
    await playAll(contest, context.isQuick ? QUICK_ROUNDS : FULL_ROUNDS),
    load,
    always.version,
  );
};

async function openMainspring(
  context: RowContext,
  load: TaskLoad,
): Promise<Pick<Contest, "once" | "atOnce" | "eachTask">> {
  const side = startSide<MainspringQuestion, RoundCost>(context, "mainspring-tasks");
  await side.ask({ type: "open", folder: join(context.folder, "mainspring"), taskMs: load.taskMs });
  const play =
    (looking: Looking, spreadMs = load.spreadMs): Play =>
    async () =>
      perTaskUs(await side.ask({ type: "round", load: { ...load, spreadMs }, looking }), load);
  return { once: play("once"), atOnce: play("once", 0), eachTask: play("each-task") };
}

async function openBullmq(
  context: RowContext,
  load: TaskLoad,
  appendfsync: RedisOptions["appendfsync"],
): Promise<{ readonly play: Play; readonly version: string }> {
  const { pid, port, version } = await startRedis(context, { appendfsync });
  const side = startSide<BullmqQuestion, RoundCost>(context, "bullmq-tasks");
  await side.ask({ type: "open", redisPort: port });
  const play: Play = async () => {
    const beforeMs = cpuMsOf(pid);
    const cost = await side.ask({ type: "round", load });
    return perTaskUs(cost, load, cpuMsOf(pid) - beforeMs);
  };
  return { play, version };
}

function perTaskUs(cost: RoundCost, load: TaskLoad, redisMs = 0): number {
  const taskCount = load.playerCount * load.tasksPerPlayer;
  if (cost.finishedCount !== taskCount)
    throw new Error(`${cost.finishedCount} of ${taskCount} tasks finished.`);
  return ((cost.cpuMs + redisMs) * US_PER_MS) / taskCount;
}

type Played = Readonly<Record<keyof Contest, readonly number[]>>;

async function playAll(contest: Contest, roundCount: number): Promise<Played> {
  const main = await inTurns(roundCount, contest.once, contest.always);
  const other = await inTurns(roundCount, contest.eachTask, contest.everySecond);
  const atOnce: number[] = [];
  while (atOnce.length < roundCount) atOnce.push(await contest.atOnce(atOnce.length));
  return { once: main.a, always: main.b, eachTask: other.a, everySecond: other.b, atOnce };
}

function findingsOf(played: Played, load: TaskLoad, redisVersion: string): readonly Finding[] {
  const { once, atOnce, eachTask, always, everySecond } = played;
  const against = (mine: readonly number[]): string => {
    const advantage = ratiosOf(always, mine);
    return `1/${formatSummary(advantage, { unit: "" })}: ${formatUs(mine)} against ${formatUs(always)}`;
  };
  const advantage = ratiosOf(always, once);
  return [
    {
      what: `CPU for each finished task, ${formatNumber(load.playerCount)} players × ${load.tasksPerPlayer} tasks, durable on the embedded store, against BullMQ doing the same on Redis`,
      measured: against(once),
      budget: `≤ 1/${BUDGET_DIVISOR}`,
      isMet: advantage.median >= BUDGET_DIVISOR,
      how: `user and system time of all threads of all processes (Redis ${redisVersion} included) from the first command to the last outcome; one command queues a player's ${load.tasksPerPlayer} tasks of ${load.taskMs} ms, one read after the last saves their outcome; the players come evenly over ${load.spreadMs} ms; BullMQ adds the next delayed job as one completes and keeps no outcome; both flush before they answer (\`appendfsync always\`)`,
      figures: { advantage, onceUs: summarise(once), bullmqAlwaysUs: summarise(always) },
    },
    {
      what: "the same with all players at one instant",
      measured: against(atOnce),
      budget: null,
      isMet: null,
      how: "their commits share flushes; BullMQ as above",
      figures: { advantage: ratiosOf(always, atOnce), atOnceUs: summarise(atOnce) },
    },
    {
      what: "the same with a read at the end of each task",
      measured: against(eachTask),
      budget: null,
      isMet: null,
      how: `one durable commit for each task; BullMQ with \`appendfsync everysec\` took ${formatUs(everySecond)}`,
      figures: {
        advantage: ratiosOf(always, eachTask),
        eachTaskUs: summarise(eachTask),
        bullmqEverySecondUs: summarise(everySecond),
      },
    },
  ];
}

function formatUs(values: readonly number[]): string {
  return formatSummary(summarise(values), { unit: "µs" });
}
