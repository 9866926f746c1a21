/** What the operator's call for a heap snapshot takes and gives. */
import { Type } from "typebox";
import { DEFAULT_DRAIN_MS, MAX_DRAIN_MS } from "../../heap/heap-limits.js";
import { SNAPSHOT_NAME_PATTERN } from "../../heap/snapshot-folder.js";
import { integer, strict, text } from "./common.js";

export const HeapSnapshotBodySchema = strict({
  name: Type.Optional(
    Type.String({
      pattern: SNAPSHOT_NAME_PATTERN,
      description:
        "What the file's name begins with: 1 to 64 letters, digits, - and _. Default: the instant.",
    }),
  ),
  drainMs: Type.Optional(
    integer(
      `So long the server is not ready before it is taken, for load balancers to see it. Default: ${DEFAULT_DRAIN_MS}.`,
      { maximum: MAX_DRAIN_MS },
    ),
  ),
  riskMemory: Type.Optional(
    Type.Boolean({
      description:
        "Take it though free memory may not suffice, and the system may kill the server. What was answered stays. Default: false.",
    }),
  ),
});

export const HeapSnapshotSchema = strict({
  path: text("On the server."),
  bytes: integer("Of the file."),
  tookMs: integer("From the request to the file."),
  pausedMs: integer("So long nothing else ran."),
  heapUsedBytes: integer("The heap that it is of, before the collection that comes with it."),
});
