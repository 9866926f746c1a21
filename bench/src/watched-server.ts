/** A server whose memory is watched, as rows use it: with its load, brought to rest, and asked what a stretch of load cost. */
import { type Load, type Target, warmUp } from "./connected-players.js";
import { lookInside } from "./look-inside.js";
import type { RowContext } from "./row.js";
import type { ServeQuestion } from "./serve-mainspring.js";
import type { LoadAnswer, LoadQuestion } from "./sides/http-load.js";
import { startSide } from "./sides/side.js";
import type { MemorySeen, WatchAnswer, WatchQuestion } from "./sides/watched-http.js";

export interface WatchedServer {
  readonly target: Target;
  /** Plays something, and says what became of memory meanwhile. */
  watch<T>(
    play: () => Promise<T>,
    how?: { readonly isProfiled: boolean },
  ): Promise<{ readonly found: T; readonly seen: MemorySeen }>;
  stop(): Promise<void>;
}

export interface WatchedOptions extends Pick<ServeQuestion, "store" | "cache" | "memory"> {
  readonly load: Load;
  /** Flags of Node.js for the server's process. */
  readonly execArgv: readonly string[];
}

/** Everybody is there, everything is compiled, and the cache is at rest. */
export async function startWatchedServer(
  context: Pick<RowContext, "defer">,
  { load, execArgv, ...place }: WatchedOptions,
): Promise<WatchedServer> {
  const cannon = startSide<LoadQuestion, LoadAnswer>(context, "http-load");
  const side = startSide<WatchQuestion, WatchAnswer>(context, "watched-http", { execArgv });
  const started = await side.ask({ ask: "serve", question: { ...place, ...load } });
  if (started.kind !== "served") throw new Error("It was told to serve.");
  const target: Target = { cannon, served: started.served, load };
  await warmUp(target, lookInside(target.served));
  return {
    target,
    async watch(play, { isProfiled } = { isProfiled: false }) {
      await side.ask({ ask: "begin", isProfiled });
      const found = await play();
      const ended = await side.ask({ ask: "end" });
      if (ended.kind !== "seen") throw new Error("It was told to end.");
      return { found, seen: ended.seen };
    },
    async stop() {
      await cannon.stop();
      await side.stop();
    },
  };
}
