/** `/metrics`, for Prometheus. */
import { Type } from "typebox";
import type { App } from "../app.js";
import type { Metrics } from "../metrics/create-metrics.js";
import { PROBLEMS } from "../schemas/common.js";

/** Who may look: anybody who reaches the server, administrators, or nobody. */
export type MetricsAccess = "open" | "admin" | "off";

export function addMetricsRoute(
  app: App,
  { metrics, access }: { readonly metrics: Metrics; readonly access: MetricsAccess },
): void {
  if (access === "off") return;
  app.get(
    "/metrics",
    {
      config: { access },
      schema: {
        tags: ["service"],
        summary: "The numbers of this process, for Prometheus. See docs/numbers.md.",
        response: {
          200: {
            description: "Prometheus's text format.",
            content: { "text/plain": { schema: Type.String() } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(text);
    },
  );
}
