/** What a panel of the page is: some series, what they mean, what to do about them, and a rule that says how they are. */
import type { Performance } from "../api/performance.js";
import type { Step } from "./step.js";
import type { Unit } from "./units.js";
import type { Rule } from "./verdict.js";

export interface Series {
  /** The same in all panels that show it. */
  readonly id: string;
  readonly label: string;
  readonly of: (step: Step) => number | null;
  /** A limit is drawn thin and dashed: others are held against it. */
  readonly isLimit?: boolean;
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly seriesOf: (now: Performance) => readonly Series[];
  /** Why there is nothing to see, where there isn't. */
  readonly absentBecause?: (now: Performance) => string | null;
  readonly rule: Rule;
  readonly meaning: string;
  readonly advice: string;
}

export type SectionId = "requests" | "cache" | "store" | "process";

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly about: string;
  readonly panels: readonly Panel[];
}
