/** Those who wait until so many connections are open. */
export interface Warmings {
  /** The most connections that one of them waits for. */
  wanted(): number;
  /** Resolves when so many are open. @throws what {@link Warmings.fail} is given */
  wait(connectionCount: number): Promise<void>;
  noteOpen(connectionCount: number): void;
  fail(error: Error): void;
}

interface Warming {
  readonly connectionCount: number;
  resolve(): void;
  reject(error: Error): void;
}

export function createWarmings(): Warmings {
  let warmings: readonly Warming[] = [];
  return {
    wanted: () => Math.max(0, ...warmings.map(({ connectionCount }) => connectionCount)),
    wait: (connectionCount) =>
      new Promise((resolve, reject) => {
        warmings = [...warmings, { connectionCount, resolve, reject }];
      }),
    noteOpen(connectionCount) {
      for (const warming of warmings) if (warming.connectionCount <= connectionCount) warming.resolve();
      warmings = warmings.filter((warming) => warming.connectionCount > connectionCount);
    },
    fail(error) {
      for (const warming of warmings) warming.reject(error);
      warmings = [];
    },
  };
}
