/** How urgent a request is, by its method and address alone: nothing of it was looked at closer yet. */
import type { RequestPriority } from "@mainspring/engine";

/**
 * What must be answered when all else is refused: whoever balances load or operates the server has to see how it is. `performance` is
 * among them, since its numbers are needed most when there is too much to do.
 */
const HEALTH: ReadonlySet<string> = new Set([
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/v1/admin/performance",
]);

/**
 * The page for operators: whoever has to see how it is opens it when there is too much to do. It is a handful of files in memory, and most
 * often a 304.
 */
const CONSOLE = "/console";
const CONSOLE_PREFIX = "/console/";

/** What is in a memory that is full can be found out only while it is full. */
const HEAP_SNAPSHOTS = "/v1/admin/heap/snapshots";

/** What does harm must be switched off while it does. */
const FLAGS = "/v1/admin/flags";
const FLAGS_PREFIX = "/v1/admin/flags/";

/** Looked at now and then. */
const LOW_PREFIX = "/v1/admin/";
const LOW_ENDS: readonly string[] = ["/stats", "/events", "/away"];

/** `null`: health, which is never refused. */
export function priorityOf(method: string, url: string): RequestPriority | null {
  if (method === "POST" && url === HEAP_SNAPSHOTS) return null;
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  if (path === FLAGS || path.startsWith(FLAGS_PREFIX)) return null;
  // Whatever isn't known to change nothing may change something.
  if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") return "command";
  if (HEALTH.has(path) || path === CONSOLE || path.startsWith(CONSOLE_PREFIX)) return null;
  if (path.startsWith(LOW_PREFIX) || LOW_ENDS.some((end) => path.endsWith(end))) return "low";
  return "read";
}
