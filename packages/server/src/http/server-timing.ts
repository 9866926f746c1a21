/** `Server-Timing`: how long the steps of one request took, for the client that asked for it with `Prefer: server-timing`. */
import type { ServerResponse } from "node:http";
import type { Trace } from "@mainspring/engine";

const PREFERENCE = /(?:^|[,;\s])server-timing(?:$|[,;\s])/i;

export function prefersServerTiming(header: string | readonly string[] | undefined): boolean {
  return header !== undefined && PREFERENCE.test(String(header));
}

export interface ServerTiming extends Trace {
  /** Puts what has ended by then into the head of the answer. */
  tellWith(response: ServerResponse): void;
}

export function createServerTiming(nowMs: () => number): ServerTiming {
  const startedAtMs = nowMs();
  /** Steps of one name together. As many as there are names. */
  const tookMs = new Map<string, number>();
  const begin = (name: string): Trace => {
    const beganAtMs = nowMs();
    return {
      begin,
      end() {
        tookMs.set(name, (tookMs.get(name) ?? 0) + nowMs() - beganAtMs);
      },
    };
  };
  const header = (): string =>
    [...tookMs, ["total", nowMs() - startedAtMs] as const]
      .map(([name, durationMs]) => `${name.replaceAll(" ", "-")};dur=${durationMs.toFixed(3)}`)
      .join(", ");
  return {
    begin,
    end: () => undefined,
    tellWith(response) {
      const writeHead = response.writeHead.bind(response) as (...given: readonly unknown[]) => ServerResponse;
      response.writeHead = (...given: readonly unknown[]) => {
        if (!response.headersSent) response.setHeader("server-timing", header());
        return writeHead(...given);
      };
    },
  };
}
