/**
 * Takes a heap snapshot of this process safely: only where disk and memory bear it, one at a time, and with the server out of readiness
 * before, because nothing else runs while V8 writes.
 */
import { MainspringError } from "@mainspring/core";
import { FEW_REQUESTS, FEW_REQUESTS_WITHIN_MS, LOOK_MS } from "./heap-limits.js";
import type { HeapPorts } from "./heap-ports.js";
import { type Draft, openSnapshotFolder } from "./snapshot-folder.js";
import { checkNeeds } from "./snapshot-needs.js";
import type { RequestWatch } from "./watch-requests.js";

export interface SnapshotRequest {
  /** Default: the instant. */
  readonly name?: string | undefined;
  /** So long the server is not ready before the snapshot. */
  readonly drainMs: number;
  /** Take it though memory may not suffice, and the system may kill the server. What was answered stays. Default false. */
  readonly isMemoryRisked?: boolean;
  /** Whoever asked is still there. Otherwise it is called off, up to the moment in which V8 begins. */
  readonly isWanted: () => boolean;
}

export interface SnapshotOutcome {
  readonly path: string;
  readonly bytes: number;
  /** From the request to the file. */
  readonly tookMs: number;
  /** So long nothing else ran. */
  readonly pausedMs: number;
  readonly heapUsedBytes: number;
}

export interface SnapshotTaker {
  /**
   * @throws MainspringError `HEAP_SNAPSHOT_REFUSED` before anything was done, `HEAP_SNAPSHOT_FAILED` when it couldn't be written,
   * `SHUTTING_DOWN`. The server is ready again in any case.
   */
  take(request: SnapshotRequest): Promise<SnapshotOutcome>;
}

export interface SnapshotTakerOptions {
  readonly folder: string;
  readonly withdraw: (reason: string) => () => void;
  readonly isClosing: () => boolean;
  readonly watchRequests: () => RequestWatch;
  readonly log: { warn(facts: object, message: string): void };
  readonly ports: HeapPorts;
}

const REASON = "A heap snapshot is about to be taken, or being taken. The server is ready again after it.";

export function createSnapshotTaker(options: SnapshotTakerOptions): SnapshotTaker {
  let isTaking = false;
  return {
    async take(request) {
      if (isTaking) {
        throw new MainspringError(
          "HEAP_SNAPSHOT_REFUSED",
          "A heap snapshot is being taken already. Wait until it is there.",
          { lacking: "turn" },
        );
      }
      isTaking = true;
      try {
        return await takeOne(options, request);
      } finally {
        isTaking = false;
      }
    },
  };
}

async function takeOne(options: SnapshotTakerOptions, request: SnapshotRequest): Promise<SnapshotOutcome> {
  const { ports, log, withdraw } = options;
  const { timers } = ports;
  const startedAtMs = timers.nowMs();
  const folder = openSnapshotFolder(options.folder);
  const { isMemoryRisked = false } = request;
  await checkNeeds(folder.path, isMemoryRisked, ports);
  const draft = folder.draft(request.name ?? new Date().toISOString().slice(0, 19).replaceAll(":", "-"));
  const comeBack = withdraw(REASON);
  try {
    log.warn(
      { drainMs: request.drainMs, folder: folder.path },
      "A heap snapshot was asked for: not ready until it is taken.",
    );
    await waitForQuiet(options, request);
    // The heap may have grown meanwhile.
    await checkNeeds(folder.path, isMemoryRisked, ports);
    const heapUsedBytes = ports.heapUsedBytes();
    const pausedMs = write(draft, ports);
    const outcome = {
      ...draft.keep(),
      tookMs: Math.round(timers.nowMs() - startedAtMs),
      pausedMs: Math.round(pausedMs),
      heapUsedBytes,
    };
    log.warn({ ...outcome }, "The heap snapshot is written. Ready again.");
    return outcome;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    log.warn({ because }, "No heap snapshot was taken. Ready again.");
    throw error;
  } finally {
    // First, since a file may refuse to go.
    comeBack();
    draft.discard();
  }
}

/** Waits until load balancers have seen that it isn't ready, and then a little for the requests under way. */
async function waitForQuiet(options: SnapshotTakerOptions, request: SnapshotRequest): Promise<void> {
  const { timers } = options.ports;
  const watch = options.watchRequests();
  try {
    const drainedAtMs = timers.nowMs() + request.drainMs;
    const atLatestMs = drainedAtMs + FEW_REQUESTS_WITHIN_MS;
    for (let nowMs = timers.nowMs(); nowMs < atLatestMs; nowMs = timers.nowMs()) {
      checkWanted(options, request);
      if (nowMs >= drainedAtMs && watch.underWay() <= FEW_REQUESTS) return;
      const untilMs = nowMs < drainedAtMs ? drainedAtMs : atLatestMs;
      await new Promise<void>((resume) => {
        timers.after(Math.min(LOOK_MS, untilMs - nowMs), resume);
      });
    }
    checkWanted(options, request);
  } finally {
    watch.stop();
  }
}

function checkWanted({ isClosing }: SnapshotTakerOptions, { isWanted }: SnapshotRequest): void {
  if (isClosing()) throw new MainspringError("SHUTTING_DOWN", "The server is shutting down.");
  if (!isWanted()) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_REFUSED",
      "Whoever asked for the heap snapshot went away before it began.",
      { lacking: "client" },
    );
  }
}

/** @returns how long it took */
function write({ draftPath }: Draft, ports: HeapPorts): number {
  const startedAtMs = ports.timers.nowMs();
  try {
    ports.write(draftPath);
  } catch (error) {
    throw new MainspringError(
      "HEAP_SNAPSHOT_FAILED",
      `The heap snapshot could not be written: ${(error as Error).message}. What there was of it is gone again. Look after the disk, or name another folder with serve --heap-folder.`,
      {},
      { cause: error },
    );
  }
  return ports.timers.nowMs() - startedAtMs;
}
