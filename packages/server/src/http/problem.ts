/** Errors as `application/problem+json`: whatever went wrong becomes a row of the one table, and nothing inside is shown. */
import {
  closest,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorDetails,
  isMainspringError,
  MainspringError,
} from "@mainspring/core";
import { STATUS_OF_CODE } from "./status-of-code.js";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** The body of an error's answer (RFC 9457). */
export interface Problem extends ErrorDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly canRetry: boolean;
  readonly requestId?: string;
}

/** Messages of these may name folders, hosts or our own mistakes: they are for the log. */
const PRIVATE_CODES: ReadonlySet<ErrorCode> = new Set([
  "STORE_UNAVAILABLE",
  "RECORD_CORRUPT",
  "CONFIG_INVALID",
  "DATA_FOLDER_IN_USE",
  "KEYS_UNAVAILABLE",
  "INTERNAL",
]);

/** The error as its caller may see it. */
export function problemOf(error: MainspringError, requestId?: string): Problem {
  const { code } = error;
  const { meaning, canRetry } = ERROR_TABLE[code];
  const isPrivate = PRIVATE_CODES.has(code);
  const table = {
    type: `urn:mainspring:error:${code}`,
    title: meaning,
    status: STATUS_OF_CODE[code],
    code,
    detail: isPrivate ? meaning : error.message,
    canRetry,
    ...(requestId === undefined ? {} : { requestId }),
  };
  // Twice: the table's words come first, and details never replace them.
  return { ...table, ...(isPrivate ? {} : error.details), ...table };
}

/** What Fastify calls its own refusals, and what they are here. */
const CODE_OF_FASTIFY: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", "The body is larger than this address accepts."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "UNSUPPORTED_MEDIA_TYPE",
    "A body must be JSON: send it with Content-Type: application/json.",
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["INVALID_REQUEST", "The body is not as long as Content-Length says."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["INVALID_REQUEST", "The body is empty."],
  FST_ERR_BAD_URL: ["INVALID_REQUEST", "The address is not valid: check its percent-encoding."],
  FST_ERR_MAX_PARAM_LENGTH: ["INVALID_REQUEST", "A part of the address is too long."],
};

/** One objection of the schema's check. */
export interface SchemaObjection {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly parentSchema?: unknown;
  /** The value that it is about. */
  readonly data?: unknown;
}

interface FastifyLikeError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly SchemaObjection[];
  readonly validationContext?: string;
}

/** The row of the table for anything that was thrown while a request was answered. */
export function asMainspringError(thrown: unknown, body?: unknown): MainspringError {
  if (isMainspringError(thrown)) return thrown;
  if (!(thrown instanceof Error))
    return new MainspringError("INTERNAL", "Something that is no error was thrown.");
  const error: FastifyLikeError = thrown;
  if (error.validation !== undefined)
    return schemaError(error.validation, error.validationContext ?? "body", body);
  const known = error.code === undefined ? undefined : CODE_OF_FASTIFY[error.code];
  if (known !== undefined) return new MainspringError(known[0], known[1], {}, { cause: error });
  // A connection that broke off while its body was read.
  if (error.code === "ECONNRESET" || error.message === "aborted") {
    return new MainspringError("INVALID_REQUEST", "The request broke off.", {}, { cause: error });
  }
  return new MainspringError("INTERNAL", error.message, {}, { cause: error });
}

const NAMES: Readonly<Record<string, string>> = {
  body: "body",
  querystring: "query",
  params: "address",
  headers: "header",
};

function schemaError(
  objections: readonly SchemaObjection[],
  context: string,
  body: unknown,
): MainspringError {
  const objection = pick(objections, body);
  if (objection === undefined)
    return new MainspringError("INVALID_REQUEST", "The request is not of the right form.");
  const name = NAMES[context] ?? context;
  const at = pathOf(objection.instancePath);
  const path = at === "" ? name : `${name}.${at}`;
  const { additionalProperty } = objection.params;
  if (objection.keyword === "additionalProperties" && typeof additionalProperty === "string") {
    const didYouMean = closest(additionalProperty, propertiesOf(objection.parentSchema));
    const hint = didYouMean === null ? "" : ` Did you mean "${didYouMean}"?`;
    const details = { path, ...(didYouMean === null ? {} : { didYouMean }) };
    return new MainspringError(
      "INVALID_REQUEST",
      `${path} has no "${additionalProperty.slice(0, 64)}".${hint}`,
      details,
    );
  }
  const { missingProperty } = objection.params;
  if (objection.keyword === "required" && typeof missingProperty === "string") {
    const misspelt = closest(missingProperty, unknownKeys(objection));
    const hint = misspelt === null ? "" : ` It has "${misspelt}"; did you mean "${missingProperty}"?`;
    const details = { path, ...(misspelt === null ? {} : { didYouMean: missingProperty }) };
    return new MainspringError("INVALID_REQUEST", `${path} lacks "${missingProperty}".${hint}`, details);
  }
  const { description } = (objection.parentSchema ?? {}) as { readonly description?: string };
  const isPattern = objection.keyword === "pattern" && description !== undefined;
  const message = isPattern ? `is not valid: ${description}` : messageOf(objection);
  return new MainspringError("INVALID_REQUEST", `${path} ${message}${message.endsWith(".") ? "" : "."}`, {
    path,
  });
}

/** What the schema's check says, with a list of types or choices in words. */
function messageOf({ keyword, params, message = "is not valid" }: SchemaObjection): string {
  const { type, allowedValues } = params;
  if (keyword === "type" && Array.isArray(type)) return `must be ${type.join(" or ")}`;
  if (keyword === "enum" && Array.isArray(allowedValues))
    return `must be ${allowedValues.map((word) => `"${word}"`).join(" or ")}`;
  return message;
}

/** Where a body may have one of two forms, the objection to the form that was meant. */
function pick(objections: readonly SchemaObjection[], body: unknown): SchemaObjection | undefined {
  const forms = objections.filter(({ schemaPath }) => schemaPath.includes("/anyOf/"));
  if (forms.length === 0) return objections[0];
  const isBatch = typeof body === "object" && body !== null && "tasks" in body;
  return forms.find(({ schemaPath }) => schemaPath.includes(`/anyOf/${isBatch ? 1 : 0}/`)) ?? objections[0];
}

/** `/tasks/0/repeat` as `tasks.0.repeat`, shortened: it may hold ids of any length. */
function pathOf(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~").slice(0, 64)).join(".");
}

/** Keys of the value that its schema doesn't know. */
function unknownKeys({ data, parentSchema }: SchemaObjection): string[] {
  if (typeof data !== "object" || data === null) return [];
  const known = propertiesOf(parentSchema);
  return Object.keys(data).filter((key) => !known.includes(key));
}

function propertiesOf(schema: unknown): string[] {
  const { properties } = (schema ?? {}) as { readonly properties?: object };
  return Object.keys(properties ?? {});
}
