/** Turns what lmdb and the file system throw into the errors of the table, saying what to do where that is known. */
import { isMainspringError, MainspringError } from "@mainspring/core";

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full: free some space.",
  EDQUOT: "The disk quota is used up: free some space or raise it.",
  EACCES: "The server's user may not write there.",
  EPERM: "The server's user may not write there.",
  EROFS: "The file system is read-only.",
  EIO: "The disk reports errors; the system's log says more.",
  EFBIG: "The file is as large as the system allows for this process.",
  ENOMEM: "The system refused the memory (or address space) for it.",
  EMFILE: "The process has too many files open.",
  ENFILE: "The system has too many files open.",
};

/** lmdb gives errno as a number. */
const CODE_OF_ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  5: "EIO",
  12: "ENOMEM",
  13: "EACCES",
  23: "ENFILE",
  24: "EMFILE",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
  122: "EDQUOT",
};

/**
 * @param what what could not be done, as the start of a sentence: "The store can't be opened"
 * @returns an error of the table: `cause` itself if it is one, else `STORE_UNAVAILABLE`
 */
export function unavailable(what: string, cause: unknown): MainspringError {
  if (isMainspringError(cause)) return cause;
  const code = codeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = code === undefined ? undefined : ADVICE[code];
  return new MainspringError(
    "STORE_UNAVAILABLE",
    `${what}: ${reason}${reason.endsWith(".") ? "" : "."}${advice === undefined ? "" : ` ${advice}`}`,
    {},
    { cause },
  );
}

/** The system's name for what went wrong, such as `ENOSPC`, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (typeof error.code === "number") return CODE_OF_ERRNO[error.code];
  return typeof error.code === "string" ? error.code : undefined;
}
