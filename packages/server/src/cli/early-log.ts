/** Facts that are noted before there is a log. */
import type { Telemetry } from "@mainspring/engine";

/** More of them are forgotten. */
const MAX_EARLY_NOTES = 100;

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Keeps what the engine notes until the server's log is there. */
export function createEarlyLog(): { telemetry: Telemetry; connect(log: Log): void } {
  let log: Log | null = null;
  const early: Parameters<Telemetry["note"]>[] = [];
  const write = (to: Log, [level, message, facts]: Parameters<Telemetry["note"]>): void =>
    to[level](facts, message);
  return {
    telemetry: {
      note(...note) {
        if (log !== null) write(log, note);
        else if (early.length < MAX_EARLY_NOTES) early.push(note);
      },
    },
    connect(to) {
      log = to;
      for (const note of early) write(to, note);
      early.length = 0;
    },
  };
}
