/** One beat, and what its answer says. */
import type { Timers } from "../../ports.js";
import type { Remote } from "../remote.js";
import type { Heard } from "./heard.js";
import type { LastBeat } from "./last-beat.js";
import type { Outbox } from "./outbox.js";
import type { RemoteAccess } from "./remote-access.js";

/** Who hasn't beaten for so long may have changed something without a word. */
export const SILENT_AFTER_MS = 1_000;

/** Who was silent for so long doesn't come back, and neither does one that a new server never heard of. 5 minutes. */
export const FORGET_AFTER_MS = 300_000;

export interface BeatParts {
  readonly remote: Remote;
  readonly timers: Timers;
  readonly access: RemoteAccess;
  readonly outbox: Outbox;
  readonly heard: Heard;
  readonly lastBeat: LastBeat;
}

/** @returns beats once; rejects without an answer */
export function createBeat(parts: BeatParts): () => Promise<void> {
  const { remote, timers, access, outbox, heard, lastBeat } = parts;
  let beats = 0;
  let answered = 0;
  return async () => {
    beats += 1;
    const number = beats;
    const sentAtMs = timers.nowMs();
    const losses = outbox.losses();
    const answer = await access.send(async () =>
      remote.beat({
        member: outbox.member,
        sequence: outbox.confirmed(),
        beat: number,
        isDistrusting: outbox.isLost(),
        silentAfterMs: SILENT_AFTER_MS,
        forgetAfterMs: FORGET_AFTER_MS,
      }),
    );
    // An answer that was overtaken says nothing new.
    if (number < answered) return;
    answered = number;
    // What was lost since it was sent is told with the next.
    outbox.forgive(losses);
    const answeredAtMs = timers.nowMs();
    heard.check({ number, sentAtMs }, answer.members, answeredAtMs);
    lastBeat.heard({ sentAtMs, answeredAtMs }, answer);
  };
}
