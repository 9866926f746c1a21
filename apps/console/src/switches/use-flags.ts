/** The switches as the server has them, asked for again and again while somebody looks at them. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ConsoleApi } from "../api/console-api.js";
import { type Failure, isFailure } from "../api/failure.js";
import type { Flags } from "../api/flags.js";

const POLL_MS = 2_000;

/** Instances look for each other's changes each two seconds: so many older answers in a row aren't behind any more. */
const OLDER_UNTIL = 3;

export interface FlagsView {
  readonly flags: Flags | null;
  readonly failure: Failure | null;
  /** What a change answered is newer than what was asked for before. */
  readonly take: (answer: Flags | Failure) => void;
}

export function useFlags(api: ConsoleApi): FlagsView {
  const [flags, setFlags] = useState<Flags | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const latest = useRef({ version: 0, olderCount: 0 });
  const take = useCallback((answer: Flags | Failure): void => {
    if (isFailure(answer)) {
      setFailure(answer);
      return;
    }
    setFailure(null);
    // An answer that was overtaken by that of a change shows what was before it. Again and again it is the store that has begun anew.
    const { version, olderCount } = latest.current;
    if (answer.version < version && olderCount < OLDER_UNTIL) {
      latest.current = { version, olderCount: olderCount + 1 };
      return;
    }
    latest.current = { version: answer.version, olderCount: 0 };
    setFlags(answer);
  }, []);
  useEffect(() => {
    let isStopped = false;
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      const answer = await api.flags();
      if (isStopped) return;
      take(answer);
      timer = window.setTimeout(() => void ask(), POLL_MS);
    };
    void ask();
    return () => {
      isStopped = true;
      window.clearTimeout(timer);
    };
  }, [api, take]);
  return { flags, failure, take };
}
