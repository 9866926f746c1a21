/** Idempotency: a command with a key happens once, and a repeat gets the first one's answer, from the journal. */
import { type Command, type CommandResult, MainspringError } from "@mainspring/core";
import type { Journal } from "../ports.js";
import { addAdjustDigest, addOwnDigest, digestOf, findDigest } from "../record/digest.js";
import { decodeEvent } from "../record/event-codec.js";
import type { Digest, PlayerRecord } from "../record/player-record.js";
import type { LoadedPlayer } from "./player-loads.js";

/** A command with its key, as digests. */
export interface KeyedRequest {
  readonly key: string;
  readonly request: string;
  readonly isAdjust: boolean;
}

export interface Remembered {
  readonly keyed: KeyedRequest;
  readonly revision: number;
  readonly eventNumber: number;
  readonly atMs: number;
}

export interface Idempotency {
  keyed(command: Command, key: string | undefined): KeyedRequest | null;
  /** The digest of the first request with this key. @throws MainspringError `IDEMPOTENCY_KEY_REUSED` if that was another request. */
  find(record: PlayerRecord, keyed: KeyedRequest): Digest | null;
  /** @throws MainspringError `RATE_LIMITED` when an `adjust` can't be remembered for as long as promised. */
  remember(record: PlayerRecord, what: Remembered): PlayerRecord;
  /** The first one's answer. */
  answer(loaded: LoadedPlayer, digest: Digest): Promise<{ result: CommandResult; revision: number }>;
}

export function createIdempotency(journal: Journal): Idempotency {
  return {
    keyed(command, key) {
      if (key === undefined) return null;
      return {
        key: digestOf(key),
        request: digestOf(canonicalJson(command)),
        isAdjust: command.type === "adjust",
      };
    },
    find(record, keyed) {
      const found = findDigest(record, keyed.key);
      if (found === null) return null;
      if (found.request === keyed.request) return found;
      throw new MainspringError(
        "IDEMPOTENCY_KEY_REUSED",
        "This idempotency key was used before with another request. Use a new key for a new request.",
      );
    },
    remember(record, { keyed: { key, request, isAdjust }, ...rest }) {
      const digest: Digest = { key, request, ...rest };
      return isAdjust ? addAdjustDigest(record, digest, digest.atMs) : addOwnDigest(record, digest);
    },
    async answer({ playerId, incarnation }, digest) {
      const [entry] = await journal.readEvents({
        playerId,
        incarnation,
        afterNumber: digest.eventNumber - 1,
        limit: 1,
      });
      const event = entry === undefined ? null : decodeEvent(entry.bytes);
      if (event === null || event.type !== "command") {
        throw new MainspringError(
          "STORE_UNAVAILABLE",
          "The command was done before, but the journal doesn't have its answer now; try again.",
        );
      }
      return { result: event.command.result, revision: digest.revision };
    },
  };
}

/** JSON with sorted keys: equal requests give equal text, however they were written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
