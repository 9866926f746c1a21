/** The catalog as players may see it. */
import { createHash } from "node:crypto";
import type { Catalog } from "@mainspring/core";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import type { App, RouteContext } from "../app.js";
import { PROBLEMS } from "../schemas/common.js";

interface Prepared {
  readonly etag: string;
  readonly json: string;
}

export function addCatalogRoutes(app: App, { engine, publicCatalog }: RouteContext): void {
  const prepared = new WeakMap<Catalog, Prepared>();
  const prepare = (catalog: Catalog): Prepared => {
    const known = prepared.get(catalog);
    if (known !== undefined) return known;
    const json = JSON.stringify(publicCatalog(catalog));
    // The catalog's hash leaves texts out, so that correcting one moves nobody; readers want the correction.
    const text = createHash("sha256").update(json).digest("hex").slice(0, 12);
    const made = { etag: `"${catalog.hash}-${text}"`, json };
    prepared.set(catalog, made);
    return made;
  };

  app.get(
    "/v1/catalog",
    {
      config: { access: "known" },
      schema: {
        tags: ["catalog"],
        summary: "The active catalog as players may see it.",
        response: {
          200: Type.Unsafe<object>({
            type: "object",
            additionalProperties: true,
            description: "See docs/catalog.md.",
          }),
          304: Type.Null({ description: "It is still the one that If-None-Match names." }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply: FastifyReply) => {
      const { etag, json } = prepare(await engine.catalogs.active());
      reply.header("etag", etag).header("cache-control", "private, no-cache");
      if (isNamed(etag, request.headers["if-none-match"])) return reply.code(304).send();
      return reply.type("application/json; charset=utf-8").send(json);
    },
  );
}

/** Whether `If-None-Match` names it; tags of that header are compared weakly. */
function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
