/** The description of the API describes the API. */
import { describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";

interface Operation {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** The document, parsed and as text. */
async function documentOf(): Promise<{ document: Document; text: string }> {
  const { call } = await startServer();
  const { status, text } = await call("GET", "/openapi.json", { token: null });
  expect(status).toBe(200);
  return { document: JSON.parse(text) as Document, text };
}

const PLAYER = "/v1/players/{id}";

const ROUTES = [
  "GET /healthz",
  "GET /metrics",
  "GET /readyz",
  "GET /v1/admin/catalogs",
  "GET /v1/admin/flags",
  "GET /v1/admin/performance",
  "PUT /v1/admin/flags/{layer}",
  "DELETE /v1/admin/flags/{layer}",
  "GET /v1/admin/players/{id}",
  "GET /v1/catalog",
  `DELETE ${PLAYER}/queue/tasks/{taskId}`,
  `GET ${PLAYER}`,
  `GET ${PLAYER}/events`,
  `GET ${PLAYER}/progress`,
  `GET ${PLAYER}/queue`,
  `GET ${PLAYER}/stats`,
  "POST /v1/admin/catalogs",
  "POST /v1/admin/heap/snapshots",
  "POST /v1/admin/players/{id}/fast-forward",
  "POST /v1/admin/players/{id}/restore",
  `POST ${PLAYER}/adjust`,
  `POST ${PLAYER}/equip`,
  `POST ${PLAYER}/queue/pause`,
  `POST ${PLAYER}/queue/resume`,
  `POST ${PLAYER}/queue/stop`,
  `POST ${PLAYER}/queue/tasks`,
  `POST ${PLAYER}/queue/tasks/{taskId}/move`,
  `POST ${PLAYER}/stash/claim`,
  `PUT ${PLAYER}/queue/order`,
];

describe("/openapi.json", () => {
  it("has every route, each with a summary, its answers and its problems", async () => {
    const { document } = await documentOf();
    expect([document.openapi, document.info.title]).toEqual(["3.1.0", "Mainspring"]);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );
    expect(operations.map(({ name }) => name).sort()).toEqual([...ROUTES].sort());
    for (const { name, operation } of operations) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\S/)]);
      const statuses = Object.keys(operation.responses);
      expect([name, statuses.some((status) => status.startsWith("2"))]).toEqual([name, true]);
      if (name === "GET /healthz") continue;
      for (const range of ["4XX", "5XX"]) {
        expect([name, operation.responses[range]?.content?.["application/problem+json"]?.schema]).toEqual([
          name,
          { $ref: "#/components/schemas/Problem" },
        ]);
      }
    }
  });

  it("refers only to what it has", async () => {
    const { document, text } = await documentOf();
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name = ""]) => name,
    );
    expect(text.match(/"\$ref"/g)?.length).toBe(names.length);
    expect([...new Set(names)].filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Problem", "Player", "Queue", "QueuedTask", "Progress", "Stats", "Event"]),
    );
  });

  it("says what needs a token, what commands take, and what is in addresses", async () => {
    const { document } = await documentOf();
    const operation = (method: string, path: string): Operation | undefined => document.paths[path]?.[method];
    expect(operation("get", "/healthz")?.security).toEqual([]);
    expect(operation("get", PLAYER)?.security).toEqual([{ token: [] }]);
    const enqueue = operation("post", `${PLAYER}/queue/tasks`);
    expect(enqueue?.requestBody?.content).toHaveProperty("application/json");
    expect(enqueue?.parameters?.map(({ name, in: where }) => `${where} ${name}`).sort()).toEqual([
      "header idempotency-key",
      "header if-match",
      "header player-at-least",
      "path id",
    ]);
    expect(
      operation("get", `${PLAYER}/events`)
        ?.parameters?.map(({ name }) => name)
        .sort(),
    ).toEqual(["after", "id", "limit", "player-at-least"]);
  });
});
