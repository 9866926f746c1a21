/**
 * The port to the second tier: what the cache needs from a server that all instances share. Redis is one; tests model one.
 *
 * Every call rejects when the server can't be asked, and then nobody knows whether it was done. Times are the server's own,
 * so that clocks of instances don't matter.
 */
import type { Stamp } from "../ports.js";

/** What versions are counted for: a player, or one key of a namespace of its own. All values of a subject share its floor. */
export interface Subject {
  /** `player`, or the name of a namespace whose values belong to no player. */
  readonly group: string;
  readonly key: string;
}

/** A value, or the knowledge that there is none (`bytes: null`). */
export interface RemoteValue {
  readonly stamp: Stamp;
  readonly bytes: Uint8Array | null;
  readonly ttlMs: number;
}

export interface LookRequest {
  readonly subject: Subject;
  readonly namespace: string;
  /** An older value is no hit. */
  readonly atLeast: Stamp;
  /** A value known to be current at this instant of the server, or later, is one for as long as it lives; `null`: none is. */
  readonly trustedSinceMs: number | null;
  /** An older one must have been known to be current at most so long ago. */
  readonly maxAgeMs: number;
  /** On a miss: asks for the right to fill. Tokens are never used twice. */
  readonly lease: { readonly token: string; readonly forMs: number } | null;
}

export type Look =
  | {
      readonly status: "hit";
      readonly stamp: Stamp;
      readonly bytes: Uint8Array | null;
      /** Since it was known to be current. */
      readonly ageMs: number;
      readonly expiresInMs: number;
      /** By `trustedSinceMs`: nobody has changed it since. Else only its age speaks for it. */
      readonly isTrusted: boolean;
    }
  | {
      readonly status: "miss";
      /** Nothing older than this is the newest any more. */
      readonly floor: Stamp;
      /** Whether the lease was given. Else somebody else has it. */
      readonly isLeased: boolean;
    };

/** Who tells the others, and as which of its announcements. A repeat has the same number. */
export interface Sender {
  readonly member: string;
  /** From 1, without gaps. */
  readonly sequence: number;
}

export interface PutRequest {
  readonly subject: Subject;
  readonly namespace: string;
  readonly value: RemoteValue;
  /** Since the value was current for sure: since its commit was sent to the store, at the latest. A repeat is older than the first try. */
  readonly ageMs: number;
  readonly sender: Sender;
  /** For what rides on the channel: at most {@link MAX_NOTE_LENGTH} characters. */
  readonly note: string;
}

export interface PutNextRequest {
  readonly subject: Subject;
  readonly namespace: string;
  readonly bytes: Uint8Array | null;
  readonly ttlMs: number;
  /** The new stamp will be newer than this one, and than all that the server knows of the subject. */
  readonly newerThan: Stamp;
  /** Later than this, from now on, it is a drop of all: nobody waits for it any more, and it must not undo what came after. */
  readonly withinMs: number;
  readonly sender: Sender;
}

export interface FillRequest {
  readonly subject: Subject;
  readonly namespace: string;
  readonly value: RemoteValue;
  /**
   * `null`: it was loaded after the lease was given, and so current then. Else it was there before: so long ago it was current for sure,
   * if the lease isn't older than that.
   */
  readonly ageMs: number | null;
  /** Of the lease. */
  readonly token: string;
}

export interface DropRequest {
  readonly subject: Subject;
  /** Values up to this one go; `null`: all. Leases go in any case. */
  readonly upTo: Stamp | null;
  /** The subject's floor becomes at least this, and it is what is told; `null`: it stays, and something may have changed. */
  readonly floor: Stamp | null;
  readonly sender: Sender;
}

/** Told to all instances, by whoever changed something. */
export interface Announcement {
  readonly sender: Sender;
  readonly subject: Subject;
  /** What there is now; `null`: something may have changed, look for yourself. */
  readonly stamp: Stamp | null;
  readonly note: string;
}

export interface BeatRequest {
  readonly member: string;
  /** Its last announcement that the server has confirmed. */
  readonly sequence: number;
  /** Counts beats, from 1; comes back as an echo. */
  readonly beat: number;
  /** Something that was to be told is lost: what was stored before now is trusted by nobody. */
  readonly isDistrusting: boolean;
  /** A member that wasn't heard of for so long is silent: it may have changed things without a word. */
  readonly silentAfterMs: number;
  /**
   * A silent member is forgotten after so long. And so long a list is incomplete, and trusted by nobody: before it began any number of
   * instances may have lived that it lacks.
   */
  readonly forgetAfterMs: number;
}

export interface BeatAnswer {
  /** The server's time. */
  readonly nowMs: number;
  /** Since then every member has been heard of without a pause, on this very server. While one is silent: now. */
  readonly trustedSinceMs: number;
  /** Nobody is silent or was, just now, and nothing was lost: else what is trusted begins anew with this answer. */
  readonly isWhole: boolean;
  /** Whoever may live is on the list: who isn't would be forgotten by now. */
  readonly isComplete: boolean;
  /** All members, the asking one included, and who left lately, with their last announcements. */
  readonly members: readonly Sender[];
}

export interface RemoteListener {
  /** In the order of each sender, as a rule; some may be lost, late, or come twice. */
  onAnnouncement(announcement: Announcement): void;
  /** A beat of this instance came back through the channel. */
  onEcho(beat: number): void;
  /** The channel was opened anew, or was lost. */
  onListening(isListening: boolean): void;
}

export interface Remote {
  /** Answers in the order of the requests. */
  look(requests: readonly LookRequest[]): Promise<readonly Look[]>;
  /**
   * Stores what was just committed, unless the server knows something newer; cancels all leases of the subject; tells everybody.
   * `false`: it was refused as older.
   */
  put(request: PutRequest): Promise<boolean>;
  /** Like `put`, for values without a version: the server gives one. `null`: it came too late, and was a drop. */
  putNext(request: PutNextRequest): Promise<Stamp | null>;
  /** Stores what was loaded, or made of it, known to be current when the lease was given, or earlier. `false`: the lease is gone, or it is older than what is known. */
  fill(request: FillRequest): Promise<boolean>;
  /** Takes away what may be out of date, and leases; tells everybody. */
  drop(request: DropRequest): Promise<void>;
  /** Says that this instance lives and has told all it had to tell; hears who else does. The first beat of a member makes it one. */
  beat(request: BeatRequest): Promise<BeatAnswer>;
  /** This instance won't change anything any more; with its last announcement, that everybody must have heard. */
  leave(sender: Sender): Promise<void>;
  /** Begins to listen for the channel. Called once, by whoever puts the cache together. `member`: whose echoes to listen for. */
  listen(member: string, listener: RemoteListener): void;
  /** Remembers who was active: for the next start. Keeps the newest {@link MAX_RECENT}. */
  noteRecent(players: readonly { readonly key: string; readonly atMs: number }[]): Promise<void>;
  /** The most recently active first. */
  readRecent(limit: number): Promise<readonly string[]>;
  /** Lets go at once; what is under way rejects. */
  close(): Promise<void>;
}

export const MAX_NOTE_LENGTH = 512;

export const MAX_RECENT = 100_000;

/** The floor of a subject that was written is remembered for at least so long, however short its values live. */
export const FLOOR_LIFE_MS = 60_000;

/** The list of members is remembered for at least so long after the last beat, so that whoever starts then knows that nobody is missing. 7 days. */
export const GROUP_LIFE_MS = 604_800_000;
