/** Reads a body: strict UTF-8, strict JSON, not too deep, and no `__proto__`. */
import { MainspringError } from "@mainspring/core";
import type { FastifyInstance } from "fastify";
import { MAX_JSON_DEPTH } from "../limits.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A body without these can't have a `__proto__` key, escaped or not. */
const SUSPICIOUS = ["__proto__", "\\u"];

/** Puts the strict reader in the place of Fastify's own ones. Any other type of content is refused. */
export function useStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    try {
      const { "content-type": type = "", "content-encoding": encoding } = request.headers;
      checkEncoding(type, encoding);
      const value = parseJson(bytes as Buffer);
      // The catalog's own check tells of every wrong key, this one as well.
      if (request.routeOptions.config.brings !== "catalog") checkKeys(value, bytes as Buffer);
      done(null, value);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws MainspringError `UNSUPPORTED_MEDIA_TYPE` */
function checkEncoding(type: string, encoding: string | undefined): void {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(type) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new MainspringError("UNSUPPORTED_MEDIA_TYPE", "A body must be JSON in UTF-8.");
  }
  if (encoding !== undefined && encoding !== "identity") {
    throw new MainspringError("UNSUPPORTED_MEDIA_TYPE", "A body must not be compressed.");
  }
}

/**
 * The value; nothing for an empty body.
 * @throws MainspringError `INVALID_REQUEST`
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  checkDepth(text);
  return parse(text);
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new MainspringError("INVALID_REQUEST", "The body is not valid UTF-8.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MainspringError("INVALID_REQUEST", "The body is not valid JSON.");
  }
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Counts brackets outside of strings, before anything is built. */
function checkDepth(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (isInString) {
      if (character === BACKSLASH) index += 1;
      else if (character === QUOTE) isInString = false;
    } else if (character === QUOTE) isInString = true;
    else if (character === 123 || character === 91) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) {
        throw new MainspringError(
          "INVALID_REQUEST",
          `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`,
        );
      }
    } else if (character === 125 || character === 93) depth -= 1;
  }
}

/** @throws MainspringError `INVALID_REQUEST` */
function checkKeys(value: unknown, bytes: Buffer): void {
  if (!SUSPICIOUS.some((sign) => bytes.includes(sign)) || !hasProtoKey(value)) return;
  throw new MainspringError("INVALID_REQUEST", 'A key must not be "__proto__".');
}

/** The depth is bounded already. */
function hasProtoKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasProtoKey);
}
