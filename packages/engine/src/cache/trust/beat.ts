/** One beat, and what its answer says. A server that has forgotten who was there is told of them before it is believed. */
import type { Timers } from "../../ports.js";
import type { BeatAnswer, Remote } from "../remote.js";
import type { Heard } from "./heard.js";
import type { LastBeat } from "./last-beat.js";
import type { Outbox } from "./outbox.js";
import type { RemoteAccess } from "./remote-access.js";

/** Who hasn't beaten for so long may have changed something without a word. */
export const SILENT_AFTER_MS = 1_000;

/** Who was silent for so long doesn't come back, and neither does one that a new server never heard of. 5 minutes. */
export const FORGET_AFTER_MS = 300_000;

/** Whoever heard from the server so long ago knows who was there when it forgot them: longer than a failover takes. */
export const WITNESS_MS = 30_000;

export interface BeatParts {
  readonly remote: Remote;
  readonly timers: Timers;
  readonly access: RemoteAccess;
  readonly outbox: Outbox;
  readonly heard: Heard;
  readonly lastBeat: LastBeat;
}

/** Who was there, by the last answer that was believed. */
interface KnownList {
  readonly sinceMs: number;
  readonly members: readonly string[];
  readonly isComplete: boolean;
  /** When its beat was sent. */
  readonly atMs: number;
}

/** @returns beats once; rejects without an answer */
export function createBeat(parts: BeatParts): () => Promise<void> {
  const { timers, outbox, heard, lastBeat } = parts;
  const sendOne = createSending(parts);
  let answered = 0;
  let list: KnownList | null = null;
  /** Who was there, as long as the server keeps another list and may not have heard it. */
  let untold: KnownList | null = null;

  /** `null`: the answer was overtaken, and says nothing new. */
  const send = async (told: KnownList | null): Promise<SentBeat | null> => {
    const sent = await sendOne(told);
    if (sent.number < answered) return null;
    answered = sent.number;
    if (sent.isDistrusting) outbox.forgive();
    return sent;
  };

  const believe = ({ number, sentAtMs, answer }: SentBeat): void => {
    const { listedSinceMs: sinceMs, isComplete } = answer;
    list = { sinceMs, members: namesOf(answer), isComplete, atMs: sentAtMs };
    untold = null;
    const answeredAtMs = timers.nowMs();
    heard.check({ number, sentAtMs }, answer.members, answeredAtMs);
    lastBeat.heard({ sentAtMs, answeredAtMs }, answer);
  };

  return async () => {
    const told = untold;
    let sent = await send(told);
    if (sent === null) return;
    if (told === null && list !== null && list.sinceMs !== sent.answer.listedSinceMs) {
      untold = { ...list, members: [...new Set([...list.members, ...namesOf(sent.answer)])] };
      sent = await send(untold);
    }
    if (sent !== null) believe(sent);
  };
}

function namesOf({ members }: BeatAnswer): readonly string[] {
  return members.map(({ member }) => member);
}

interface SentBeat {
  readonly number: number;
  readonly sentAtMs: number;
  readonly isDistrusting: boolean;
  readonly answer: BeatAnswer;
}

function createSending({ remote, timers, access, outbox }: BeatParts) {
  let beats = 0;
  return async (told: KnownList | null): Promise<SentBeat> => {
    beats += 1;
    const number = beats;
    const sentAtMs = timers.nowMs();
    const isDistrusting = outbox.isLost();
    const answer = await access.send(async () =>
      remote.beat({
        member: outbox.member,
        sequence: outbox.confirmed(),
        beat: number,
        isDistrusting,
        missed: told?.members.filter((name) => name !== outbox.member) ?? [],
        isWitness: told !== null && told.isComplete && sentAtMs - told.atMs <= WITNESS_MS,
        silentAfterMs: SILENT_AFTER_MS,
        forgetAfterMs: FORGET_AFTER_MS,
      }),
    );
    return { number, sentAtMs, isDistrusting, answer };
  };
}
