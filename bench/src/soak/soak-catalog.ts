/** The game of the soak: what goes on for ever with a milestone each half a minute, and something short that commands ask for. */
import type { CatalogSource } from "@mainspring/core";
import { workshopCatalog } from "../fixtures/workshop.js";

/** So that of all reads some find a milestone to be saved first, and most find nothing new. */
const CYCLE_MS = 30_000;

export const SHORT_ACTIVITY = "pick-up-ore";

export function soakCatalog(): CatalogSource {
  const workshop = workshopCatalog({ cycleMs: CYCLE_MS });
  return {
    ...workshop,
    activities: {
      ...workshop.activities,
      [SHORT_ACTIVITY]: { kind: "harvest", durationMs: 1_000, gives: [{ item: "copper-ore" }] },
    },
  };
}
