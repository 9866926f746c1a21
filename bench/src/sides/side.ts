/**
 * Programs that a row compares run in processes of their own, so that what each costs can be told apart. A row asks, the
 * program answers, one question at a time.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createReleases, onInterrupt, type Releases } from "../releases.js";
import type { RowContext } from "../row.js";

type Answer<A> =
  | { readonly isAnswered: true; readonly answer: A }
  | { readonly isAnswered: false; readonly reason: string };

/** How long a program may take to end in order. */
const STOP_TIMEOUT_MS = 2000;

/** A program under measurement, as its row sees it. */
export interface Side<Q, A> {
  readonly pid: number;
  ask(question: Q): Promise<A>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Starts a program, found from this folder. It ends with the row at the latest. @param options.execArgv flags of Node.js; default: none */
export function startSide<Q, A>(
  { defer }: Pick<RowContext, "defer">,
  program: string,
  { execArgv = [] }: { readonly execArgv?: readonly string[] } = {},
): Side<Q, A> {
  const path = fileURLToPath(new URL(`${program}.js`, import.meta.url));
  const child = fork(path, [], {
    execArgv: [...execArgv],
    stdio: ["ignore", process.stderr, "inherit", "ipc"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start.`);
  // Not "close": with the channel let go of from here, it may never come.
  const closed = once(child, "exit").then(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
  };
  defer(stop);
  return {
    pid,
    stop,
    async ask(question) {
      const message = new Promise<Answer<A>>((resolve) => {
        child.once("message", (answer: Answer<A>) => resolve(answer));
      });
      child.send({ question });
      const answer = await Promise.race([message, closed]);
      if (answer === undefined) throw new Error(`${program} ended without an answer.`);
      if (!answer.isAnswered) throw new Error(`${program}: ${answer.reason}`);
      return answer.answer;
    },
  };
}

/** How a program answers. What it defers happens at its end. */
export type Answering<Q, A> = (question: Q, releases: Releases) => Promise<A>;

/** What a program does: answers questions until its row lets go of it. */
export function answerQuestions(answer: Answering<never, unknown>): void {
  const releases = createReleases();
  onInterrupt(releases.releaseAll);
  process.once("disconnect", () => {
    void releases.releaseAll().finally(() => process.exit(0));
  });
  process.on("message", ({ question }: { question: never }) => {
    answer(question, releases).then(
      (found) => process.send?.({ isAnswered: true, answer: found }),
      (error: unknown) => {
        console.error(error);
        process.send?.({ isAnswered: false, reason: error instanceof Error ? error.message : String(error) });
      },
    );
  });
}
