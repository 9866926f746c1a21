/** Each sentence about the batcher, over random schedules. */
import { describe, expect, it } from "vitest";
import { play, type Played, type PlayedBatch, type PlayedOperation, RETRY } from "./play.js";
import { check } from "./replay.js";
import { type ScheduleOptions, schedules } from "./schedule.js";

function law(sentence: string, prove: (played: Played) => void, options: ScheduleOptions = {}): void {
  it(sentence, async () => {
    await check(schedules(options), async (schedule) => prove(await play(schedule)));
  });
}

/** What of a batch was of one key, in order. */
function ofKey(batch: PlayedBatch, key: string): PlayedOperation[] {
  return batch.operations.filter((operation) => operation.key === key);
}

describe("an operation", () => {
  law("is answered exactly once, with what the server did with it last", ({ operations }) => {
    for (const { id, state, answers, answer, sentIn } of operations) {
      expect(answers).toBe(1);
      if (state === "refused") continue;
      const last = sentIn.at(-1);
      const fate = last?.fates[last.operations.findIndex((operation) => operation.id === id)];
      if (fate === "done") expect(answer).toEqual({ status: "fulfilled", value: id });
      else if (fate === "failed")
        expect(answer).toEqual({ status: "rejected", reason: new Error(`failed ${id}`) });
      else {
        expect(sentIn.length).toBe(RETRY.maxAttempts);
        expect(answer).toMatchObject({ status: "rejected", reason: { code: "STORE_UNAVAILABLE" } });
      }
    }
  });

  law("is sent again when it was left unprocessed, and only then", ({ operations }) => {
    for (const operation of operations) {
      for (const batch of operation.sentIn.slice(0, -1)) {
        expect(batch.fates[batch.operations.indexOf(operation)]).toBe("unprocessed");
      }
    }
  });
});

