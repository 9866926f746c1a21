/**
 * Plays a schedule against a modelled server and a clock moved by hand, one ms after the other, and writes down what the
 * batcher sent when, and what waited at that moment. What must wait and what may go is worked out here from the written
 * rules alone, by looking at everything each time.
 */
import { createBatcher, type Sent } from "../../src/batch/index.js";
import { createManualClock } from "../../src/testing/index.js";
import type { Schedule, Settings, SubmittedOperation } from "./schedule.js";

export interface PlayedOperation extends SubmittedOperation {
  readonly id: number;
  readonly submittedAtMs: number;
  state: "refused" | "waiting" | "sent" | "resting" | "answered";
  /** Batches that it was in. */
  readonly sentIn: PlayedBatch[];
  /** When it has rested long enough, as it was drawn. */
  restsUntilMs: number;
  /** A flush told it to hurry. */
  isHastened: boolean;
  /** How often it was answered. */
  answers: number;
  answer: PromiseSettledResult<number> | null;
  readonly answeredAtMs: { value: number | null };
}

export interface PlayedBatch {
  readonly index: number;
  readonly atMs: number;
  readonly group: string;
  readonly operations: readonly PlayedOperation[];
  /** Batches under way, this one included. */
  readonly inFlight: number;
  /** What could have been in the batch: operations of the group of whose key none was under way or resting. */
  readonly ready: readonly PlayedOperation[];
  /** The ranks of the lanes in it, and of those that were left though they could go. */
  readonly takenRanks: readonly number[];
  readonly leftRanks: readonly number[];
  /** Of other groups that had to send something, the first ranks. */
  readonly otherRanks: readonly number[];
  /** Whether the group had to send something, and whether the system was idle. */
  readonly isDue: boolean;
  readonly isIdle: boolean;
  /** What the server did with each. */
  fates: readonly Sent<number>["status"][];
  answeredAtMs: number;
}

export interface Played {
  readonly settings: Settings;
  readonly operations: readonly PlayedOperation[];
  readonly batches: readonly PlayedBatch[];
  /** Times at which there was a slot, and something had to go but did not. */
  readonly idleMistakes: readonly string[];
  /** Of each flush, what had been given before and was not answered when it resolved. */
  readonly unflushed: readonly (readonly number[])[];
  readonly afterClose: unknown;
  readonly pendingAfterClose: number;
  readonly maxPending: { readonly operations: number; readonly bytes: number };
}

const MAX_ATTEMPTS = 4;
export const RETRY = { baseDelayMs: 4, maxDelayMs: 20, maxAttempts: MAX_ATTEMPTS };
const MAX_DRAIN_MS = 5_000;

