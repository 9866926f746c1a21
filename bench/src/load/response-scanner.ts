/** Finds the ends of HTTP/1.1 answers in a stream of bytes, and their statuses. It reads nothing else: load must be cheap. */

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const MAX_HEAD_BYTES = 16_384;

/** Answers with these have no body, whatever their head says. */
const WITHOUT_BODY = new Set([204, 304]);

export interface ResponseScanner {
  /** @throws Error when the bytes are no answers that it can read: without a content-length, for example */
  feed(chunk: Buffer): void;
}

/** @param onResponse told of each answer when its last byte is there */
export function createResponseScanner(onResponse: (status: number) => void): ResponseScanner {
  /** A head that isn't complete. */
  let held: Buffer | null = null;
  let status = 0;
  let bodyLeftBytes = 0;
  return {
    feed(chunk) {
      const bytes: Buffer = held === null ? chunk : Buffer.concat([held, chunk]);
      held = null;
      let at = 0;
      while (at < bytes.length) {
        if (bodyLeftBytes === 0) {
          const headEnd = bytes.indexOf(END_OF_HEAD, at);
          if (headEnd === -1) {
            if (bytes.length - at > MAX_HEAD_BYTES) throw new Error("An answer's head has no end.");
            held = bytes.subarray(at);
            return;
          }
          const head = bytes.toString("latin1", at, headEnd);
          status = statusOf(head);
          bodyLeftBytes = WITHOUT_BODY.has(status) ? 0 : bodyBytesOf(head);
          at = headEnd + END_OF_HEAD.length;
        }
        const takenBytes = Math.min(bodyLeftBytes, bytes.length - at);
        at += takenBytes;
        bodyLeftBytes -= takenBytes;
        if (bodyLeftBytes === 0) onResponse(status);
      }
    },
  };
}

function statusOf(head: string): number {
  const status = /^HTTP\/1\.1 ([2-5]\d\d)\b/.exec(head)?.[1];
  if (status === undefined) throw new Error(`This is no answer: ${head.slice(0, 80)}`);
  return Number(status);
}

function bodyBytesOf(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`An answer doesn't say how long it is: ${head.slice(0, 80)}`);
  return Number(length);
}
