/** Catalogs and their timeline, taken over: what players run under has to be there before them. */
import { MainspringError } from "@mainspring/core";
import type { Store } from "../ports.js";

/**
 * @returns how many catalogs the timeline names
 * @throws MainspringError `VERSION_CONFLICT` when the target went another way
 */
export async function copyCatalogs(from: Store, to: Store): Promise<number> {
  const entries = await from.readTimeline();
  const there = await to.readTimeline();
  const isBeginning = there.every(({ atMs, hash }, index) => {
    const entry = entries[index];
    return entry !== undefined && entry.atMs === atMs && entry.hash === hash;
  });
  if (!isBeginning) {
    throw new MainspringError(
      "VERSION_CONFLICT",
      "The target has activated other catalogs than the source. Copy into an empty store, or into one that was copied from this source.",
    );
  }
  const hashes = new Set(entries.map(({ hash }) => hash));
  for (const hash of hashes) {
    const document = await from.readCatalog(hash);
    if (document === null) {
      throw new MainspringError(
        "STORE_UNAVAILABLE",
        `The source lacks the document of catalog ${hash}, which its timeline names.`,
      );
    }
    if (document !== (await to.readCatalog(hash))) await to.putCatalog(hash, document);
  }
  for (const [index, entry] of entries.entries()) {
    if (index < there.length) continue;
    if (await to.appendTimeline(entry, index)) continue;
    throw new MainspringError(
      "VERSION_CONFLICT",
      "Somebody else activates catalogs in the target; stop them first.",
    );
  }
  return hashes.size;
}
