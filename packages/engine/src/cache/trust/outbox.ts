/**
 * What this process has changed and must tell: each change with a number, sent again under the same one until it is confirmed.
 * While the second tier is away only the keys are kept, to be taken away there before anything is served from it again.
 */
import { randomBytes } from "node:crypto";
import type { Timers } from "../../ports.js";
import type { PutRequest, Remote, Sender } from "../remote.js";
import { createDirty, type DropChange } from "./dirty.js";
import type { RemoteAccess } from "./remote-access.js";
import { createUnconfirmed } from "./unconfirmed.js";

/** So many changes may be unconfirmed; with one more they are given up, and everything from before is distrusted. */
export const MAX_UNCONFIRMED = 10_000;

/** Changes are sent again so many at a time. */
const RESEND_BATCH = 100;

/** What was sent so long ago without an answer is sent again. Whoever hears it twice does nothing twice. */
const RESEND_AFTER_MS = 100;

export type PutChange = Omit<PutRequest, "sender">;

export interface Outbox {
  /** This instance, for the others. */
  readonly member: string;
  /** Stores and tells. Resolves when it is confirmed, or when it must be told later. Never rejects. */
  put(change: PutChange): Promise<void>;
  /** Takes away and tells. */
  drop(change: DropChange): Promise<void>;
  /** Any other call that tells; `null` when it failed or can't be made now, and then `otherwise` is told later. */
  tell<T>(call: (sender: Sender) => Promise<T>, otherwise: DropChange): Promise<T | null>;
  /** Of the change that waits longest; infinite: all is confirmed. */
  waitingSinceMs(): number;
  /** All up to this one are confirmed. */
  confirmed(): number;
  unconfirmed(): number;
  announcements(): number;
  /**
   * Changes were given up, and nobody knows which: to be told with the next beat, then `forgive`. Their numbers never come, and
   * the others begin to count anew.
   */
  isLost(): boolean;
  /** How often that has happened. */
  losses(): number;
  /** Gives up what is unconfirmed: nobody can tell any more what has changed. */
  giveUp(): void;
  /** Everybody distrusts what there was when it had happened so often. */
  forgive(losses: number): void;
  /**
   * Sends what has changed while the second tier was away, and sends again: all, or what was sent a while ago. Rejects where
   * that fails.
   */
  resend(which: "all" | "silent"): Promise<void>;
}

export interface OutboxParts {
  readonly remote: Remote;
  readonly access: RemoteAccess;
  readonly timers: Timers;
}

export function createOutbox({ remote, access, timers }: OutboxParts): Outbox {
  const member = randomBytes(8).toString("hex");
  const unconfirmed = createUnconfirmed(timers);
  const dirty = createDirty(timers);
  let losses = 0;
  let forgiven = 0;

  const giveUp = (): void => {
    unconfirmed.clear();
    dirty.takeAll();
    losses += 1;
  };
  const bound = (): void => {
    if (dirty.size + unconfirmed.size > MAX_UNCONFIRMED) giveUp();
  };
  const remember = (change: DropChange): void => {
    dirty.add(change);
    bound();
  };
  const enter = (change: DropChange, atMs: number) => {
    const resend = async (sequence: number) => remote.drop({ ...change, sender: { member, sequence } });
    const numbered = unconfirmed.enter({ atMs, resend });
    bound();
    return numbered;
  };
  const tell: Outbox["tell"] = async (call, otherwise) => {
    if (access.state() === "open") {
      remember(otherwise);
      return null;
    }
    const numbered = enter(otherwise, timers.nowMs());
    try {
      return await access.send(async () =>
        unconfirmed.send(numbered, async (sequence) => call({ member, sequence })),
      );
    } catch {
      // It stays unconfirmed, and is told again as something that may have changed.
      return null;
    }
  };

  return {
    member,
    tell,
    async put(change) {
      const { subject, value } = change;
      const otherwise = { subject, upTo: value.stamp, floor: value.stamp };
      await tell(async (sender) => remote.put({ ...change, sender }), otherwise);
    },
    async drop(change) {
      await tell(async (sender) => remote.drop({ ...change, sender }), change);
    },
    waitingSinceMs: () => Math.min(unconfirmed.oldestAtMs(), dirty.oldestAtMs()),
    confirmed: () => unconfirmed.confirmed(),
    unconfirmed: () => unconfirmed.size + dirty.size,
    announcements: () => unconfirmed.total,
    isLost: () => losses > forgiven,
    losses: () => losses,
    giveUp,
    forgive(count) {
      forgiven = Math.max(forgiven, count);
    },
    async resend(which) {
      for (const { change, atMs } of dirty.takeAll()) enter(change, atMs);
      const waiting = unconfirmed.silentFor(which === "all" ? 0 : RESEND_AFTER_MS);
      for (let first = 0; first < waiting.length; first += RESEND_BATCH) {
        const batch = waiting.slice(first, first + RESEND_BATCH);
        await Promise.all(batch.map(async (numbered) => unconfirmed.send(numbered, numbered.entry.resend)));
      }
    },
  };
}
