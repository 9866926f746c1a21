/** Traces for whoever wants them. OpenTelemetry's libraries load only then. */
import { MainspringError } from "@mainspring/core";
import { systemTimers } from "@mainspring/engine";
import type { Telemetry, Timers } from "@mainspring/engine/ports";
import { createPace } from "./pace.js";
import type { Tracing } from "./tracing.js";

export interface OpenTracingOptions {
  /** This share of the requests is traced, chosen at random: from 0 to 1. Default 0 */
  readonly share?: number;
  /**
   * Whether callers decide: a request with a `traceparent` is traced as that says, whatever the share. Only for a server that nobody reaches
   * but by way of your own proxies: anybody could have each of their requests traced. Default false
   */
  readonly trustsTraceParents?: boolean;
  /**
   * At most so many requests are traced in a second, evenly spread, whatever share and callers say: a trace costs many times what a
   * read does that is at hand. Default 5
   */
  readonly maxPerSecond?: number;
  /** Default: `Math.random` */
  readonly random?: () => number;
  /** Told when traces can't be sent, at most once a minute. Default: nothing is noted */
  readonly telemetry?: Telemetry;
  /** Default: the system's */
  readonly timers?: Pick<Timers, "nowMs">;
}

/**
 * Traces of requests, sent with OTLP over HTTP to where OpenTelemetry's own environment says: `OTEL_EXPORTER_OTLP_ENDPOINT`, for example.
 * Give it to `createServer`, and close it after the server.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 */
export async function openTracing({
  share = 0,
  trustsTraceParents = false,
  maxPerSecond = 5,
  random = Math.random,
  telemetry = { note: () => undefined },
  timers = systemTimers,
}: OpenTracingOptions = {}): Promise<Tracing> {
  if (!(share >= 0 && share <= 1))
    throw new MainspringError("CONFIG_INVALID", `The share of traced requests is from 0 to 1, not ${share}.`);
  if (!(maxPerSecond > 0))
    throw new MainspringError("CONFIG_INVALID", `So many traces in a second can't be: ${maxPerSecond}.`);
  const { openTelemetry } = await import("./open-telemetry.js");
  return openTelemetry({
    share,
    trustsTraceParents,
    mayTrace: createPace({ maxPerSecond, nowMs: () => timers.nowMs() }),
    random,
    nowMs: () => timers.nowMs(),
    telemetry,
  });
}
