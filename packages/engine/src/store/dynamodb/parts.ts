/** What the parts of the store share while it is open. */
import type { Clock, Timers } from "../../ports.js";
import type { Backoff } from "./backoff.js";
import type { Database } from "./database.js";
import type { HistoryWrites } from "./history-writes.js";
import type { JournalMover } from "./journal-mover.js";
import type { KnownPlayers } from "./known-players.js";
import type { Marks } from "./marks.js";
import type { PlayerItem } from "./player-item.js";
import type { SnapshotWrites } from "./snapshot-writes.js";
import type { TableNames } from "./tables.js";

export interface Counters {
  reads: number;
  writes: number;
  conflicts: number;
  /** Writes of records that were given and not answered yet. */
  pending: number;
  /** What they hold. */
  pendingBytes: number;
}

export interface Parts {
  readonly names: TableNames;
  readonly database: Database;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly retentionMs: number;
  /** Whether what was written at this instant is not to be shown any more. */
  readonly isExpired: (atMs: number) => boolean;
  readonly counters: Counters;
  readonly players: KnownPlayers;
  readonly writes: HistoryWrites;
  readonly mover: JournalMover;
  readonly marks: Marks;
  readonly snapshots: SnapshotWrites;
  /** A strong read of a player's item. */
  readonly lookAtPlayer: (playerId: string) => Promise<PlayerItem | null>;
}
