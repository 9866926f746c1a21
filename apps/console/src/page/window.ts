/** How much of the past the charts show. */

export interface Range {
  /** In minutes. */
  readonly label: string;
  /** For screen readers. */
  readonly name: string;
  readonly ms: number;
}

const MS_PER_MINUTE = 60_000;

/** No longer than the history is. */
export const RANGES: readonly [Range, Range, Range] = [
  { label: "2", name: "2 minutes", ms: 2 * MS_PER_MINUTE },
  { label: "10", name: "10 minutes", ms: 10 * MS_PER_MINUTE },
  { label: "30", name: "30 minutes", ms: 30 * MS_PER_MINUTE },
];

export const DEFAULT_RANGE: Range = RANGES[1];
