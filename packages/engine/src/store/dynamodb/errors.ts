/**
 * What can go wrong between this process and DynamoDB, as errors of the table. Each row also says whether the request may have
 * been carried out all the same: what can't be known is never guessed.
 */
import { type ErrorCode, isMainspringError, MainspringError } from "@mainspring/core";

/**
 * - `condition`: refused, since the item is not what it was expected to be
 * - `refused`: certainly nothing happened; the same request may succeed a moment later
 * - `unsure`: nobody knows yet whether it happened
 * - `final`: certainly nothing happened, and a repeat would not change that
 */
export type FailureKind = "condition" | "refused" | "unsure" | "final";

export interface Failure {
  readonly kind: FailureKind;
  readonly error: MainspringError;
  readonly isThrottle: boolean;
}

interface Row {
  readonly kind: FailureKind;
  readonly code: ErrorCode;
  /** What is wrong, and what to do. */
  readonly advice: string;
  /** Its message may carry parts of a signed request: it goes nowhere. */
  readonly isSecret?: boolean;
}

const THROTTLED: Row = {
  kind: "refused",
  code: "OVERLOADED",
  advice: "DynamoDB asks for fewer requests than it got",
};
const FAILING: Row = {
  kind: "unsure",
  code: "STORE_UNAVAILABLE",
  advice: "DynamoDB had a failure of its own.",
};
const LATE: Row = {
  kind: "unsure",
  code: "STORE_UNAVAILABLE",
  advice: "The answer took longer than a request may.",
};
const REACH_ADVICE = "Check the endpoint, the region and the network.";
const UNREACHED: Row = {
  kind: "refused",
  code: "STORE_UNAVAILABLE",
  advice: `DynamoDB can't be reached. ${REACH_ADVICE}`,
};
const BROKEN: Row = {
  kind: "unsure",
  code: "STORE_UNAVAILABLE",
  advice: "The connection broke before the answer was here.",
};
const DENIED: Row = {
  kind: "final",
  code: "CONFIG_INVALID",
  advice: "The credentials don't allow this: docs/dynamodb.md lists the permissions that are needed.",
  isSecret: true,
};
const BAD_CREDENTIALS: Row = {
  kind: "final",
  code: "CONFIG_INVALID",
  advice:
    "DynamoDB doesn't accept the credentials: check the AWS environment, its region and the machine's clock.",
  isSecret: true,
};
const EXPIRED_CREDENTIALS: Row = {
  kind: "refused",
  code: "STORE_UNAVAILABLE",
  advice: "The credentials have expired: they have to be renewed.",
  isSecret: true,
};
const NO_CREDENTIALS: Row = {
  kind: "refused",
  code: "STORE_UNAVAILABLE",
  advice:
    "There are no AWS credentials to be had: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role.",
  isSecret: true,
};
const MISTAKE: Row = {
  kind: "final",
  code: "INTERNAL",
  advice: "DynamoDB doesn't understand a request of the store.",
};

/** By the name of the exception (with or without a trailing `Exception`), or the code of a system error. */
export const FAILURES: Readonly<Record<string, Row>> = {
  ConditionalCheckFailed: {
    kind: "condition",
    code: "STORE_UNAVAILABLE",
    advice: "An item is not what it was expected to be.",
  },
  ProvisionedThroughputExceeded: THROTTLED,
  Throttling: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  LimitExceeded: THROTTLED,
  ReplicatedWriteConflict: {
    kind: "refused",
    code: "OVERLOADED",
    advice: "Another region writes the same item at this moment",
  },
  InternalServerError: FAILING,
  InternalFailure: FAILING,
  ServiceUnavailable: FAILING,
  ResourceNotFound: {
    kind: "final",
    code: "STORE_UNAVAILABLE",
    advice: "A table is missing: run `mainspring dynamodb create-tables`, or check region and table prefix.",
  },
  TableNotFound: {
    kind: "final",
    code: "STORE_UNAVAILABLE",
    advice: "A table is missing: run `mainspring dynamodb create-tables`, or check region and table prefix.",
  },
  ResourceInUse: {
    kind: "refused",
    code: "STORE_UNAVAILABLE",
    advice: "A table is being made or changed: wait until it is active.",
  },
  AccessDenied: DENIED,
  UnrecognizedClient: BAD_CREDENTIALS,
  InvalidSignature: BAD_CREDENTIALS,
  SignatureDoesNotMatch: BAD_CREDENTIALS,
  IncompleteSignature: BAD_CREDENTIALS,
  MissingAuthenticationToken: BAD_CREDENTIALS,
  InvalidClientTokenId: BAD_CREDENTIALS,
  ExpiredToken: EXPIRED_CREDENTIALS,
  CredentialsProviderError: NO_CREDENTIALS,
  TokenProviderError: NO_CREDENTIALS,
  Validation: MISTAKE,
  Serialization: MISTAKE,
  UnknownOperation: MISTAKE,
  TimeoutError: LATE,
  AbortError: LATE,
  ETIMEDOUT: LATE,
  ECONNREFUSED: UNREACHED,
  ENOTFOUND: UNREACHED,
  EAI_AGAIN: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
};

