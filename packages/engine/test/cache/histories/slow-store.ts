/** A process' way to the shared store: slow, and at times failing before or after the work was done. What becomes durable is written down. */
import { MainspringError } from "@mainspring/core";
import type { RecordWrite, Store } from "../../../src/ports.js";
import type { SimulatedProcess } from "./process.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

export interface StoreConditions {
  /** From 0 (never) to 1 (always): fails before anything was done; although it was; gives up, and it is done later. */
  before: number;
  after: number;
  later: number;
  /** How often it takes long, and how long at most. */
  slow: number;
  maxDelayMs: number;
}

export interface SlowStoreOptions {
  readonly world: Pick<World, "after">;
  readonly process: Pick<SimulatedProcess, "isAlive" | "deliver">;
  readonly random: Random;
  readonly shared: Store;
  readonly conditions: Readonly<StoreConditions>;
  readonly onDurable: (write: RecordWrite) => void;
}

/** What is on its way when a process dies happens as often as not. */
const ARRIVES_AFTER_DEATH = 0.5;
const MAX_USUAL_DELAY_MS = 6;
const MAX_LATER_MS = 1_500;

export function createSlowStore(options: SlowStoreOptions): Store {
  const { world, process, random, shared, conditions, onDurable } = options;
  const delayMs = (): number =>
    random.chance(conditions.slow)
      ? random.between(0, conditions.maxDelayMs)
      : random.between(0.1, MAX_USUAL_DELAY_MS);
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;
  const ask = async <T>(run: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
    const answer = travel(run);
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  const travel = async <T>(run: () => Promise<T>): Promise<T> => {
    const fault = random.fraction();
    const isLaterThanTold = fault >= 1 - conditions.later;
    const isBefore = fault < conditions.before;
    const isAfter = !isBefore && fault < conditions.before + conditions.after;
    const toMs = delayMs();
    const fromMs = delayMs();
    const lateMs = random.between(0, MAX_LATER_MS);
    const arrives = random.chance(ARRIVES_AFTER_DEATH);
    return new Promise<T>((resolve, reject) => {
      const fail = (when: string) =>
        reject(new MainspringError("STORE_UNAVAILABLE", `An injected fault, ${when}.`));
      if (isBefore) {
        process.deliver(toMs, () => fail("before it was done"));
        return;
      }
      if (isLaterThanTold) process.deliver(toMs, () => fail("and perhaps it is done later"));
      world.after(isLaterThanTold ? toMs + lateMs : toMs, () => {
        if (!process.isAlive() && !arrives) return;
        const answer = run();
        if (isLaterThanTold) answer.catch(() => {});
        else if (isAfter) {
          answer.catch(() => {});
          process.deliver(fromMs, () => fail("after it was done"));
        } else {
          answer.then(
            (value) => process.deliver(fromMs, () => resolve(value)),
            (error: unknown) => process.deliver(fromMs, () => reject(error)),
          );
        }
      });
    });
  };
  return {
    ...shared,
    read: async (...given) => ask(async () => shared.read(...given)),
    commit: async (writes, commitOptions) =>
      ask(async () => {
        const outcomes = await shared.commit(writes, commitOptions);
        for (const [index, write] of writes.entries()) {
          if (outcomes[index]?.status === "committed") onDurable(write);
        }
        return outcomes;
      }),
    // As every store's: what is under way ends first. The shared one lives on.
    close: async () => {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}
