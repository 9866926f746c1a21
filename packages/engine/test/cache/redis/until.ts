/** Waits for the world, not for a time: asks again and again, up to a bound. */
import { setImmediate as turn } from "node:timers/promises";

const DEADLINE_MS = 30_000;

/** Resolves with the first answer for which `isIt` is true. What rejects is no answer yet. */
export async function until<T>(
  ask: () => T | Promise<T>,
  isIt: (answer: T) => boolean = Boolean,
  between: () => void = () => undefined,
): Promise<T> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  let last: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const answer = await ask();
      if (isIt(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    between();
    await turn();
  }
  throw new Error(`It didn't happen. Last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}
