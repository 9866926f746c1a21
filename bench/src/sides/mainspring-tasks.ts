/** Mainspring: a player's tasks are queued by one command, and what became of them is saved when somebody looks. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createEngine, type Engine } from "@mainspring/engine";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { ownCpuMs } from "../cpu-time.js";
import { workshopCatalog } from "../fixtures/workshop.js";
import { answerQuestions, type Answering } from "./side.js";
import { forEachArrival, type RoundCost, type TaskLoad } from "./task-load.js";

/** When players look: once, after their last task, or at the end of each. */
export type Looking = "once" | "each-task";

export type MainspringQuestion =
  | { readonly type: "open"; readonly folder: string; readonly taskMs: number }
  | { readonly type: "round"; readonly load: TaskLoad; readonly looking: Looking };

/** The end of a task is waited for so much longer, so that it is due for certain. */
const MARGIN_MS = 2;

const OWN = { asPlayer: true } as const;

let engine: Engine | undefined;

async function playRound(
  opened: Engine,
  question: MainspringQuestion & { type: "round" },
): Promise<RoundCost> {
  const { load, looking } = question;
  const { tasksPerPlayer, taskMs } = load;
  const tasks = Array.from({ length: tasksPerPlayer }, () => ({ activity: "mine-copper" }));
  const finished = new Set<string>();
  const look = async (playerId: string): Promise<void> => {
    const { state } = await opened.read(playerId, OWN);
    if (state.lanes[0].tasks.length === 0) finished.add(playerId);
  };
  const startedAtCpuMs = ownCpuMs();
  await forEachArrival(load, async (player) => {
    const playerId = `player-${player}`;
    await opened.apply(playerId, { type: "enqueue", tasks }, { ...OWN, key: randomUUID() });
    if (looking === "each-task") {
      const startedAtMs = performance.now();
      for (let task = 1; task <= tasksPerPlayer; task += 1) {
        await delay(startedAtMs + task * taskMs + MARGIN_MS - performance.now());
        await look(playerId);
      }
    }
  });
  if (looking === "once") {
    await delay(tasksPerPlayer * taskMs + MARGIN_MS);
    await forEachArrival(load, (player) => look(`player-${player}`));
  }
  return { cpuMs: ownCpuMs() - startedAtCpuMs, finishedCount: finished.size * tasksPerPlayer };
}

const answer: Answering<MainspringQuestion, RoundCost | null> = async (question, { defer }) => {
  if (question.type === "round") {
    if (engine === undefined) throw new Error("It was not opened.");
    return playRound(engine, question);
  }
  const store = await openLmdbStore({ folder: question.folder });
  const opened = await createEngine({ store, catalog: workshopCatalog({ cycleMs: question.taskMs }) });
  defer(() => opened.close());
  engine = opened;
  return null;
};

answerQuestions(answer);
