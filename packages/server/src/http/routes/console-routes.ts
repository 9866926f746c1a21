/** The page for operators at `/console/`: open to all, since it has no secret in it. Its numbers ask for an administrator's token. */
import { MainspringError } from "@mainspring/core";
import type { FastifyReply } from "fastify";
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
  for (const file of files) {
    app.get(`/console/${file.path}`, options, (request, reply) => {
      reply.headers(HEADERS).header("etag", file.etag);
      reply.header("cache-control", file.isImmutable ? FOR_A_YEAR : ASK_EACH_TIME);
      return answer(reply, file, request.headers["if-none-match"]);
    });
  }
}

function answer(
  reply: FastifyReply,
  { bytes, contentType, etag }: PageFile,
  known: string | undefined,
): FastifyReply {
  const isKnown = known?.split(",").some((tag) => [etag, `W/${etag}`, "*"].includes(tag.trim())) ?? false;
  return isKnown ? reply.code(304).send() : reply.type(contentType).send(bytes);
}