describe("a batch", () => {
  law(
    "has nothing of which something is under way or rests, and is as much as fits",
    ({ batches, settings }) => {
      const { maxBatchSize, maxOperations, maxBytes } = settings;
      for (const { operations, ready, group } of batches) {
        for (const operation of operations) expect(ready).toContain(operation);
        const isWhole = operations.length === Math.min(maxBatchSize, maxOperations);
        const left = ready.filter((operation) => !operations.includes(operation));
        const bytes = operations.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        // What shares a key may have to wait for the next batch.
        const free = settings.repeatingGroups.includes(group)
          ? left
          : left.filter(({ key }) => key === undefined || !operations.some((other) => other.key === key));
        const fits = free.every(({ sizeBytes }) => bytes + sizeBytes <= maxBytes);
        expect(isWhole || free.length === 0 || !fits).toBe(true);
      }
    },
  );

  law("has operations of one group, and no more of them and of bytes than a request may carry", (played) => {
    const { maxBatchSize, maxOperations, maxBytes } = played.settings;
    for (const { group, operations } of played.batches) {
      expect(operations.every((operation) => operation.group === group)).toBe(true);
      expect(operations.length).toBeGreaterThan(0);
      expect(operations.length).toBeLessThanOrEqual(Math.min(maxBatchSize, maxOperations));
      expect(operations.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(maxBytes);
    }
  });

  law("is one of at most maxConcurrentBatches under way", ({ batches, settings }) => {
    for (const { inFlight } of batches) expect(inFlight).toBeLessThanOrEqual(settings.maxConcurrentBatches);
  });

  law(
    "leaves when it is full, has something that does not linger or has lingered long enough, or the system is idle, and no sooner",
    ({ batches }) => {
      for (const { isDue, isIdle } of batches) expect(isDue || isIdle).toBe(true);
    },
  );

  law(
    "that has to leave, or whose operations have rested as long as full jitter said, does not wait while there is a slot",
    ({ idleMistakes }) => {
      expect(idleMistakes).toEqual([]);
    },
  );

  law("leaves in the same ms when it comes to an idle system", ({ operations, batches, settings }) => {
    for (const { id, state, submittedAtMs, sentIn } of operations) {
      if (state === "refused") continue;
      const before = operations.slice(0, id).filter((other) => other.state !== "refused");
      const isAlone = before.every(({ answeredAtMs }) => (answeredAtMs.value ?? Infinity) < submittedAtMs);
      const lastLeft = Math.max(
        -Infinity,
        ...batches.filter(({ atMs }) => atMs < submittedAtMs).map(({ atMs }) => atMs),
      );
      if (isAlone && submittedAtMs - lastLeft >= settings.batchTimeoutMs) {
        const others = operations.filter((other) => other.id > id && other.submittedAtMs === submittedAtMs);
        if (others.length === 0) expect(sentIn[0]?.atMs).toBe(submittedAtMs);
      }
    }
  });

  law(
    "takes operations in the order of their ranks, pulled along by later ones of their keys",
    ({ batches }) => {
      for (const { takenRanks, leftRanks } of batches) {
        expect(Math.max(...takenRanks)).toBeLessThanOrEqual(Math.min(Infinity, ...leftRanks));
      }
    },
  );

  law("leaves before those of other groups that rank behind it", ({ batches }) => {
    for (const { takenRanks, otherRanks } of batches) {
      expect(Math.min(...takenRanks)).toBeLessThanOrEqual(Math.min(Infinity, ...otherRanks));
    }
  });
});

describe("the order of a key", () => {
  law("is kept, whatever the priorities and whatever is left unprocessed", ({ operations }) => {
    const lastOf = new Map<string, PlayedOperation>();
    for (const operation of operations) {
      const { group, key, state, sentIn } = operation;
      if (key === undefined || state === "refused") continue;
      const before = lastOf.get(`${group} ${key}`)?.sentIn.at(-1);
      lastOf.set(`${group} ${key}`, operation);
      if (before === undefined) continue;
      // It was first sent with the last sending of the one before it, or after that was answered.
      const first = sentIn[0];
      if (first !== undefined) expect(first.index).toBeGreaterThanOrEqual(firstSharedWith(operation, before));
      const last = sentIn.at(-1);
      if (last !== before) expect(last?.atMs).toBeGreaterThanOrEqual(before.answeredAtMs);
    }
  });

  law(
    "has two operations under way at once only in one batch, in order, where the group permits it",
    (played) => {
      for (const batch of played.batches) {
        for (const key of ["ada", "bob", "cleo"]) {
          const mine = ofKey(batch, key);
          if (mine.length === 0) continue;
          expect(mine.map(({ id }) => id)).toEqual(mine.map(({ id }) => id).sort((a, b) => a - b));
          if (!played.settings.repeatingGroups.includes(batch.group)) expect(mine.length).toBe(1);
          const meanwhile = played.batches.filter(
            (other) =>
              other.index > batch.index && other.group === batch.group && other.atMs < batch.answeredAtMs,
          );
          for (const other of meanwhile) expect(ofKey(other, key)).toEqual([]);
        }
      }
    },
  );
});

/** Two of one key may have been sent together, the earlier of them again and again. */
function firstSharedWith(operation: PlayedOperation, before: PlayedBatch): number {
  const shared = operation.sentIn.find((batch) =>
    batch.operations.some((other) => other.key === operation.key && other.id < operation.id),
  );
  return shared?.index ?? before.index;
}

describe("priorities with ageing", () => {
  law(
    "let an operation be overtaken only by those that came less than ageingMs for each priority between them later",
    ({ operations, settings }) => {
      const free = operations.filter(({ key, state }) => key === undefined && state !== "refused");
      for (const one of free) {
        for (const other of free) {
          if (one.group !== other.group || one.lingers || other.lingers) continue;
          const leadMs = (one.priority - other.priority) * settings.ageingMs;
          if (other.submittedAtMs <= one.submittedAtMs + leadMs || other.id < one.id) continue;
          expect(other.sentIn[0]?.index ?? Infinity).toBeGreaterThanOrEqual(one.sentIn[0]?.index ?? Infinity);
        }
      }
    },
    { fates: ["done"] },
  );
});

describe("a batcher", () => {
  law("never holds more than it may, and refuses with OVERLOADED exactly what would be more", (played) => {
    const { maxWaitingBytes, maxWaitingOperations } = played.settings;
    expect(played.maxPending.operations).toBeLessThanOrEqual(maxWaitingOperations);
    expect(played.maxPending.bytes).toBeLessThanOrEqual(maxWaitingBytes);
    for (const { state, sentIn, answer } of played.operations) {
      const isOverloaded =
        answer?.status === "rejected" && (answer.reason as { code?: string }).code === "OVERLOADED";
      expect(isOverloaded).toBe(state === "refused");
      if (isOverloaded) expect(sentIn).toEqual([]);
    }
  });

  law("that is flushed has answered all that it was given before", ({ unflushed }) => {
    for (const left of unflushed) expect(left).toEqual([]);
  });

  law("that is closed has answered all that it was given, and takes nothing any more", (played) => {
    expect(played.pendingAfterClose).toBe(0);
    expect(played.afterClose).toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
