/** What must be undone at the end, however the end comes: processes stopped, folders removed. */

export interface Releases {
  readonly defer: (release: () => void | Promise<void>) => void;
  /** The last one first, each once. One that fails doesn't keep the others from happening. */
  readonly releaseAll: () => Promise<void>;
}

export function createReleases(): Releases {
  const waiting: (() => void | Promise<void>)[] = [];
  return {
    defer(release) {
      waiting.push(release);
    },
    async releaseAll() {
      for (let release = waiting.pop(); release !== undefined; release = waiting.pop()) {
        try {
          await release();
        } catch (error) {
          console.error("bench: could not clean up:", error);
        }
      }
    },
  };
}

/** Runs `stop` on Ctrl-C and the like, once, and then exits as a shell expects it. */
export function onInterrupt(stop: () => Promise<void>): void {
  let isStopping = false;
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      void stop().finally(() => process.exit(exitCode));
    });
  }
}
