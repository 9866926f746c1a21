/** The door that every request passes: counted, and closed while the engine shuts down. */
import { type ErrorCode, isMainspringError, MainspringError } from "@mainspring/core";

export interface Admission {
  /** Runs the work of a request. @throws MainspringError `SHUTTING_DOWN` once closed, and whatever the work throws. */
  readonly request: <T>(work: () => Promise<T>) => Promise<T>;
  inFlight(): number;
  /** Whether nobody is let in any more. */
  isClosed(): boolean;
  /** Requests that ended with an error, by code. */
  errors(): Readonly<Record<string, number>>;
  /** Lets nobody in any more; resolves when all are out. */
  close(): Promise<void>;
}

export function createAdmission(): Admission {
  const errors = new Map<ErrorCode, number>();
  let inFlight = 0;
  let isClosed = false;
  let whenEmpty: (() => void) | null = null;
  return {
    async request(work) {
      if (isClosed)
        throw new MainspringError("SHUTTING_DOWN", "This instance is shutting down; another may answer.");
      inFlight += 1;
      try {
        return await work();
      } catch (error) {
        const code = isMainspringError(error) ? error.code : "INTERNAL";
        errors.set(code, (errors.get(code) ?? 0) + 1);
        throw error;
      } finally {
        inFlight -= 1;
        if (inFlight === 0) whenEmpty?.();
      }
    },
    inFlight: () => inFlight,
    isClosed: () => isClosed,
    errors: () => Object.fromEntries(errors),
    async close() {
      isClosed = true;
      if (inFlight === 0) return;
      await new Promise<void>((resolve) => {
        whenEmpty = resolve;
      });
    },
  };
}
