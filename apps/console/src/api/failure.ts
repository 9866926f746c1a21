/** Why there is no answer, in words for the operator. */

/** `gone`: nobody answered. `token`: it isn't accepted (any more). `missing`: this server has no such thing. `problem`: it said no. */
export type FailureKind = "gone" | "token" | "missing" | "problem";

export interface Failure {
  readonly isFailure: true;
  readonly kind: FailureKind;
  /** What happened, in a sentence or two. */
  readonly message: string;
  /** The server's stable code, where it gave one. */
  readonly code: string | null;
}

export function failure(kind: FailureKind, message: string, code: string | null = null): Failure {
  return { isFailure: true, kind, message, code };
}

export function isFailure(value: object): value is Failure {
  return "isFailure" in value;
}

const STATUS_UNAUTHENTICATED = 401;
const STATUS_FORBIDDEN = 403;
const STATUS_NOT_FOUND = 404;

/** What an answer that isn't a success means. */
export function failureOf(status: number, problem: unknown): Failure {
  const { code, detail } = problemOf(problem);
  if (status === STATUS_UNAUTHENTICATED) {
    return failure(
      "token",
      `The server doesn't accept the token: it has expired, or is of another server.`,
      code,
    );
  }
  if (status === STATUS_FORBIDDEN) {
    return failure("token", "The token is a player's. This page needs one with the scope admin.", code);
  }
  if (status === STATUS_NOT_FOUND) {
    return failure("missing", detail ?? "This server knows no such address.", code);
  }
  return failure("problem", detail ?? `The server answered with status ${status}.`, code);
}

function problemOf(value: unknown): { readonly code: string | null; readonly detail: string | null } {
  if (typeof value !== "object" || value === null) return { code: null, detail: null };
  const { code, detail } = value as { readonly code?: unknown; readonly detail?: unknown };
  return {
    code: typeof code === "string" ? code : null,
    detail: typeof detail === "string" ? detail : null,
  };
}
