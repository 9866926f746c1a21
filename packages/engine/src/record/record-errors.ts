/** The two ways in which stored bytes can't be read. Neither says anything of what the bytes hold. */
import { MainspringError } from "@mainspring/core";

/** Damage. `reason` names a part and a rule, never a value. */
export function corrupt(reason: string): MainspringError {
  return new MainspringError("RECORD_CORRUPT", `Stored bytes are damaged: ${reason}.`, { reason });
}

/** Fine, but not for this process. */
export function upgradeRequired(what: string): MainspringError {
  return new MainspringError(
    "UPGRADE_REQUIRED",
    `${what} Another instance, or this one a moment later, may answer.`,
  );
}
