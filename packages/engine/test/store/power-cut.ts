/**
 * What a file would hold after a power cut at any moment of a traced run. A write is durable once a flush of its file
 * that began after it has ended (or when it ended itself, through a descriptor that flushes each write). Until then the
 * disk may have all of it, nothing, or any of its sectors.
 */
import { bytesIn, type SystemCall } from "./system-calls.js";

/** The least that a disk writes whole. */
const SECTOR_BYTES = 512;

interface FileWrite {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly beganAt: number;
  readonly endedAt: number;
  durableAt: number;
}

/** What the process said at a moment: `ack player-1 7`. */
export interface Said {
  readonly at: number;
  readonly word: string;
  readonly playerId: string;
  readonly version: number;
}

export interface History {
  readonly said: readonly Said[];
  /** The moment after the last call. */
  readonly endsAt: number;
  /** The moments just after each line that was said, and just before and after each flush. */
  readonly moments: readonly number[];
  /** @param keepsSector whether the disk has got to a sector that no flush has covered yet */
  imageAt(moment: number, base: Buffer, keepsSector: () => boolean): Buffer;
}

interface Descriptor {
  readonly path: string;
  readonly flushesEachWrite: boolean;
  position: number;
}

/** Reads the history of the file at `path` out of a run's calls. */
export function historyOf(calls: readonly SystemCall[], path: string): History {
  const descriptors = new Map<number, Descriptor>();
  const writes: FileWrite[] = [];
  const said: Said[] = [];
  const flushes: SystemCall[] = [];
  for (const call of calls) {
    const descriptor = descriptors.get(Number.parseInt(call.argumentText, 10));
    if (call.name === "openat") remember(call, descriptors);
    else if (call.name === "close") descriptors.delete(Number.parseInt(call.argumentText, 10));
    else if (call.name === "write" && call.argumentText.startsWith("1,")) said.push(...linesOf(call));
    else if (descriptor?.path !== path) continue;
    else if (call.name === "lseek") descriptor.position = Number(call.result);
    else if (call.name === "fdatasync" || call.name === "fsync") flushes.push(call);
    else if (call.name.includes("write")) writes.push(writeOf(call, descriptor));
    else throw new Error(`This test does not know what ${call.name} does to a file.`);
  }
  for (const write of writes) {
    const flush = flushes.find(({ beganAt, result }) => beganAt > write.endedAt && result.startsWith("0"));
    write.durableAt = Math.min(write.durableAt, flush?.endedAt ?? Number.POSITIVE_INFINITY);
  }
  const ends = [...calls.map(({ endedAt }) => endedAt), ...calls.map(({ beganAt }) => beganAt)];
  const endsAt = 1 + ends.filter(Number.isFinite).reduce((one, other) => Math.max(one, other), 0);
  const moments = [
    ...said.map(({ at }) => at + 1),
    ...flushes.flatMap(({ beganAt, endedAt }) => [beganAt, endedAt, endedAt + 1]),
  ];
  return {
    said,
    endsAt,
    moments: moments.filter(Number.isFinite),
    imageAt: (moment, base, keepsSector) => imageOf({ writes, moment, base, keepsSector }),
  };
}

function remember({ argumentText, result }: SystemCall, descriptors: Map<number, Descriptor>): void {
  const descriptor = Number.parseInt(result, 10);
  if (!(descriptor >= 0)) return;
  descriptors.set(descriptor, {
    path: bytesIn(argumentText).toString(),
    flushesEachWrite: /O_D?SYNC/.test(argumentText),
    position: 0,
  });
}

function linesOf({ argumentText, beganAt }: SystemCall): Said[] {
  const lines = bytesIn(argumentText).toString().trim().split("\n");
  return lines.map((line) => {
    const [word = "", playerId = "", version = "0"] = line.split(" ");
    return { at: beganAt, word, playerId, version: Number(version) };
  });
}

function writeOf(call: SystemCall, descriptor: Descriptor): FileWrite {
  const { name, argumentText, beganAt, endedAt, result } = call;
  const bytes = bytesIn(argumentText);
  if (Number.isFinite(endedAt) && Number.parseInt(result, 10) !== bytes.length) {
    throw new Error(`A write of ${bytes.length} bytes ended with ${result}.`);
  }
  const hasOffset = name.startsWith("p");
  const offset = hasOffset ? Number(/, (\d+)$/.exec(argumentText)?.[1]) : descriptor.position;
  if (!Number.isSafeInteger(offset)) throw new Error(`Where does ${name} write? ${argumentText.slice(-40)}`);
  if (!hasOffset) descriptor.position += bytes.length;
  const durableAt = descriptor.flushesEachWrite ? endedAt : Number.POSITIVE_INFINITY;
  return { offset, bytes, beganAt, endedAt, durableAt };
}

interface ImageOptions {
  readonly writes: readonly FileWrite[];
  readonly moment: number;
  readonly base: Buffer;
  readonly keepsSector: () => boolean;
}

function imageOf({ writes, moment, base, keepsSector }: ImageOptions): Buffer {
  const pieces: { readonly offset: number; readonly bytes: Buffer }[] = [];
  for (const { offset, bytes, beganAt, durableAt } of writes) {
    if (beganAt >= moment) continue;
    if (durableAt < moment) pieces.push({ offset, bytes });
    else pieces.push(...sectorsOf(offset, bytes).filter(keepsSector));
  }
  const sizeBytes = pieces.reduce(
    (most, { offset, bytes }) => Math.max(most, offset + bytes.length),
    base.length,
  );
  const image = Buffer.alloc(sizeBytes);
  base.copy(image);
  for (const { offset, bytes } of pieces) bytes.copy(image, offset);
  return image;
}

function sectorsOf(offset: number, bytes: Buffer): { offset: number; bytes: Buffer }[] {
  const sectors: { offset: number; bytes: Buffer }[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
    sectors.push({ offset: offset + start, bytes: bytes.subarray(start, end) });
    start = end;
  }
  return sectors;
}
