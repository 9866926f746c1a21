/** The priorities in their order: who goes first comes first. */
import type { RequestPriority } from "./overload-limit.js";

export const PRIORITIES = ["command", "read", "low"] as const satisfies readonly RequestPriority[];

/** One of something for each priority. */
export function ofEach<T>(make: (priority: RequestPriority) => T): Readonly<Record<RequestPriority, T>> {
  return { command: make("command"), read: make("read"), low: make("low") };
}