const TOO_LARGE: Row = {
  kind: "final",
  code: "RECORD_TOO_LARGE",
  advice: "An item of DynamoDB takes 400 KiB, with all that belongs to it.",
};
const NO_REGION: Row = {
  kind: "final",
  code: "CONFIG_INVALID",
  advice: "Set the region (AWS_REGION), or an endpoint.",
};

/** @param what what could not be done, as the start of a sentence: "The record can't be written" */
export function failureOf(cause: unknown, what: string): Failure {
  const wasNeverSent = detailOf(cause, "mayHaveHappened") === false;
  if (isMainspringError(cause)) {
    // Of the connection pool. That it closes is no business of the store's callers.
    const code = cause.code === "OVERLOADED" ? "OVERLOADED" : "STORE_UNAVAILABLE";
    const advice = detailOf(cause, "cause") === "unreachable" ? ` ${REACH_ADVICE}` : "";
    const error = new MainspringError(code, `${what}: ${cause.message}${advice}`, cause.details);
    return { kind: wasNeverSent ? "refused" : "unsure", error, isThrottle: false };
  }
  const row = rowOf(cause);
  const isThrottle = row === THROTTLED;
  const reasons = isThrottle ? throttlingReasons(cause) : [];
  const detail =
    reasons.length > 0 ? ` (${reasons.map(causeOfThrottling).join("; ")}).` : isThrottle ? "." : "";
  const said = row.code === "INTERNAL" ? ` ${messageOf(cause)}` : "";
  const error = new MainspringError(
    row.code,
    `${what}: ${row.advice}${detail}${said}`,
    reasons.length > 0 ? { throttling: reasons } : {},
    row.isSecret === true ? undefined : { cause: slim(cause) },
  );
  return { kind: wasNeverSent && row.kind === "unsure" ? "refused" : row.kind, error, isThrottle };
}

function detailOf(cause: unknown, name: string): unknown {
  if (!(cause instanceof Error) || !("details" in cause)) return undefined;
  const { details } = cause;
  return typeof details === "object" && details !== null
    ? (details as Record<string, unknown>)[name]
    : undefined;
}

/** @param cause why it can't be known; it may be a failure of any kind, and is not shown */
export function unknowable(what: string, cause: unknown): MainspringError {
  const { error } = failureOf(cause, what);
  return new MainspringError(
    "STORE_UNAVAILABLE",
    `${what}, or perhaps it was: that can't be found out now. (${error.message})`,
    {},
    { cause: error },
  );
}

function rowOf(cause: unknown): Row {
  if (!(cause instanceof Error)) return BROKEN;
  const message = cause.message;
  if (/item size.*exceeded|collection size.*exceeded/i.test(message)) return TOO_LARGE;
  if (/region (is missing|not accepted)/i.test(message)) return NO_REGION;
  const known = FAILURES[nameOf(cause)] ?? FAILURES[codeOf(cause)];
  if (known !== undefined) return known;
  const status = statusOf(cause);
  if (status === undefined || status < 400) return BROKEN;
  if (status === 429) return THROTTLED;
  return status >= 500 ? FAILING : MISTAKE;
}

/** What services call `AccessDenied` or `AccessDeniedException` is one thing. */
function nameOf(cause: Error): string {
  return cause.name.replace(/^.*#/, "").replace(/Exception$/, "");
}

function codeOf(cause: Error): string {
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return cause.cause instanceof Error ? codeOf(cause.cause) : "";
}

function statusOf(cause: Error): number | undefined {
  const metadata = "$metadata" in cause ? (cause.$metadata as { readonly httpStatusCode?: number }) : {};
  return metadata.httpStatusCode;
}

/** Errors of the SDK carry the whole request, signature and session token included: of these only the name and the text go on. */
function slim(cause: unknown): Error {
  return new Error(messageOf(cause));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}

/** Such as `TableWriteProvisionedThroughputExceeded`, where the service says so. */
function throttlingReasons(cause: unknown): readonly string[] {
  if (!(cause instanceof Error)) return [];
  const fields = cause as Partial<Record<"ThrottlingReasons" | "throttlingReasons", unknown>>;
  const listed = fields.ThrottlingReasons ?? fields.throttlingReasons;
  if (!Array.isArray(listed)) return [];
  const reasons = listed.map((entry: { readonly reason?: unknown } | null) => entry?.reason);
  return reasons.filter((reason) => typeof reason === "string");
}

const LIMITS: Readonly<Record<string, string>> = {
  ProvisionedThroughputExceeded: "more than its provisioned capacity: raise it, or switch to on-demand",
  AccountLimitExceeded: "more than the account's quota for a table: ask AWS to raise it",
  KeyRangeThroughputExceeded: "more than one partition takes: some key is used far more than others",
  MaxOnDemandThroughputExceeded: "more than the maximum set for the table: raise it",
};

function causeOfThrottling(reason: string): string {
  const [, what = "", kind = "", limit = ""] = /^(Table|Index)(Read|Write)(\w+)$/.exec(reason) ?? [];
  const explained = LIMITS[limit];
  if (explained === undefined) return reason;
  return `${kind.toLowerCase()}s on the ${what.toLowerCase()}, ${explained}`;
}
