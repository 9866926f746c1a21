/** What the doctor is asked, and what it finds. */

import type { StoreKind } from "../config/serve-schema.js";

/** One thing that was looked at. */
export interface Finding {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  /** What helps. */
  readonly remedy?: string;
}

export interface DoctorSettings {
  readonly url: string;
  readonly store: StoreKind;
  readonly data: string;
  readonly tablePrefix: string;
}
