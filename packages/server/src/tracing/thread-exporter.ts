/**
 * Sends spans from a thread of its own. Sent from the server's they cost far more than their bytes: with a connection *out* of a process
 * that has many *in*, every answer took up to a tenth more (`docs/decisions/traces.md`). The thread begins with the first spans, and again
 * if it ended.
 */
import { Worker } from "node:worker_threads";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { SpanExporter } from "@opentelemetry/sdk-trace";

/** Sending gives up after so long, at the end of the process as well. */
export const SEND_TIMEOUT_MS = 5_000;

/** Messages that the thread has not answered; beyond it spans are lost. */
const MAX_UNANSWERED = 30;

/** To the thread. */
export interface ToSend {
  readonly number: number;
  /** OTLP as JSON. */
  readonly bytes: Uint8Array;
}

/** From it. */
export interface Sent {
  readonly number: number;
  readonly code: ExportResultCode;
  /** Why it could not be sent. */
  readonly reason: string | null;
}

type Done = (result: ExportResult) => void;

export function createThreadExporter(): SpanExporter {
  const unanswered = new Map<number, Done>();
  let lastNumber = 0;
  let thread: Worker | null = null;
  const failAll = (error: Error): void => {
    const waiting = [...unanswered.values()];
    unanswered.clear();
    for (const done of waiting) done({ code: ExportResultCode.FAILED, error });
  };
  const start = (): Worker => {
    // Flags of the process are for its own thread: snapshots, profiles, what is loaded first.
    const started = new Worker(new URL("./send-traces.js", import.meta.url), { execArgv: [] });
    started.on("message", ({ number, code, reason }: Sent) => {
      const done = unanswered.get(number);
      unanswered.delete(number);
      // While something is on its way the process waits for it, and no longer.
      if (unanswered.size === 0) started.unref();
      done?.(reason === null ? { code } : { code, error: new Error(reason) });
    });
    started.on("error", failAll);
    started.once("exit", () => {
      thread = null;
      failAll(new Error("The thread that sends traces ended."));
    });
    return started;
  };
  return {
    export(spans, done) {
      try {
        if (unanswered.size >= MAX_UNANSWERED) throw new Error("Too many are on their way.");
        const bytes = JsonTraceSerializer.serializeRequest(spans);
        if (bytes === undefined) throw new Error("They can't be written as JSON.");
        thread ??= start();
        lastNumber += 1;
        const toSend: ToSend = { number: lastNumber, bytes };
        thread.postMessage(toSend, []);
        thread.ref();
        unanswered.set(lastNumber, done);
      } catch (error) {
        done({
          code: ExportResultCode.FAILED,
          error: error instanceof Error ? error : new Error(String(error)),
        });
      }
    },
    async shutdown() {
      await thread?.terminate();
    },
  };
}
