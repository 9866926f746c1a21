/** Says again and again that this instance lives and has told all that it changed; after an outage, what is left to tell comes first. */
import { isMainspringError } from "@mainspring/core";
import type { Telemetry, Timers } from "../../ports.js";
import type { BeatAnswer, Remote } from "../remote.js";
import type { Heard } from "./heard.js";
import type { LastBeat } from "./last-beat.js";
import type { Outbox } from "./outbox.js";
import type { RemoteAccess } from "./remote-access.js";
import { within } from "./within.js";

/** An instance beats so often. */
export const BEAT_MS = 200;

/** A change that isn't confirmed after so long holds beats back. */
export const UNCONFIRMED_MS = 200;

/** Who hasn't beaten for so long may have changed something without a word. */
export const SILENT_AFTER_MS = 1_000;

/** Who was silent for so long doesn't come back. 5 minutes. */
export const FORGET_AFTER_MS = 300_000;

/** In one round, a server that goes on forgetting who was there is told so often. */
const MAX_LISTS = 3;

/** A round may take so long: no request waits for it. */
const ROUND_LIMIT_MS = 1_000;

export interface BeatingParts {
  readonly remote: Remote;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
  /** A request waits at most so long: nothing slower is well. */
  readonly timeoutMs: number;
  readonly access: RemoteAccess;
  readonly outbox: Outbox;
  readonly heard: Heard;
  readonly lastBeat: LastBeat;
}

export interface Beating {
  /** Beats at once, and from then on. Resolves after the first. */
  start(): Promise<void>;
  /** Tells what is left to tell, and that this instance is done: unless something may still come of what it did. */
  stop(isSettled: boolean): Promise<void>;
}

export function createBeating(parts: BeatingParts): Beating {
  const { remote, timers, telemetry, timeoutMs, access, outbox } = parts;
  const beat = createBeat(parts);
  let isStopped = false;
  let underWay: Promise<void> = Promise.resolve();
  let cancelNext = (): void => undefined;
  const limit = { timers, limitMs: ROUND_LIMIT_MS, what: "Speaking with the second tier" };

  const tellAndBeat = async (): Promise<void> => {
    await outbox.resend("silent");
    if (timers.nowMs() - outbox.waitingSinceMs() <= UNCONFIRMED_MS) await beat();
  };

  /** What has changed meanwhile comes first: before that nothing is served from there. */
  const probe = async (): Promise<void> => {
    await access.probe(async () =>
      within(limit, async () => {
        await outbox.resend("all");
        // What is no help to requests is not asked by them.
        await within({ ...limit, limitMs: timeoutMs }, beat);
      }),
    );
    telemetry.note("info", "Redis answers again.", {});
  };

  const round = async (): Promise<void> => {
    try {
      // It was given up a moment ago.
      if (access.probeInMs() > 0) return;
      await (access.state() === "open" ? probe() : within(limit, tellAndBeat));
    } catch (error) {
      // Without an answer there is no trust: that is all that a beat is for. The breaker has seen it as well.
      noteUnexpected(telemetry, error);
    }
  };

  const loop = async (): Promise<void> => {
    underWay = round();
    await underWay;
    if (isStopped) return;
    cancelNext = timers.after(Math.max(BEAT_MS, access.probeInMs()), () => void loop());
  };

  const leave = async (isSettled: boolean): Promise<void> => {
    // A beat after the goodbye would make a member again.
    await underWay;
    await outbox.resend("all");
    // Who leaves with something untold is better thought of as silent.
    if (isSettled && outbox.unconfirmed() === 0 && !outbox.isLost()) {
      await remote.leave({ member: outbox.member, sequence: outbox.confirmed() });
    }
  };

  return {
    start: loop,
    async stop(isSettled) {
      isStopped = true;
      cancelNext();
      await within(limit, async () => leave(isSettled)).catch((error: unknown) =>
        noteUnexpected(telemetry, error),
      );
    },
  };
}

/** One beat, and what its answer says. A server that has forgotten who was there is told first. */
function createBeat(parts: BeatingParts): () => Promise<void> {
  const { timers, outbox, heard, lastBeat } = parts;
  const send = createSending(parts);
  let answered = 0;
  let list: { readonly sinceMs: number; readonly members: readonly string[] } | null = null;
  return async () => {
    let missed: readonly string[] = [];
    for (let tries = 0; tries < MAX_LISTS; tries += 1) {
      const { number, sentAtMs, isDistrusting, answer } = await send(missed);
      // An answer that was overtaken says nothing new.
      if (number < answered) return;
      answered = number;
      if (isDistrusting) outbox.forgive();
      const known = list;
      const members = answer.members.map(({ member }) => member);
      list = { sinceMs: answer.listedSinceMs, members: [...new Set([...members, ...missed])] };
      if (known === null || known.sinceMs === answer.listedSinceMs) {
        const answeredAtMs = timers.nowMs();
        heard.check({ number, sentAtMs }, answer.members, answeredAtMs);
        lastBeat.heard({ sentAtMs, answeredAtMs }, answer);
        return;
      }
      missed = known.members.filter((name) => name !== outbox.member);
    }
  };
}

interface SentBeat {
  readonly number: number;
  readonly sentAtMs: number;
  readonly isDistrusting: boolean;
  readonly answer: BeatAnswer;
}

function createSending({ remote, timers, access, outbox }: BeatingParts) {
  let beats = 0;
  return async (missed: readonly string[]): Promise<SentBeat> => {
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
        missed,
        silentAfterMs: SILENT_AFTER_MS,
        forgetAfterMs: FORGET_AFTER_MS,
      }),
    );
    return { number, sentAtMs, isDistrusting, answer };
  };
}

function noteUnexpected(telemetry: Telemetry, error: unknown): void {
  if (isMainspringError(error) && error.code === "STORE_UNAVAILABLE") return;
  telemetry.note("error", "The cache can't speak with the other instances.", {
    error: error instanceof Error ? error.message : "unknown",
  });
}
