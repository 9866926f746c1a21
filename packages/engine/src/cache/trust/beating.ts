/** Says again and again that this instance lives and has told all that it changed; after an outage, what is left to tell comes first. */
import { isMainspringError } from "@mainspring/core";
import type { Telemetry } from "../../ports.js";
import { type BeatParts, createBeat } from "./beat.js";
import { within } from "./within.js";

/** An instance beats so often. */
export const BEAT_MS = 200;

/** A change that isn't confirmed after so long holds beats back. */
export const UNCONFIRMED_MS = 200;

/** A round may take so long: no request waits for it. */
const ROUND_LIMIT_MS = 1_000;

export interface BeatingParts extends BeatParts {
  readonly telemetry: Telemetry;
  /** A request waits at most so long: nothing slower is well. */
  readonly timeoutMs: number;
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

function noteUnexpected(telemetry: Telemetry, error: unknown): void {
  if (isMainspringError(error) && error.code === "STORE_UNAVAILABLE") return;
  telemetry.note("error", "The cache can't speak with the other instances.", {
    error: error instanceof Error ? error.message : "unknown",
  });
}
