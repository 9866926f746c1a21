/** Checks of what callers of the engine pass in. */
import { type Command, MainspringError } from "@mainspring/core";
import type { ApplyOptions } from "../engine.js";
import { PLAYER_ID } from "../player-ids.js";

/** Visible ASCII. */
const KEY = /^[\u0021-\u007e]{1,128}$/;

const MAX_ACTOR_LENGTH = 128;
const MAX_REASON_LENGTH = 512;

/** @throws MainspringError `INVALID_REQUEST` */
export function checkPlayerId(playerId: string): void {
  if (!PLAYER_ID.test(playerId)) {
    throw new MainspringError("INVALID_REQUEST", "A player's id is 1 to 64 of A–Z a–z 0–9 . _ : @ | -.");
  }
}

/** @throws MainspringError `INVALID_REQUEST` */
export function checkApplyOptions(command: Command, { key, actor, reason, ifRevision }: ApplyOptions): void {
  if (key === undefined && command.type === "adjust") {
    throw new MainspringError(
      "INVALID_REQUEST",
      "adjust needs an idempotency key, so that a repeat can't pay twice.",
    );
  }
  if (key !== undefined && !KEY.test(key)) {
    throw new MainspringError(
      "INVALID_REQUEST",
      "An idempotency key is 1 to 128 visible ASCII characters without blanks.",
    );
  }
  if (actor !== undefined && (actor.length === 0 || actor.length > MAX_ACTOR_LENGTH)) {
    throw new MainspringError("INVALID_REQUEST", `An actor is 1 to ${MAX_ACTOR_LENGTH} characters.`);
  }
  if (reason !== undefined && reason.length > MAX_REASON_LENGTH) {
    throw new MainspringError("INVALID_REQUEST", `A reason has at most ${MAX_REASON_LENGTH} characters.`);
  }
  if (ifRevision !== undefined && (!Number.isSafeInteger(ifRevision) || ifRevision < 0)) {
    throw new MainspringError("INVALID_REQUEST", "ifRevision must be a revision.");
  }
}
