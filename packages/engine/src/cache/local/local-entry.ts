/** A value of one namespace in this process, with its stamp and what vouches for it. */
import type { Stamp } from "../../ports.js";

export interface LocalEntry<V> {
  readonly stamp: Stamp;
  /** `null`: it is known that there is none. */
  readonly value: V | null;
  /** Of the value in this process, about. */
  readonly sizeBytes: number;
  /** It was current then, for certain. By the timers' clock, as all instants here. */
  readonly knownAtMs: number;
  /** News of its change would have been heard since then. */
  readonly trustedFromMs: number;
  readonly expiresAtMs: number;
  /** From then on a hit starts a load ahead of its end, which puts it off for the next. */
  refreshAtMs: number;
  /** When somebody last wrote down that it was read. */
  notedAtMs: number;
}
