/** What a process may say about a server's clock: a time that it has reached for sure, by the last answer that told. */

export interface ServerTime {
  /** The server said so, in an answer that just came. */
  heard(serverNowMs: number): void;
  /** Another server answers from now on. */
  forget(): void;
  /** The server's clock shows at least this; 0 while nothing is known. */
  atLeastMs(): number;
}

/** @param nowMs a clock of this process, that never goes back */
export function createServerTime(nowMs: () => number): ServerTime {
  let aheadMs: number | null = null;
  return {
    heard(serverNowMs) {
      aheadMs = serverNowMs - nowMs();
    },
    forget() {
      aheadMs = null;
    },
    atLeastMs: () => (aheadMs === null ? 0 : Math.floor(nowMs() + aheadMs)),
  };
}
