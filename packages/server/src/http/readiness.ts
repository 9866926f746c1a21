/** Whether requests should be sent here, for those who balance load. Whoever has a reason why not takes the server out, and brings it back. */
export interface Readiness {
  /** Why not, at present; `null`: they can be sent. */
  reason(): string | null;
  /** Not ready from now on, until what comes back is called. The reason is shown to anybody. */
  withdraw(reason: string): () => void;
}

export function createReadiness(): Readiness {
  const reasons = new Map<symbol, string>();
  return {
    reason() {
      for (const reason of reasons.values()) return reason;
      return null;
    },
    withdraw(reason) {
      // Two may have the same reason, and each ends on its own.
      const key = Symbol(reason);
      reasons.set(key, reason);
      return () => void reasons.delete(key);
    },
  };
}
