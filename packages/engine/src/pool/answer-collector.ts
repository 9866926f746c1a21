/** Collects one answer from undici, whole: items are small, and a stream would cost more than what it carries. */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

export interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

export interface Outcome {
  onAnswer(answer: Answer): void;
  /** `isSent`: whether bytes of the request may have reached the server. */
  onFailure(failure: { readonly isSent: boolean; readonly error: unknown }): void;
}

export interface AnswerCollector extends Dispatcher.DispatchHandler {
  /** Whether bytes of the request may have reached the server. */
  isSent(): boolean;
}

const NOTHING = new Uint8Array(0);

export function createAnswerCollector(outcome: Outcome): AnswerCollector {
  let isSent = false;
  let statusCode = 0;
  let headers: Record<string, string> = {};
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  return {
    isSent: () => isSent,
    /** Called right before the first byte is written. */
    onRequestStart() {
      isSent = true;
    },
    onResponseStart(_, status, received) {
      statusCode = status;
      headers = plainHeaders(received);
    },
    onResponseData(_, chunk) {
      if (first === undefined) first = chunk;
      else if (more === undefined) more = [first, chunk];
      else more.push(chunk);
    },
    onResponseEnd() {
      const whole = more === undefined ? first : Buffer.concat(more);
      // A plain array: the SDK changes the prototype of what it gets.
      const body =
        whole === undefined ? NOTHING : new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
      outcome.onAnswer({ statusCode, headers, body });
    },
    onResponseError(_, error) {
      outcome.onFailure({ isSent, error });
    },
  };
}

/** What came more than once is joined, as HTTP allows; undici gives an object that is ours to keep. */
function plainHeaders(received: IncomingHttpHeaders): Record<string, string> {
  for (const name in received) {
    const value = received[name];
    if (Array.isArray(value)) received[name] = value.join(", ");
  }
  return received as Record<string, string>;
}
