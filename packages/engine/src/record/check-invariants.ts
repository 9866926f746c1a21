/** What holds for every state that the rules can make. A record that breaks any of it is damaged, or a bug made it. */
import type { PlayerRecord } from "./player-record.js";
import type { CatalogSource } from "./catalog-index.js";
export function checkInvariants(_record: PlayerRecord, _catalogs: CatalogSource): string | null {
  return null;
}
