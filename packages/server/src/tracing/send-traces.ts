/** The program of the thread that sends traces; see `thread-exporter.ts`. What comes to it is ready to be sent. */
import { parentPort } from "node:worker_threads";
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from "@opentelemetry/otlp-exporter-base/node-http";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { SEND_TIMEOUT_MS, type Sent, type ToSend } from "./thread-exporter.js";

const delegate = createOtlpHttpExportDelegate<Uint8Array, unknown>(
  // As OpenTelemetry's own exporter has it: where to, and with which headers, its environment says.
  convertLegacyHttpOptions({ timeoutMillis: SEND_TIMEOUT_MS }, "TRACES", "v1/traces", {
    "Content-Type": "application/json",
  }),
  {
    serializeRequest: (bytes) => bytes,
    deserializeResponse: (bytes) => JsonTraceSerializer.deserializeResponse(bytes),
  },
  "otlp_http_span_exporter",
  { name: "span", countItems: () => 1 },
  undefined,
);

parentPort?.on("message", ({ number, bytes }: ToSend) => {
  delegate.export(bytes, ({ code, error }) => {
    const sent: Sent = { number, code, reason: error?.message ?? null };
    parentPort?.postMessage(sent, []);
  });
});
