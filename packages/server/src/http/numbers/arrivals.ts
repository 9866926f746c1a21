/**
 * When requests arrived. All that were read in one turn of the event loop arrived together: one that is looked at later has waited for those
 * before it, and that belongs to what its client waits for. So a turn asks for the time once.
 */
export interface ArrivalParts {
  readonly nowMs: () => number;
  /** Runs something when the turn is over. */
  readonly afterTurn: (run: () => void) => void;
}

/** @returns when the request that is looked at now arrived */
export function createArrivals({ nowMs, afterTurn }: ArrivalParts): () => number {
  let turnBeganAtMs: number | null = null;
  const end = (): void => {
    turnBeganAtMs = null;
  };
  return () => {
    if (turnBeganAtMs !== null) return turnBeganAtMs;
    turnBeganAtMs = nowMs();
    afterTurn(end);
    return turnBeganAtMs;
  };
}
