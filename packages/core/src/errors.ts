/** The one table of error codes: what each means, its category, and whether the same request can succeed later. */

/** Where the remedy lies: in the request, with the caller's rights, in the player's state, or with the service. */
export type ErrorCategory = "request" | "access" | "state" | "service";

interface ErrorRow {
  readonly category: ErrorCategory;
  /** The same request may succeed later without being changed. */
  readonly canRetry: boolean;
  readonly meaning: string;
}

export const ERROR_TABLE = {
  INVALID_REQUEST: {
    category: "request",
    canRetry: false,
    meaning: "The request is not of the form that the API asks for.",
  },
  BODY_TOO_LARGE: {
    category: "request",
    canRetry: false,
    meaning: "The body is larger than the server accepts.",
  },
  HEADERS_TOO_LARGE: {
    category: "request",
    canRetry: false,
    meaning: "The request's address and headers are larger than the server accepts.",
  },
  REQUEST_TIMEOUT: {
    category: "request",
    canRetry: true,
    meaning: "The request did not arrive in full in time.",
  },
  NOT_FOUND: { category: "request", canRetry: false, meaning: "There is no such address." },
  METHOD_NOT_ALLOWED: {
    category: "request",
    canRetry: false,
    meaning: "The address exists, but not with this method.",
  },
  UNSUPPORTED_MEDIA_TYPE: { category: "request", canRetry: false, meaning: "A body must be JSON." },
  UNKNOWN_ACTIVITY: {
    category: "request",
    canRetry: false,
    meaning: "The catalog has no activity of this id.",
  },
  UNKNOWN_ITEM: { category: "request", canRetry: false, meaning: "The catalog has no item of this id." },
  UNKNOWN_SKILL: { category: "request", canRetry: false, meaning: "The catalog has no skill of this id." },
  UNKNOWN_SLOT: {
    category: "request",
    canRetry: false,
    meaning: "The catalog has no such slot, or the item doesn't belong in it.",
  },
  CATALOG_INVALID: {
    category: "request",
    canRetry: false,
    meaning: "The catalog has mistakes; each is listed with its path.",
  },
  CATALOG_TOO_SOON: {
    category: "request",
    canRetry: false,
    meaning: "A catalog can be activated 60 s ahead at the earliest, after all earlier activations.",
  },
  NO_CATALOG: { category: "service", canRetry: true, meaning: "No catalog was activated yet." },
  IDEMPOTENCY_KEY_REUSED: {
    category: "request",
    canRetry: false,
    meaning: "This key was used before with another request.",
  },
  UNAUTHENTICATED: {
    category: "access",
    canRetry: false,
    meaning: "The token is missing, expired or not valid.",
  },
  FORBIDDEN: { category: "access", canRetry: false, meaning: "The token does not allow this." },
  PLAYER_NOT_FOUND: { category: "state", canRetry: false, meaning: "There is no such player." },
  PLAYER_ERASED: { category: "state", canRetry: false, meaning: "The player was erased." },
  TASK_NOT_FOUND: { category: "state", canRetry: false, meaning: "No task of this number is in the queue." },
  QUEUE_FULL: {
    category: "state",
    canRetry: true,
    meaning: "The queue holds as many tasks as the catalog allows.",
  },
  TASK_TOO_LONG: {
    category: "state",
    canRetry: false,
    meaning: "The task would run longer than the catalog allows.",
  },
  TOO_MANY_EFFECTS: {
    category: "state",
    canRetry: true,
    meaning: "The player has as many timed effects as are allowed.",
  },
  PREREQUISITES_NOT_MET: {
    category: "state",
    canRetry: true,
    meaning: "A level, a piece of equipment or an item that is required is missing.",
  },
  INSUFFICIENT_ITEMS: {
    category: "state",
    canRetry: true,
    meaning: "There are fewer items than are to be taken.",
  },
  INSUFFICIENT_XP: { category: "state", canRetry: true, meaning: "There is less xp than is to be taken." },
  INVENTORY_FULL: { category: "state", canRetry: true, meaning: "There is no room in the inventory." },
  NOT_AVAILABLE: {
    category: "state",
    canRetry: true,
    meaning: "The activity can't be started at this time.",
  },
  VERSION_CONFLICT: {
    category: "state",
    canRetry: true,
    meaning: "The player has changed in the meantime; read again and decide anew.",
  },
  RATE_LIMITED: {
    category: "service",
    canRetry: true,
    meaning: "Too many requests; wait as long as Retry-After says.",
  },
  OVERLOADED: {
    category: "service",
    canRetry: true,
    meaning: "The service has more work than it can take; try again shortly.",
  },
  STORE_UNAVAILABLE: {
    category: "service",
    canRetry: true,
    meaning: "The store does not answer; nothing was changed, unless a repeat with the same key says so.",
  },
  UPGRADE_REQUIRED: {
    category: "service",
    canRetry: true,
    meaning: "The record was written by a newer release; another instance may answer.",
  },
  RECORD_CORRUPT: {
    category: "service",
    canRetry: false,
    meaning: "The player's record is damaged; it was put aside untouched, to be restored.",
  },
  RECORD_TOO_LARGE: {
    category: "service",
    canRetry: false,
    meaning: "The player's record has grown larger than the store takes; nothing was changed.",
  },
  CONFIG_INVALID: { category: "request", canRetry: false, meaning: "The configuration has mistakes." },
  DATA_FOLDER_IN_USE: {
    category: "service",
    canRetry: true,
    meaning: "Another server runs on this data folder.",
  },
  KEYS_UNAVAILABLE: {
    category: "service",
    canRetry: true,
    meaning: "The keys that tokens are checked with can't be had at the moment.",
  },
  SHUTTING_DOWN: {
    category: "service",
    canRetry: true,
    meaning: "The server is shutting down; another instance may answer.",
  },
  NOT_READY: {
    category: "service",
    canRetry: true,
    meaning: "The server asks for no requests at present; another instance may answer.",
  },
  LAYER_NOT_BUILT_IN: {
    category: "state",
    canRetry: false,
    meaning: "This instance was started without the layer; the detail says how to start it with one.",
  },
  HEAP_SNAPSHOT_REFUSED: {
    category: "state",
    canRetry: true,
    meaning: "A heap snapshot can't be taken as things are; the detail says what stands in its way.",
  },
  HEAP_SNAPSHOT_FAILED: {
    category: "service",
    canRetry: true,
    meaning: "The heap snapshot could not be written; nothing of it was kept.",
  },
  INTERNAL: { category: "service", canRetry: false, meaning: "A mistake in Mainspring itself." },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** Facts that help the caller, safe to show: ids, numbers, paths. Never a token, a key or a seed. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error of the table. Its message says what is wrong and, where it helps, what to do. */
export class MainspringError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "MainspringError";
    this.code = code;
    this.details = details;
  }
}

/** True for an error of the table, from this copy of the package or another. */
export function isMainspringError(error: unknown): error is MainspringError {
  return (
    error instanceof Error &&
    error.name === "MainspringError" &&
    "code" in error &&
    (error.code as string) in ERROR_TABLE
  );
}
