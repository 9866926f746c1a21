/**
 * Many callers, one transaction, one flush. What arrives while a flush is under way waits, and goes into the next
 * transaction together.
 *
 * A batch first *decides*: each of its jobs looks at what is committed (and at what the jobs before it will change) and
 * says what to put. This happens on the main thread, against a fresh snapshot, while nothing else writes. Then all puts
 * go to lmdb's thread in one block that depends on the owner's entry: if another server took the folder over in the
 * meantime, none of them happens. So the conditions still hold in the transaction that writes.
 */
import { setImmediate } from "node:timers";
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { Database, Key, RootDatabase } from "lmdb";
import { unavailable } from "./failure.js";
import type { FreeSpace } from "./free-space.js";

/** Writes that may wait or be under way; about a second's worth on a slow disk. */
export const MAX_PENDING_WRITES = 16_384;

/** What they may hold, whichever comes first. */
export const MAX_PENDING_BYTES = 256 * 1024 ** 2;

/** One transaction carries at most this many writes (or one job's, if it has more), so that none waits long. */
export const MAX_BATCH_WRITES = 4_096;

export const MAX_BATCH_BYTES = 32 * 1024 ** 2;

/** What a batch may depend on and change. Values must not be changed once given. */
export interface Batch {
  /** What is there under this key: put by an earlier job of this batch, or committed. Valid until the next call. */
  peek(table: Database<Uint8Array, string>, key: string): Uint8Array | undefined;
  put(table: Database<Uint8Array, string>, key: string, value: Uint8Array): void;
  /** Like `put`, for what no job looks at. */
  append<K extends Key>(table: Database<Uint8Array, K>, key: K, value: Uint8Array): void;
  /** Takes away what no job looks at. */
  remove<K extends Key>(table: Database<Uint8Array, K>, key: K): void;
}

export interface JobOptions<T> {
  /** How many writes it counts for. */
  readonly writeCount: number;
  readonly sizeBytes: number;
  /** Puts what is to be put, and says what the caller is told once that is durable. Throws only on a read error or a bug. */
  readonly decide: (batch: Batch) => T;
}

/** The entry that says who owns the folder. */
export interface Fence {
  readonly table: Database<Uint8Array, string>;
  readonly key: string;
  readonly version: number;
}

export interface GroupCommit {
  /**
   * Resolves when what the job put is durable.
   *
   * @throws MainspringError `OVERLOADED` when too much waits already, and nothing will be written; `STORE_UNAVAILABLE`
   * when the transaction failed, or nobody knows
   */
  submit<T>(options: JobOptions<T>): Promise<T>;
  /** Writes waiting or under way. */
  pendingWrites(): number;
  /** Transactions so far. */
  batches(): number;
  /** Resolves when nothing waits and nothing is under way. */
  drained(): Promise<void>;
}

interface Job {
  readonly writeCount: number;
  readonly sizeBytes: number;
  decide(batch: Batch): void;
  succeed(): void;
  fail(error: MainspringError): void;
}

interface Change {
  readonly table: Database<Uint8Array>;
  readonly key: Key;
  /** `null` takes the entry away. */
  readonly value: Uint8Array | null;
}

export interface GroupCommitOptions {
  readonly root: RootDatabase<Uint8Array, string>;
  readonly fence: Fence;
  readonly freeSpace: FreeSpace;
}

export function createGroupCommit({ root, fence, freeSpace }: GroupCommitOptions): GroupCommit {
  const queue = createQueue();
  let batches = 0;
  let running: Promise<void> | undefined;
  let broken: MainspringError | undefined;

  async function run(): Promise<void> {
    // Whoever commits in this turn of the event loop gets into the first batch.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    for (let jobs = queue.take(); jobs.length > 0; jobs = queue.take()) {
      const outcome = broken ?? (await commit(jobs));
      queue.release(jobs);
      for (const job of jobs) {
        if (outcome === undefined) job.succeed();
        else job.fail(outcome);
      }
    }
    running = undefined;
  }

  async function commit(jobs: readonly Job[]): Promise<MainspringError | undefined> {
    try {
      root.resetReadTxn();
      const changes = decideAll(jobs);
      if (changes.length === 0) return undefined;
      freeSpace.assertRoomFor(jobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
      batches += 1;
      const isOwner = await write(fence, changes);
      if (!isOwner) broken = takenOver();
      // A reader who starts after its own commit must not meet an older snapshot.
      root.resetReadTxn();
      return broken;
    } catch (error) {
      if (isMainspringError(error)) return error;
      broken = probe(root);
      return broken ?? unavailable("The store could not write", await causeOf(error));
    }
  }

  return {
    async submit<T>({ writeCount, sizeBytes, decide }: JobOptions<T>): Promise<T> {
      if (broken !== undefined) throw broken;
      if (!queue.hasRoom(writeCount, sizeBytes)) throw overloaded(queue.writes());
      return new Promise<T>((resolve, reject) => {
        let decided: T;
        queue.push({
          writeCount,
          sizeBytes,
          decide: (batch) => {
            decided = decide(batch);
          },
          succeed: () => resolve(decided),
          fail: reject,
        });
        running ??= run();
      });
    },
    pendingWrites: queue.writes,
    batches: () => batches,
    drained: async () => running,
  };
}

