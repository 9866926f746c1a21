/** `mainspring heap snapshot`: asks a running server to write a snapshot of its heap into a folder of its own. */
import { MainspringError } from "@mainspring/core";
import { DEFAULT_DRAIN_MS } from "../heap/heap-limits.js";
import type { SnapshotOutcome } from "../heap/snapshot-taker.js";
import { adminToken, callServer, complaintOf } from "./api-client.js";
import type { Environment } from "./settings.js";

export interface HeapSnapshotSettings {
  readonly url: string;
  readonly data: string;
  readonly name?: string;
  readonly drain?: number;
  readonly riskMemory?: boolean;
}

const CREATED = 201;

/** Node.js itself waits no longer for an answer's first bytes. 5 min. */
const SNAPSHOT_TIMEOUT_MS = 300_000;

const MEBIBYTE = 1024 ** 2;

/** Prints where it lies. @throws MainspringError `CONFIG_INVALID` with what a refusal says */
export async function heapSnapshot(
  { url, data, name, drain: drainMs = DEFAULT_DRAIN_MS, riskMemory = false }: HeapSnapshotSettings,
  { env, print }: { env: Environment; print: (line: string) => void },
): Promise<void> {
  const token = await adminToken(env, data);
  print(
    `The server at ${url} is not ready for ${drainMs / 1_000} s, then stands still while it writes. To call it off before that, stop this command.`,
  );
  const answer = await callServer({
    url,
    method: "POST",
    path: "/v1/admin/heap/snapshots",
    token,
    body: JSON.stringify({ drainMs, riskMemory, ...(name === undefined ? {} : { name }) }),
    timeoutMs: SNAPSHOT_TIMEOUT_MS,
  });
  if (answer.status !== CREATED) throw new MainspringError("CONFIG_INVALID", complaintOf(answer));
  const { path, bytes, tookMs, pausedMs, heapUsedBytes } = answer.body as SnapshotOutcome;
  print(path);
  print(
    `${inMebibytes(bytes)} of ${inMebibytes(heapUsedBytes)} heap. It took ${inSeconds(tookMs)}; for ${inSeconds(pausedMs)} nothing else ran. The server is ready again.`,
  );
  print(
    "It holds whatever memory held: players' seeds, keys, tokens. Keep it like those, and delete it when you are done.",
  );
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}

function inSeconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
