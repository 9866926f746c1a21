/** Cuts what a Redis says (RESP2) into whole answers, so that one of them can be lost or come twice. */

export interface RedisFrame {
  readonly bytes: Buffer;
  /** The channel of a published message; `null`: it is something else. */
  readonly channel: string | null;
}

export interface FrameCutter {
  /** The frames that are whole now. */
  push(chunk: Buffer): readonly RedisFrame[];
}

export function createFrameCutter(): FrameCutter {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      pending = Buffer.concat([pending, chunk]);
      const frames: RedisFrame[] = [];
      for (;;) {
        const end = endOf(pending, 0);
        if (end === null) return frames;
        const bytes = pending.subarray(0, end);
        frames.push({ bytes, channel: channelOf(bytes) });
        pending = pending.subarray(end);
      }
    },
  };
}

/** Where the value that begins here ends; `null`: it isn't whole. */
function endOf(bytes: Buffer, from: number): number | null {
  const lineEnd = bytes.indexOf("\r\n", from);
  if (lineEnd === -1) return null;
  const next = lineEnd + 2;
  const kind = String.fromCodePoint(bytes[from] ?? 0);
  const size = Number(bytes.toString("latin1", from + 1, lineEnd));
  if (kind === "$" && size >= 0) return next + size + 2 <= bytes.length ? next + size + 2 : null;
  if (kind !== "*") return next;
  let end: number | null = next;
  for (let index = 0; index < size && end !== null; index += 1) end = endOf(bytes, end);
  return end;
}

function channelOf(frame: Buffer): string | null {
  const [, , word, , channel = null] = frame.toString("latin1").split("\r\n", 5);
  return word === "message" ? channel : null;
}
