/** One at a time per player: requests that change a player wait for each other in this process, others run on. */
import { MainspringError } from "@mainspring/core";

/** So many requests of one player may wait; more are refused. */
export const MAX_WAITING_PER_PLAYER = 64;

/** So many requests may be under way or waiting in all. */
export const MAX_WAITING = 20_000;

export interface Mailboxes {
  /** Runs the work after all earlier work of this player. @throws MainspringError `OVERLOADED` when too much waits. */
  run<T>(playerId: string, work: () => Promise<T>): Promise<T>;
  /** Whether work of this player is under way or waits. */
  isBusy(playerId: string): boolean;
}

interface Mailbox {
  last: Promise<unknown>;
  waiting: number;
}

/** Mailboxes for all players; one exists only while work for its player is under way. */
export function createMailboxes(): Mailboxes {
  const boxes = new Map<string, Mailbox>();
  let waiting = 0;

  const enter = (playerId: string): Mailbox => {
    const box = boxes.get(playerId) ?? { last: Promise.resolve(), waiting: 0 };
    if (box.waiting >= MAX_WAITING_PER_PLAYER || waiting >= MAX_WAITING) {
      throw new MainspringError("OVERLOADED", "Too many requests wait already; try again in a moment.");
    }
    boxes.set(playerId, box);
    box.waiting += 1;
    waiting += 1;
    return box;
  };

  const leave = (playerId: string, box: Mailbox): void => {
    box.waiting -= 1;
    waiting -= 1;
    if (box.waiting === 0) boxes.delete(playerId);
  };

  return {
    isBusy: (playerId) => boxes.has(playerId),
    async run(playerId, work) {
      const box = enter(playerId);
      const turn = box.last.then(work, work);
      box.last = turn;
      try {
        return await turn;
      } finally {
        leave(playerId, box);
      }
    },
  };
}
