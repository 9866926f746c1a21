/** Work with a limit to waiting for it. */
import { MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";

export interface Limit {
  readonly timers: Timers;
  readonly limitMs: number;
  /** What isn't done in time. */
  readonly what: string;
}

/** @throws MainspringError `STORE_UNAVAILABLE` after so long; the work goes on, and nobody waits for it */
export async function within<T>({ timers, limitMs, what }: Limit, work: () => Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const limit = new Promise<never>((_, reject) => {
    cancel = timers.after(limitMs, () => {
      reject(new MainspringError("STORE_UNAVAILABLE", `${what} took longer than ${limitMs} ms.`));
    });
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    cancel();
  }
}
