/** What the scripts answer, as the port has it. Their shapes are told beside each script. */
import type { Stamp } from "../../ports.js";
import type { BeatAnswer, Look, Sender } from "../remote.js";

export function lookFrom(answer: unknown): Look {
  const [isHit, incarnation, version, third, expiresInMs, isTrusted, isAbsent, bytes] = listOf(answer);
  const stamp = { incarnation: numberOf(incarnation), version: numberOf(version) };
  if (isHit !== 1) return { status: "miss", floor: stamp, isLeased: third === 1 };
  return {
    status: "hit",
    stamp,
    // A copy: what the client gives is a part of a larger piece that came over the network, and would keep all of it.
    bytes: isAbsent === 1 ? null : Uint8Array.from(bytes as Buffer),
    ageMs: numberOf(third),
    expiresInMs: numberOf(expiresInMs),
    isTrusted: isTrusted === 1,
  };
}

/** `null` for an empty list. */
export function stampFrom(answer: unknown): Stamp | null {
  const [incarnation, version] = listOf(answer);
  if (incarnation === undefined) return null;
  return { incarnation: numberOf(incarnation), version: numberOf(version) };
}

/** With the run id of the server that answered. */
export function beatAnswerFrom(answer: unknown): { readonly answer: BeatAnswer; readonly runId: string } {
  const [nowMs, trustedSinceMs, isWhole, isComplete, runId, ...told] = listOf(answer);
  const members: Sender[] = [];
  for (let index = 0; index + 1 < told.length; index += 2) {
    members.push({ member: String(told[index]), sequence: numberOf(told[index + 1]) });
  }
  return {
    answer: {
      nowMs: numberOf(nowMs),
      trustedSinceMs: numberOf(trustedSinceMs),
      isWhole: isWhole === 1,
      isComplete: isComplete === 1,
      members,
    },
    runId: String(runId),
  };
}

function listOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) throw new TypeError("A script answers with a list.");
  return answer as readonly unknown[];
}

function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("A script answers with numbers.");
  return value;
}
