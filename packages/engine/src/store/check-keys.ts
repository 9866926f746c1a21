/** What may be the key of an item: nobody else's bytes get into one. */
import { MainspringError } from "@mainspring/core";
import { PLAYER_ID } from "../player-ids.js";
import { MAX_SETTINGS_BYTES } from "../ports.js";

const SETTINGS_NAME = /^[a-z0-9-]{1,64}$/;
const CATALOG_HASH = /^[\x21-\x7e]{1,128}$/;

/** @throws MainspringError `INVALID_REQUEST` */
export function assertPlayerId(playerId: string): void {
  if (!PLAYER_ID.test(playerId)) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `${JSON.stringify(playerId.slice(0, 80))} is no player id: 1 to 64 of A-Z a-z 0-9 . _ : @ | -`,
    );
  }
}

/** @throws MainspringError `INVALID_REQUEST` */
export function assertCatalogHash(hash: string): void {
  if (!CATALOG_HASH.test(hash)) {
    throw new MainspringError("INVALID_REQUEST", "A catalog's hash is 1 to 128 printable ASCII characters.");
  }
}

/** @throws MainspringError `INVALID_REQUEST` */
export function assertSettingsName(name: string): void {
  if (!SETTINGS_NAME.test(name)) {
    throw new MainspringError("INVALID_REQUEST", "A name of settings is 1 to 64 of a-z 0-9 -.");
  }
}

/** @throws MainspringError `INVALID_REQUEST` */
export function assertSettings(name: string, document: string): void {
  assertSettingsName(name);
  const sizeBytes = Buffer.byteLength(document);
  if (sizeBytes > MAX_SETTINGS_BYTES) {
    throw new MainspringError(
      "INVALID_REQUEST",
      `Settings of ${sizeBytes} bytes are too large: ${MAX_SETTINGS_BYTES} at most.`,
    );
  }
}
