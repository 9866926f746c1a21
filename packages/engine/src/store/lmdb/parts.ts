/** What the parts of the store share while it is open. */
import type { Clock } from "../../ports.js";
import type { Arena } from "./arena.js";
import type { Tables } from "./environment.js";
import type { GroupCommit } from "./group-commit.js";

/** What each part of the store works with. */
export interface Parts {
  readonly clock: Clock;
  readonly tables: Tables;
  readonly arena: Arena;
  readonly commits: GroupCommit;
  readonly counters: { reads: number; writes: number; conflicts: number };
  /** Runs a read. @throws MainspringError `STORE_UNAVAILABLE` when closed, or when it fails */
  readonly read: <T>(look: () => T) => T;
}
