/** Requests to a second tier, with all that a test doesn't care about filled in. */
import type {
  Announcement,
  BeatAnswer,
  BeatRequest,
  DropRequest,
  FillRequest,
  LookRequest,
  PutNextRequest,
  PutRequest,
  Remote,
} from "../../../src/cache/remote.js";
import { NO_STAMP } from "../../../src/cache/stamp.js";
import type { Stamp } from "../../../src/ports.js";
import { until } from "./until.js";

/** Longer than any test. */
export const LONG_MS = 600_000;

export const ADA = { group: "player", key: "ada" };

export const SHOP = { group: "shop", key: "today" };

export const INCARNATION = 1_700_000_000_000;

export const stamp = (version: number, incarnation = INCARNATION): Stamp => ({ incarnation, version });

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const lookAt = (options: Partial<LookRequest> = {}): LookRequest => ({
  subject: ADA,
  namespace: "activeQueue",
  atLeast: NO_STAMP,
  trustedSinceMs: null,
  maxAgeMs: LONG_MS,
  lease: null,
  ...options,
});

export const leaseOf = (token: string, forMs = LONG_MS): Partial<LookRequest> => ({
  lease: { token, forMs },
});

export const put = (version: number, options: Partial<PutRequest> = {}): PutRequest => ({
  subject: ADA,
  namespace: "activeQueue",
  value: { stamp: stamp(version), bytes: bytesOf(`version ${version}`), ttlMs: LONG_MS },
  ageMs: 0,
  sender: { member: "a", sequence: 1 },
  note: "",
  ...options,
});

export const putNext = (options: Partial<PutNextRequest> = {}): PutNextRequest => ({
  subject: SHOP,
  namespace: "shop",
  bytes: bytesOf("wares"),
  ttlMs: LONG_MS,
  newerThan: NO_STAMP,
  withinMs: LONG_MS,
  sender: { member: "a", sequence: 1 },
  ...options,
});

export const fill = (token: string, version: number, options: Partial<FillRequest> = {}): FillRequest => ({
  subject: ADA,
  namespace: "activeQueue",
  value: { stamp: stamp(version), bytes: bytesOf(`version ${version}`), ttlMs: LONG_MS },
  ageMs: null,
  token,
  ...options,
});

export const drop = (options: Partial<DropRequest> = {}): DropRequest => ({
  subject: ADA,
  upTo: null,
  floor: null,
  sender: { member: "a", sequence: 1 },
  ...options,
});

export const beat = (member: string, number: number, options: Partial<BeatRequest> = {}): BeatRequest => ({
  member,
  sequence: 0,
  beat: number,
  isDistrusting: false,
  silentAfterMs: LONG_MS,
  forgetAfterMs: LONG_MS,
  ...options,
});

/** Members are forgotten after so long. Longer than a busy machine is away between two calls. */
export const FORGET_MS = 500;

/** Beats until a new group is trusted, which is as soon as the clock goes on; gives the last answer. */
export async function beatUntilTrusted(
  remote: Remote,
  member: string,
  pass?: () => void,
): Promise<BeatAnswer> {
  let number = 0;
  return until(
    () => remote.beat(beat(member, (number += 1), { forgetAfterMs: FORGET_MS })),
    ({ nowMs, trustedSinceMs }) => trustedSinceMs < nowMs,
    pass,
  );
}

/** Asks for one value. */
export async function lookOnce(remote: Remote, options: Partial<LookRequest> = {}) {
  const [found] = await remote.look([lookAt(options)]);
  if (found === undefined) throw new Error("A look has an answer.");
  return found;
}

export interface Heard {
  readonly announcements: Announcement[];
  readonly echoes: number[];
  /** What was told of the channel. */
  readonly listening: boolean[];
}

/** Listens, and keeps what it hears. */
export function hear(remote: Remote, member: string): Heard {
  const heard: Heard = { announcements: [], echoes: [], listening: [] };
  remote.listen(member, {
    onAnnouncement: (announcement) => heard.announcements.push(announcement),
    onEcho: (number) => heard.echoes.push(number),
    onListening: (isListening) => heard.listening.push(isListening),
  });
  return heard;
}
