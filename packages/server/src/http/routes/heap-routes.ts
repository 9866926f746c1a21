/** For operators: what is in the memory of this process. The snapshot itself never travels over HTTP. */
import { DEFAULT_DRAIN_MS } from "../../heap/heap-limits.js";
import type { App, RouteContext } from "../app.js";
import { bodyOrNothing } from "../optional-body.js";
import { PROBLEMS } from "../schemas/common.js";
import { HeapSnapshotBodySchema, HeapSnapshotSchema } from "../schemas/heap.js";

export function addHeapRoutes(app: App, { heap }: RouteContext): void {
  app.post(
    "/v1/admin/heap/snapshots",
    {
      config: { access: "admin" },
      preValidation: bodyOrNothing,
      schema: {
        tags: ["admin"],
        summary: "Write a snapshot of this process's heap into a folder of the server.",
        body: HeapSnapshotBodySchema,
        response: { 201: HeapSnapshotSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { name, drainMs = DEFAULT_DRAIN_MS, riskMemory = false } = request.body;
      const { socket } = request.raw;
      const outcome = await heap.take({
        name,
        drainMs,
        isMemoryRisked: riskMemory,
        isWanted: () => !socket.destroyed,
      });
      reply.code(201);
      return outcome;
    },
  );
}
