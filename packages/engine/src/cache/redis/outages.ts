/** Tells an operator of an outage: each reason once, and when it is over. */
import type { Telemetry } from "../../ports.js";
import { reasonOf } from "./redis-errors.js";

/** So many reasons of one outage are told. */
const MAX_REASONS = 20;

export interface Outages {
  failed(error: unknown): void;
  /** A connection is ready. */
  over(): void;
}

export function createOutages(telemetry: Telemetry | undefined, where: string): Outages {
  const told = new Set<string>();
  return {
    failed(error) {
      const reason = reasonOf(error);
      if (told.has(reason) || told.size >= MAX_REASONS) return;
      told.add(reason);
      telemetry?.note("warn", messageFor(reason), { reason, where });
    },
    over() {
      if (told.size === 0) return;
      told.clear();
      telemetry?.note("info", "Redis is back.", { where });
    },
  };
}

function messageFor(reason: string): string {
  if (reason === "WRONGPASS" || reason === "NOAUTH") return "Redis refuses the user or the password.";
  if (reason === "NOPERM") return "Redis doesn't allow its user what the cache needs.";
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/u.test(reason)) return "The certificate of Redis isn't trusted.";
  if (reason === "CLOSED") return "Redis closes the connection: does it ask for TLS?";
  return "Redis can't be reached; the cache goes on without it.";
}
