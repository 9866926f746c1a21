/** What a row of the budget table is: something that measures, and what it found. */
import type { Summary } from "./measure.js";

/** One line of the table. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  /** `null`: printed for information. */
  readonly budget: string | null;
  readonly isMet: boolean | null;
  /** What it was compared with, and what was counted. */
  readonly how: string;
  /** The bare figures, for `--json`; units are in the names. */
  readonly figures: Readonly<Record<string, number | Summary>>;
}

export interface RowContext {
  /** Few and short rounds: shows that a row works, not how fast anything is. */
  readonly isQuick: boolean;
  /** An empty folder, removed afterwards. */
  readonly folder: string;
  /** Releases something when the row is done, fails, or is interrupted; the last one first. */
  readonly defer: (release: () => void | Promise<void>) => void;
}

/** Measures one row of the table, in a process of its own. */
export type Row = (context: RowContext) => Promise<readonly Finding[]>;
