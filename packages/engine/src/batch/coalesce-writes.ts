/**
 * Two commits of one player that follow each other, made one write: under the first's condition, with the second's
 * record, the events of both, and the latest mark.
 *
 * If the condition fails, both conflict. A plain store would then still try the second, and commit it if somebody else
 * had written the very version that it expects; whoever gave the second without waiting for the first meant it to follow
 * the first, so to refuse it is the safer of the two.
 */
import type { RecordWrite } from "../ports.js";

/** What a record may hold of unsaved events (64, and 8 KiB) is what a store may have to keep of one write. */
const MAX_EVENTS = 64;
const MAX_EVENT_BYTES = 8 * 1024;

/** Far below what any store takes as one record: what is refused as too large was so on its own. */
const MAX_BYTES = 64 * 1024;

export function coalesceWrites(first: RecordWrite, second: RecordWrite): RecordWrite | null {
  if (!isContinuation(first, second)) return null;
  // The store would keep the first's mark as one of the second's version.
  if (first.mark !== undefined && second.mark === undefined) return null;
  const events = [...first.events, ...second.events];
  const { mark } = second;
  const one = { expected: first.expected, next: second.next, events, ...(mark !== undefined && { mark }) };
  const eventBytes = events.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const isSmall = events.length <= MAX_EVENTS && eventBytes <= MAX_EVENT_BYTES && sizeOf(one) <= MAX_BYTES;
  return isSmall ? one : null;
}

/** Whether the second expects exactly what the first leaves, and the numbers of versions and events go on. */
function isContinuation({ next: before, events }: RecordWrite, second: RecordWrite): boolean {
  const { expected, next } = second;
  const lastNumber = events.at(-1)?.number;
  const firstNumber = second.events[0]?.number;
  const hasGap = lastNumber !== undefined && firstNumber !== undefined && firstNumber !== lastNumber + 1;
  return (
    !hasGap &&
    expected?.incarnation === before.incarnation &&
    expected.version === before.version &&
    next.incarnation === before.incarnation &&
    next.version === before.version + 1
  );
}

/** Ids and numbers, roughly. */
const HEAD_BYTES = 64;

/** What a write holds, in bytes. */
export function sizeOf({ next, events, mark }: RecordWrite): number {
  let sizeBytes = HEAD_BYTES + next.bytes.length + (mark?.length ?? 0);
  for (const { bytes } of events) sizeBytes += HEAD_BYTES + bytes.length;
  return sizeBytes;
}
