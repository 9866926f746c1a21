/**
 * The usual way: a delayed job for each task in a job queue on Redis; when it is due a worker adds the player's next one.
 *
 * It keeps nothing but the queue: what a real game does with an outcome (rewards, levels, inventory) comes on top.
 */
import { Queue, Worker } from "bullmq";
import { ownCpuMs } from "../cpu-time.js";
import { answerQuestions, type Answering } from "./side.js";
import { forEachArrival, type RoundCost, type TaskLoad } from "./task-load.js";

export type BullmqQuestion =
  | { readonly type: "open"; readonly redisPort: number }
  | { readonly type: "round"; readonly load: TaskLoad };

/** Jobs that the worker has in hand at once: enough for it never to wait for one. */
const CONCURRENCY = 100;

interface TaskJob {
  readonly player: number;
  readonly leftCount: number;
}

interface Opened {
  readonly playRound: (load: TaskLoad) => Promise<RoundCost>;
  readonly close: () => Promise<void>;
}

function open(redisPort: number): Opened {
  const connection = { host: "127.0.0.1", port: redisPort };
  const queue = new Queue<TaskJob>("tasks", { connection, defaultJobOptions: { removeOnComplete: true } });
  let taskMs = 0;
  let finishedCount = 0;
  const addTask = async (job: TaskJob): Promise<void> => {
    await queue.add("task", job, { delay: taskMs });
  };
  const worker = new Worker<TaskJob>(
    "tasks",
    async ({ data: { player, leftCount } }) => {
      if (leftCount > 0) await addTask({ player, leftCount: leftCount - 1 });
    },
    { connection, concurrency: CONCURRENCY },
  );
  worker.on("error", (error) => console.error(error));
  return {
    async playRound(load) {
      const taskCount = load.playerCount * load.tasksPerPlayer;
      finishedCount = 0;
      taskMs = load.taskMs;
      const startedAtCpuMs = ownCpuMs();
      const allFinished = new Promise<void>((resolve) => {
        const onCompleted = (): void => {
          finishedCount += 1;
          if (finishedCount < taskCount) return;
          worker.off("completed", onCompleted);
          resolve();
        };
        worker.on("completed", onCompleted);
      });
      await forEachArrival(load, (player) => addTask({ player, leftCount: load.tasksPerPlayer - 1 }));
      await allFinished;
      return { cpuMs: ownCpuMs() - startedAtCpuMs, finishedCount };
    },
    async close() {
      // Nothing is under way any more, and waiting for the next job would last.
      await worker.close(true);
      await queue.close();
    },
  };
}

let opened: Opened | undefined;

const answer: Answering<BullmqQuestion, RoundCost | null> = async (question, { defer }) => {
  if (question.type === "round") {
    if (opened === undefined) throw new Error("It was not opened.");
    return opened.playRound(question.load);
  }
  opened = open(question.redisPort);
  defer(opened.close);
  return null;
};

answerQuestions(answer);
