/** How to ask V8 for a full collection, where the process allows it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * What collects when it is called: `globalThis.gc` of a process that was started with `--expose-gc`, or the same, had at run time. `null`
 * where neither can be had: then the governor waits for V8's own collections.
 */
export function exposedCollector(): (() => void) | null {
  return asCollector(globalThis.gc) ?? collectorOfNewContext();
}

function collectorOfNewContext(): (() => void) | null {
  try {
    setFlagsFromString("--expose-gc");
    const collect = asCollector(runInNewContext("gc"));
    // Contexts that others make have none of it.
    setFlagsFromString("--no-expose-gc");
    return collect;
  } catch {
    return null;
  }
}

function asCollector(candidate: unknown): (() => void) | null {
  if (typeof candidate !== "function") return null;
  return () => {
    Reflect.apply(candidate, undefined, []);
  };
}
