/** Asks a store for many callers at once, and makes sure that none of them suffers for another's mistake. */
import { isMainspringError } from "@mainspring/core";
import type { Sent } from "./batcher.js";

/**
 * Answers each operation. When the store takes none of them since one can't be taken (`INVALID_REQUEST`,
 * `RECORD_TOO_LARGE`), each is sent alone; when it is overloaded, all of them are left unprocessed. Both say for certain that nothing was done.
 *
 * @throws whatever else the store fails with
 */
export async function sendOrSplit<Op, Outcome>(
  operations: readonly Op[],
  ask: (operations: readonly Op[]) => Promise<readonly Outcome[]>,
): Promise<readonly Sent<Outcome>[]> {
  try {
    const outcomes = await ask(operations);
    return outcomes.map((outcome) => ({ status: "done", outcome }));
  } catch (error) {
    const code = isMainspringError(error) ? error.code : null;
    if (code === "OVERLOADED") return operations.map(() => ({ status: "unprocessed" }));
    const isOnesOwn = code === "INVALID_REQUEST" || code === "RECORD_TOO_LARGE";
    if (!isOnesOwn || operations.length === 1) throw error;
    return sendEach(operations, ask);
  }
}

async function sendEach<Op, Outcome>(
  operations: readonly Op[],
  ask: (operations: readonly Op[]) => Promise<readonly Outcome[]>,
): Promise<readonly Sent<Outcome>[]> {
  const sent: Sent<Outcome>[] = [];
  for (const operation of operations) {
    // Once one is left unprocessed, so are those after it: one of them could be of the same key.
    const isStopped = sent.at(-1)?.status === "unprocessed";
    const [result] = isStopped ? [] : await sendOrSplit([operation], ask).catch(failed);
    sent.push(result ?? { status: "unprocessed" });
  }
  return sent;
}

function failed(cause: unknown): readonly Sent<never>[] {
  const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
  return [{ status: "failed", error }];
}