/** Enough for a batch to be put together, and for one that was answered to be settled. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

export async function play({ settings, steps, fates, latenciesMs, chances }: Schedule): Promise<Played> {
  const clock = createManualClock(0);
  const operations: PlayedOperation[] = [];
  const batches: PlayedBatch[] = [];
  const idleMistakes: string[] = [];
  const unflushed: number[][] = [];
  let inFlight = 0;
  let sentCount = 0;
  let draws = 0;
  let foreseenDraws = 0;
  const limits = (group: string) => ({
    maxOperations: settings.maxOperations,
    maxBytes: settings.maxBytes,
    repeatsKeys: settings.repeatingGroups.includes(group),
  });
  const model = createModel(settings, operations);
  const batcher = createBatcher<PlayedOperation, number>({
    ...settings,
    limits,
    retry: RETRY,
    timers: clock,
    random: () => chances[(draws += 1) % chances.length] ?? 0,
    async send(group, sent) {
      const isIdle =
        inFlight === 0 &&
        operations.every((operation) => !isHeld(operation) || operation.group === group) &&
        clock.nowMs() - (batches.at(-1)?.atMs ?? -Infinity) >= settings.batchTimeoutMs;
      inFlight += 1;
      const seen = model.look(group, sent, clock.nowMs());
      const batch: PlayedBatch = {
        ...seen,
        index: batches.length,
        atMs: clock.nowMs(),
        group,
        operations: sent,
        inFlight,
        isIdle,
        fates: [],
        answeredAtMs: Infinity,
      };
      batches.push(batch);
      for (const operation of sent) {
        operation.state = "sent";
        operation.sentIn.push(batch);
      }
      await clock.wait(latenciesMs[batch.index % latenciesMs.length] ?? 1);
      inFlight -= 1;
      batch.answeredAtMs = clock.nowMs();
      const results: Sent<number>[] = [];
      const leftKeys = new Set<string>();
      for (const { id, key } of sent) {
        const fate = fates[(sentCount += 1) % fates.length] ?? "done";
        // A server that does operations in order takes none after one of the same key that it left.
        const isLeft = fate === "unprocessed" || (key !== undefined && leftKeys.has(key));
        if (isLeft && key !== undefined) leftKeys.add(key);
        if (isLeft) results.push({ status: "unprocessed" });
        else if (fate === "failed") results.push({ status: "failed", error: new Error(`failed ${id}`) });
        else results.push({ status: "done", outcome: id });
      }
      batch.fates = results.map(({ status }) => status);
      const again = sent.filter(
        ({ sentIn }, index) => results[index]?.status === "unprocessed" && sentIn.length < MAX_ATTEMPTS,
      );
      const attempts = Math.max(...again.map(({ sentIn }) => sentIn.length));
      const bound = Math.min(RETRY.maxDelayMs, RETRY.baseDelayMs * 2 ** (attempts - 1));
      if (again.length > 0) foreseenDraws += 1;
      const restMs = (chances[foreseenDraws % chances.length] ?? 0) * bound;
      for (const operation of sent) {
        operation.state = again.includes(operation) ? "resting" : "answered";
        // A timer that is due at once rings when the clock is moved next.
        operation.restsUntilMs = clock.nowMs() + Math.max(1, restMs);
      }
      return results;
    },
  });
  const maxPending = { operations: 0, bytes: 0 };
  const look = async (): Promise<void> => {
    await turns();
    const { pending, pendingBytes } = batcher.stats();
    maxPending.operations = Math.max(maxPending.operations, pending);
    maxPending.bytes = Math.max(maxPending.bytes, pendingBytes);
    if (inFlight >= settings.maxConcurrentBatches) return;
    for (const group of model.dueGroups(clock.nowMs())) idleMistakes.push(`${group} at ${clock.nowMs()}`);
  };
  const submit = (given: SubmittedOperation): void => {
    const operation: PlayedOperation = {
      ...given,
      id: operations.length,
      submittedAtMs: clock.nowMs(),
      state: "waiting",
      sentIn: [],
      restsUntilMs: 0,
      isHastened: false,
      answers: 0,
      answer: null,
      answeredAtMs: { value: null },
    };
    const held = operations.filter(isHeld);
    const heldBytes = held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const isRefused =
      held.length + 1 > settings.maxWaitingOperations ||
      heldBytes + given.sizeBytes > settings.maxWaitingBytes;
    operations.push(operation);
    if (isRefused) operation.state = "refused";
    const { key } = given;
    const answered = (answer: PromiseSettledResult<number>): void => {
      operation.answers += 1;
      operation.answer = answer;
      operation.answeredAtMs.value = clock.nowMs();
    };
    batcher
      .submit({ ...given, ...(key !== undefined && { key }), value: operation })
      .then((value) => answered({ status: "fulfilled", value }))
      .catch((reason: unknown) => answered({ status: "rejected", reason }));
  };
  const watchFlush = async (flushed: Promise<void>, before: readonly PlayedOperation[]): Promise<void> => {
    await flushed;
    unflushed.push(before.flatMap((operation) => (isHeld(operation) ? [operation.id] : [])));
  };
  const tick = async (): Promise<void> => {
    clock.advance(1);
    // What has rested enough is ready now; the batcher says so by sending it.
    await look();
  };
  for (const step of steps) {
    if (step.type === "submit") submit(step.operation);
    else if (step.type === "flush") {
      const before = operations.filter(isHeld);
      for (const operation of before) if (operation.state === "waiting") operation.isHastened = true;
      void watchFlush(batcher.flush(), before);
    } else {
      await look();
      for (let ms = 0; ms < step.ms; ms += 1) await tick();
    }
    // Several steps in a row happen in one turn now and then.
    if (operations.length % 3 !== 0) await look();
  }
  await look();
  for (const operation of operations) if (operation.state === "waiting") operation.isHastened = true;
  const closing = { isOver: false };
  void batcher.close().finally(() => {
    closing.isOver = true;
  });
  for (let ms = 0; ms < MAX_DRAIN_MS && !closing.isOver; ms += 1) await tick();
  const afterClose = await batcher
    .submit({ group: "records", priority: 0, sizeBytes: 1, value: operations[0] as PlayedOperation })
    .catch((error: unknown) => error);
  return {
    settings,
    operations,
    batches,
    idleMistakes,
    unflushed,
    afterClose,
    pendingAfterClose: closing.isOver ? batcher.stats().pending : Infinity,
    maxPending,
  };
}

function isHeld({ state }: PlayedOperation): boolean {
  return state === "waiting" || state === "sent" || state === "resting";
}

/** The rules about what is ready, what has to go, and who goes first, as they are written. */
function createModel(settings: Settings, operations: readonly PlayedOperation[]) {
  const { ageingMs, batchTimeoutMs, maxBytes } = settings;
  const maxOperations = Math.min(settings.maxOperations, settings.maxBatchSize);

  /** Of each key that has nothing under way and nothing resting, the operations that wait. */
  function readyLanes(group: string, nowMs: number): PlayedOperation[][] {
    const lanes = new Map<string | number, PlayedOperation[]>();
    const busy = new Set<string | number>();
    for (const operation of operations) {
      if (operation.group !== group || !isHeld(operation)) continue;
      const lane = operation.key ?? operation.id;
      if (operation.state === "sent") busy.add(lane);
      if (operation.state === "resting" && nowMs < operation.restsUntilMs) busy.add(lane);
      else lanes.set(lane, [...(lanes.get(lane) ?? []), operation]);
    }
    return [...lanes].flatMap(([lane, waiting]) => (busy.has(lane) ? [] : [waiting]));
  }

  const rankOf = (lane: readonly PlayedOperation[]): number =>
    Math.min(...lane.map(({ submittedAtMs, priority }) => submittedAtMs + priority * ageingMs));

  function isDue(group: string, lanes: readonly (readonly PlayedOperation[])[], nowMs: number): boolean {
    const counted = settings.repeatingGroups.includes(group)
      ? lanes.flat()
      : lanes.flatMap((lane) => lane.slice(0, 1));
    const bytes = counted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const hasToGo = lanes
      .flat()
      .some(
        ({ lingers, sentIn, isHastened, submittedAtMs }) =>
          !lingers || sentIn.length > 0 || isHastened || nowMs - submittedAtMs >= batchTimeoutMs,
      );
    return hasToGo || counted.length >= maxOperations || (lanes.length > 0 && bytes >= maxBytes);
  }

  return {
    dueGroups: (nowMs: number): string[] =>
      groupsOf(operations).filter((group) => isDue(group, readyLanes(group, nowMs), nowMs)),
    look(group: string, sent: readonly PlayedOperation[], nowMs: number) {
      const lanes = readyLanes(group, nowMs);
      const [taken, left] = [true, false].map((isTaken) =>
        lanes.filter((lane) => lane.some((operation) => sent.includes(operation)) === isTaken),
      );
      const others = groupsOf(operations).filter((other) => other !== group);
      return {
        ready: lanes.flat(),
        takenRanks: (taken ?? []).map(rankOf),
        leftRanks: (left ?? []).map(rankOf),
        otherRanks: others.flatMap((other) => {
          const otherLanes = readyLanes(other, nowMs);
          return isDue(other, otherLanes, nowMs) ? [Math.min(...otherLanes.map(rankOf))] : [];
        }),
        isDue: isDue(group, lanes, nowMs),
      };
    },
  };
}

function groupsOf(operations: readonly PlayedOperation[]): string[] {
  return [...new Set(operations.map(({ group }) => group))];
}
