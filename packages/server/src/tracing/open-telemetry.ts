/** Traces by way of OpenTelemetry. The only file that knows its libraries; they are told everything, and patch nothing. */
import { isMainspringError } from "@mainspring/core";
import type { Telemetry, Trace, TraceFacts } from "@mainspring/engine";
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace as api,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { createThreadExporter, SEND_TIMEOUT_MS } from "./thread-exporter.js";
import { traceParentOf } from "./trace-parent.js";
import type { RequestTrace, Tracing } from "./tracing.js";

/** Spans that wait to be sent; beyond it they are dropped. */
const MAX_WAITING_SPANS = 2_048;

/** Spans are sent so often, or when so many are there. */
const SEND_EVERY_MS = 5_000;
const MAX_SPANS_PER_REQUEST = 512;

/** From this status on a request has failed through our fault. */
const SERVER_FAULT = 500;

export interface OpenTelemetryOptions {
  /** This share of the requests is traced, from 0 to 1. */
  readonly share: number;
  /** Whether a caller's `traceparent` decides instead, where there is one. */
  readonly trustsTraceParents: boolean;
  /** Asked when a request would be traced: whether it isn't too many. */
  readonly mayTrace: () => boolean;
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly telemetry: Telemetry;
}

export function openTelemetry(options: OpenTelemetryOptions): Tracing {
  const { share, trustsTraceParents, mayTrace, random } = options;
  const provider = new TracerProvider({
    // Whether a request is traced is decided before there is a span.
    sampler: new AlwaysOnSampler(),
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "mainspring" }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: neverFailing(createThreadExporter(), options),
        maxQueueSize: MAX_WAITING_SPANS,
        scheduledDelayMillis: SEND_EVERY_MS,
        maxExportBatchSize: MAX_SPANS_PER_REQUEST,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer("mainspring");
  return {
    begin({ headers }) {
      const parent = trustsTraceParents ? traceParentOf(headers["traceparent"]) : null;
      if (!(parent === null ? random() < share : parent.isSampled) || !mayTrace()) return null;
      const { traceId, spanId } = parent ?? {};
      const context =
        traceId === undefined || spanId === undefined
          ? ROOT_CONTEXT
          : api.setSpanContext(ROOT_CONTEXT, {
              traceId,
              spanId,
              traceFlags: TraceFlags.SAMPLED,
              isRemote: true,
            });
      return requestTrace(tracer, context);
    },
    // What can't be sent is lost, and was noted: whoever ends has more to do after it.
    close: async () => provider.shutdown().catch(() => undefined),
  };
}

/** The same failure is noted at most so often. */
const NOTED_AGAIN_MS = 60_000;

/** Traces are of less worth than what they are of: that they could not be sent is noted, and stops nothing. */
function neverFailing(
  exporter: SpanExporter,
  { nowMs, telemetry }: Pick<OpenTelemetryOptions, "nowMs" | "telemetry">,
): SpanExporter {
  let notedAtMs = -Infinity;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error !== undefined && nowMs() - notedAtMs >= NOTED_AGAIN_MS) {
          notedAtMs = nowMs();
          telemetry.note("warn", "Traces could not be sent.", {
            spans: spans.length,
            reason: error.message,
          });
        }
        // Without its error it counts as sent: what is lost is lost.
        done({ code: result.code });
      });
    },
    shutdown: async () => exporter.shutdown(),
  };
}

function requestTrace(tracer: Tracer, context: Context): RequestTrace {
  const span = tracer.startSpan("request", { kind: SpanKind.SERVER }, context);
  return {
    ...traceOf(tracer, span),
    answered({ method, route, status, requestId }) {
      span.updateName(`${method} ${route}`);
      span.setAttributes({
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "mainspring.request_id": requestId,
      });
      if (status >= SERVER_FAULT) span.setStatus({ code: SpanStatusCode.ERROR });
    },
  };
}

function traceOf(tracer: Tracer, span: Span): Trace {
  return {
    begin(name: string, facts: TraceFacts = {}) {
      const attributes = Object.fromEntries(
        Object.entries(facts).map(([key, value]) => [`mainspring.${key}`, value]),
      );
      return traceOf(tracer, tracer.startSpan(name, { attributes }, api.setSpan(ROOT_CONTEXT, span)));
    },
    end(error) {
      if (error !== undefined) {
        // The message may name a folder or a host: the code is enough to look for it in the log.
        const code = isMainspringError(error) ? error.code : "INTERNAL";
        span.setAttribute("error.type", code);
        span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      }
      span.end();
    },
  };
}
