/** Whether a connection can be trusted with a request, by what was heard on it and what was not. */
import { HINT_MARGIN_MS, QUIET_MS } from "./pool-options.js";

export interface Trust {
  /** An answer came, with these headers. */
  hear(headers: Readonly<Record<string, string>>, nowMs: number): void;
  /** The process stood still: nothing is known any more. */
  doubt(): void;
  /** Whether it must be asked if it lives before it is used. */
  isDoubtful(nowMs: number): boolean;
  /** Whether something may have arrived that is not read yet. */
  isQuiet(nowMs: number): boolean;
  /** Whether it is doubted for a freeze. */
  isFrozen(): boolean;
  /** Whether the server said that it closes it now. */
  isLeaving(): boolean;
  hasAnswered(): boolean;
}

export function createTrust(options: { readonly openedAtMs: number; readonly checkAfterMs: number }): Trust {
  const { openedAtMs, checkAfterMs } = options;
  let heardAtMs = openedAtMs;
  let doubtAfterMs = checkAfterMs;
  let isFrozen = false;
  let isLeaving = false;
  let hasAnswered = false;
  return {
    hear(headers, nowMs) {
      heardAtMs = nowMs;
      isFrozen = false;
      hasAnswered = true;
      isLeaving = headers["connection"]?.toLowerCase() === "close";
      const hintMs = keepAliveHintMs(headers["keep-alive"]);
      if (hintMs === undefined) return;
      doubtAfterMs = Math.min(checkAfterMs, Math.max(hintMs - HINT_MARGIN_MS, hintMs / 2));
    },
    doubt() {
      isFrozen = true;
    },
    isDoubtful: (nowMs) => isFrozen || nowMs - heardAtMs > doubtAfterMs,
    isQuiet: (nowMs) => nowMs - heardAtMs > QUIET_MS,
    isFrozen: () => isFrozen,
    isLeaving: () => isLeaving,
    hasAnswered: () => hasAnswered,
  };
}

/** `Keep-Alive: timeout=5`: the server closes the connection after so many seconds without a request. */
function keepAliveHintMs(header: string | undefined): number | undefined {
  const seconds = header === undefined ? undefined : /timeout=(\d+)/i.exec(header)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
