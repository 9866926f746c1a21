/** Watches over keys: whether news of one came while something was made of it. */
import type { Stamp } from "../../ports.js";
import type { Holder } from "./subjects.js";

export interface Watch {
  /** Something newer is known, or may be. */
  isOvertaken: boolean;
  end(): void;
}

export interface Watches extends Holder {
  begin(key: string): Watch;
}

export function createWatches(): Watches {
  const underWay = new Map<string, Set<Watch>>();
  return {
    begin(key) {
      const watches = underWay.get(key) ?? new Set();
      underWay.set(key, watches);
      const watch: Watch = {
        isOvertaken: false,
        end() {
          watches.delete(watch);
          if (watches.size === 0 && underWay.get(key) === watches) underWay.delete(key);
        },
      };
      watches.add(watch);
      return watch;
    },
    dropOlder(key: string, _stamp: Stamp | null) {
      for (const watch of underWay.get(key) ?? []) watch.isOvertaken = true;
      return null;
    },
  };
}
