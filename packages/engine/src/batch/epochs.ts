/** Tells when all that was given before an instant is answered, while more keeps coming. */

export interface Epoch {
  pending: number;
  readonly whenOver: (() => void)[];
}

export interface Epochs {
  /** Something was given: it belongs to the epoch that is returned. */
  enter(): Epoch;
  /** Something of an epoch was answered. */
  leave(epoch: Epoch): void;
  /** Resolves when all that has entered so far has left. */
  settled(): Promise<void>;
}

export function createEpochs(): Epochs {
  const begin = (): Epoch => ({ pending: 0, whenOver: [] });
  let current = begin();
  /** The current one and those before it that are not over, oldest first. No more than there are waits for them. */
  const open: Epoch[] = [current];
  const closeOver = (): void => {
    for (let oldest = open[0]; oldest?.pending === 0 && oldest !== current; oldest = open[0]) {
      open.shift();
      for (const resolve of oldest.whenOver) resolve();
    }
  };
  return {
    enter() {
      current.pending += 1;
      return current;
    },
    leave(epoch) {
      epoch.pending -= 1;
      if (epoch.pending === 0) closeOver();
    },
    async settled() {
      const last = current;
      await new Promise<void>((resolve) => {
        last.whenOver.push(resolve);
        current = begin();
        open.push(current);
        closeOver();
      });
    },
  };
}
