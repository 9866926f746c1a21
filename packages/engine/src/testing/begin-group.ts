/** A second tier that is known to be new. */
import type { Remote } from "../cache/remote.js";
import { SILENT_AFTER_MS } from "../cache/trust/beat.js";

const FOUNDER = "founder";

/**
 * Says to a second tier that no instance was there before, and that it has forgotten none: else for five minutes nobody trusts it. For tests
 * and benchmarks that begin with a new one, before the first instance; never where instances may live.
 * @throws MainspringError `STORE_UNAVAILABLE` where the second tier can't be asked
 */
export async function beginGroup(remote: Pick<Remote, "beat" | "leave">): Promise<void> {
  await remote.beat({
    member: FOUNDER,
    sequence: 0,
    beat: 1,
    isDistrusting: false,
    silentAfterMs: SILENT_AFTER_MS,
    // Whoever isn't on the list is forgotten already.
    forgetAfterMs: -1,
  });
  await remote.leave({ member: FOUNDER, sequence: 0 });
}
