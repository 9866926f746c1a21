/** Every bound of the server, with its unit. */

/** Of a request's body; only a catalog may be larger. 64 KiB. */
export const MAX_BODY_BYTES = 65_536;

/** Of the body that brings a catalog. 4 MiB. */
export const MAX_CATALOG_BYTES = 4_194_304;

/** Of a request's line and headers together. 16 KiB. */
export const MAX_HEADER_BYTES = 16_384;

/** Of one part of an address, so that a long one gets an answer that says what is wrong. */
export const MAX_PATH_PART_LENGTH = 1_024;

/** How deep objects and lists may lie in each other. A catalog needs nine levels. */
export const MAX_JSON_DEPTH = 32;

/** A request must have arrived in full after so long. 30 s. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Its headers must have arrived after so long. 15 s. */
export const HEADERS_TIMEOUT_MS = 15_000;

/** How often the two above are looked at. */
export const TIMEOUT_CHECK_MS = 1_000;

/** An idle connection is kept for so long: longer than the 60 s of most load balancers, so that they close it first. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** When closing, requests under way get so long to finish. 10 s. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** While closing, connections that became idle are closed so often. */
export const DRAIN_CHECK_MS = 25;

/** Tasks in one request: as many as any catalog lets a queue hold. */
export const MAX_TASKS_PER_REQUEST = 1_000;

/** Of a page of events. */
export const MAX_EVENTS_PER_PAGE = 1_000;
export const DEFAULT_EVENTS_PER_PAGE = 100;

/** Verified tokens that are remembered. About 300 bytes each. */
export const MAX_REMEMBERED_TOKENS = 10_000;

/** A key for HS256 has at least as many bytes as its hash. */
export const MIN_SECRET_BYTES = 32;
