/** The page for operators at `/console/`: open to all, since it has no secret in it. Its numbers ask for an administrator's token. */
import { MainspringError } from "@mainspring/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { App } from "../app.js";
import type { PageFile } from "../console/page-files.js";

const options = { config: { access: "open" }, schema: { hide: true } } as const;

/** Nothing but what this server sends runs, is shown or is asked, and nobody can put the page into another. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const FOR_A_YEAR = "public, max-age=31536000, immutable";
/** Kept, and asked for each time: most often answered with 304. */
const ASK_EACH_TIME = "no-cache";

/** @param files `null`: the page was never built */
export function addConsoleRoutes(app: App, files: readonly PageFile[] | null): void {
  app.get("/console", options, (_request, reply) => reply.redirect("console/"));
  if (files === null) {
    app.get("/console/", options, () => {
      throw new MainspringError("NOT_FOUND", "This working copy has no page yet: npm run build makes it.");
    });
    return;
  }
  const assets = new Map(files.filter(isAsset).map((file) => [file.path, file]));
  for (const file of files.filter((each) => !isAsset(each))) {
    app.get(`/console/${file.path}`, options, (request, reply) => answer(request, reply, file));
  }
  // One route for all of them: their names change with each release, and requests are counted by route.
  app.get(
    `/console/${ASSETS}:name`,
    { ...options, schema: { hide: true, params: AssetParams } },
    (request, reply) => {
      const file = assets.get(`${ASSETS}${request.params.name}`);
      if (file === undefined) throw new MainspringError("NOT_FOUND", "There is no such address.");
      return answer(request, reply, file);
    },
  );
}

const ASSETS = "assets/";
const AssetParams = Type.Object({ name: Type.String() });

function isAsset({ path }: PageFile): boolean {
  return path.startsWith(ASSETS);
}

function answer({ headers }: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  const { bytes, contentType, etag, isImmutable } = file;
  reply
    .headers(HEADERS)
    .header("etag", etag)
    .header("cache-control", isImmutable ? FOR_A_YEAR : ASK_EACH_TIME);
  const known = headers["if-none-match"]?.split(",").map((tag) => tag.trim()) ?? [];
  const isKnown = known.some((tag) => [etag, `W/${etag}`, "*"].includes(tag));
  return isKnown ? reply.code(304).send() : reply.type(contentType).send(bytes);
}
