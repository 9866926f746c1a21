/** A player to write: each version has bytes of its own. */
import type { RecordWrite } from "../../src/ports.js";

export const incarnation = 1_700_000_000_000;

/** The commit that makes this version. */
export function write(version: number): RecordWrite {
  const expected = version === 1 ? null : { incarnation, version: version - 1 };
  return {
    expected,
    next: { playerId: "ada", incarnation, version, bytes: Uint8Array.of(version) },
    events: [],
  };
}
