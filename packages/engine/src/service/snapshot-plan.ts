/** When a commit is kept as a snapshot. Told by the commit alone: nothing about it is stored, and nobody counts. */

/** A snapshot each so many commits, and with the first commit of each so many milliseconds. */
export interface SnapshotPlan {
  /** Default: 500 */
  readonly everyCommits: number;
  /** Default: 24 hours */
  readonly everyMs: number;
}

export const SNAPSHOT_PLAN: SnapshotPlan = { everyCommits: 500, everyMs: 86_400_000 };

export interface Committed {
  /** Of the commit, from 1. */
  readonly version: number;
  /** The last boundary, command or sight before the commit, and with it. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** The first commit always is: without it there would be nothing to restore from. */
export function isSnapshotDue(
  { everyCommits, everyMs }: SnapshotPlan,
  { version, beforeMs, afterMs }: Committed,
): boolean {
  if (version === 1 || version % everyCommits === 0) return true;
  return Math.floor(beforeMs / everyMs) !== Math.floor(afterMs / everyMs);
}
