/** Many players at once, but not all: a store is not to be flooded. */

const MAX_AT_ONCE = 16;

/** Does the work for each entry, at most {@link MAX_AT_ONCE} at a time. Stops starting more at the first failure, and throws it. */
export async function inParallel<T>(
  entries: readonly T[],
  work: (entry: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = entries.entries();
  let isStopped = false;
  const drain = async (): Promise<void> => {
    for (const [index, entry] of rest) {
      if (isStopped) return;
      await work(entry, index);
    }
  };
  const workers = Array.from({ length: Math.min(MAX_AT_ONCE, entries.length) }, async () =>
    drain().catch((error: unknown) => {
      isStopped = true;
      throw error;
    }),
  );
  // Whoever is at it finishes before the failure is told.
  const ended = await Promise.allSettled(workers);
  const failure = ended.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}
