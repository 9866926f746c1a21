/** The requests that the page makes, all to the server that it came from. */
import { type Failure, failure, failureOf } from "./failure.js";
import { type Flags, isFlags, type ResetOrder, type SwitchOrder } from "./flags.js";
import { isPerformance, type Performance } from "./performance.js";

/** A server that takes longer counts as gone; the next request may find it. */
export const ANSWER_TIMEOUT_MS = 5_000;

const STATUS_NO_CONTENT = 204;

export interface ConsoleApi {
  performance(): Promise<Performance | Failure>;
  flags(): Promise<Flags | Failure>;
  switchLayer(layer: string, order: SwitchOrder): Promise<Flags | Failure>;
  /** Back to what the configuration says. */
  resetLayer(layer: string, order: ResetOrder): Promise<Flags | Failure>;
}

/** Of the server, as seen from the page. */
const API = "../v1/admin";

/** @param token of an administrator; it goes into the header of requests and nowhere else */
export function createConsoleApi(token: string): ConsoleApi {
  const ask = async <T>(
    path: string,
    isIt: (value: unknown) => value is T,
    { method = "GET", body }: { readonly method?: string; readonly body?: object } = {},
  ): Promise<T | Failure> => {
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      status = response.status;
      answer = status === STATUS_NO_CONTENT ? null : await response.json().catch(() => null);
      if (!response.ok) return failureOf(status, answer);
    } catch {
      // Whatever the browser calls it: refused, reset, timed out.
      return failure("gone", "The server doesn't answer.");
    }
    return isIt(answer)
      ? answer
      : failure("problem", "The answer isn't one of Mainspring: is something else in between?");
  };
  const addressOf = (layer: string): string => `${API}/flags/${encodeURIComponent(layer)}`;
  return {
    performance: () => ask(`${API}/performance`, isPerformance),
    flags: () => ask(`${API}/flags`, isFlags),
    switchLayer: (layer, order) => ask(addressOf(layer), isFlags, { method: "PUT", body: order }),
    resetLayer: (layer, order) => ask(addressOf(layer), isFlags, { method: "DELETE", body: order }),
  };
}
