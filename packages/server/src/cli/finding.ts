/** What the doctor is asked, and what it finds. */

/** One thing that was looked at. */
export interface Finding {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  /** What helps. */
  readonly remedy?: string;
}

export interface DoctorSettings {
  readonly url: string;
  readonly data: string;
}