function createQueue() {
  let waiting: Job[] = [];
  let writes = 0;
  let sizeBytes = 0;
  return {
    hasRoom: (writeCount: number, jobBytes: number) =>
      writes + writeCount <= MAX_PENDING_WRITES && sizeBytes + jobBytes <= MAX_PENDING_BYTES,
    push(job: Job): void {
      waiting.push(job);
      writes += job.writeCount;
      sizeBytes += job.sizeBytes;
    },
    /** The next batch, in order of arrival: at least one job, if there is one. */
    take(): readonly Job[] {
      let batchWrites = 0;
      let batchBytes = 0;
      let count = 0;
      for (const job of waiting) {
        batchWrites += job.writeCount;
        batchBytes += job.sizeBytes;
        if (count > 0 && (batchWrites > MAX_BATCH_WRITES || batchBytes > MAX_BATCH_BYTES)) break;
        count += 1;
      }
      const jobs = waiting.slice(0, count);
      waiting = waiting.slice(count);
      return jobs;
    },
    /** Makes room again for what was taken. */
    release(jobs: readonly Job[]): void {
      for (const job of jobs) {
        writes -= job.writeCount;
        sizeBytes -= job.sizeBytes;
      }
    },
    writes: () => writes,
  };
}

function decideAll(jobs: readonly Job[]): readonly Change[] {
  const changes: Change[] = [];
  const overlay = new Map<unknown, Map<string, Uint8Array>>();
  const append: Batch["append"] = (table, key, value) => {
    changes.push({ table, key, value });
  };
  const batch: Batch = {
    peek: (table, key) => overlay.get(table)?.get(key) ?? table.getBinaryFast(key),
    put(table, key, value) {
      const changed = overlay.get(table) ?? new Map<string, Uint8Array>();
      overlay.set(table, changed.set(key, value));
      append(table, key, value);
    },
    append,
    remove(table, key) {
      changes.push({ table, key, value: null });
    },
  };
  for (const job of jobs) job.decide(batch);
  return changes;
}

/** @returns false when the folder has another owner, and nothing was written */
function write(fence: Fence, changes: readonly Change[]): Promise<boolean> {
  return fence.table.ifVersion(fence.key, fence.version, () => {
    for (const { table, key, value } of changes) {
      if (value === null) void table.remove(key);
      else void table.put(key, value);
    }
  });
}

/**
 * Whether LMDB still takes transactions. After a failure to write its meta page it doesn't until it is opened again, and
 * lmdb's asynchronous transactions would then never be answered; so a synchronous one, empty, asks first.
 */
function probe(root: RootDatabase<Uint8Array, string>): MainspringError | undefined {
  try {
    root.transactionSync(() => undefined);
    return undefined;
  } catch (error) {
    return unavailable(
      "The store failed in the middle of a write; restart the server once the disk is well",
      error,
    );
  }
}

/** lmdb rejects with an error that promises the real one. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

function overloaded(waiting: number): MainspringError {
  return new MainspringError(
    "OVERLOADED",
    `${waiting} writes wait for the disk already; nothing was written. Try again shortly.`,
    { waiting, maxPendingWrites: MAX_PENDING_WRITES },
  );
}

function takenOver(): MainspringError {
  return new MainspringError(
    "STORE_UNAVAILABLE",
    "Another server has taken over this data folder; this one writes no more. Was its socket deleted?",
  );
}
