/** The store that was asked for. Its library loads only then. */
import { MainspringError } from "@mainspring/core";
import type { Store } from "@mainspring/engine";
import type { StoreKind } from "./settings.js";

/** @throws MainspringError what the store says, or `CONFIG_INVALID` for one that isn't there yet. */
export async function openStore(kind: StoreKind, folder: string): Promise<Store> {
  switch (kind) {
    case "lmdb": {
      const { openLmdbStore } = await import("@mainspring/engine/lmdb");
      return openLmdbStore({ folder });
    }
    case "memory": {
      const { createMemoryStore } = await import("@mainspring/engine/memory");
      return createMemoryStore();
    }
    case "dynamodb":
      throw new MainspringError(
        "CONFIG_INVALID",
        "The dynamodb store comes with a later release. Use --store lmdb, or --store memory to try things out.",
      );
  }
}
