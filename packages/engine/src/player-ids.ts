/** What may be a player's id. Everything that takes ids goes by it. */

export const PLAYER_ID_PATTERN = "^[A-Za-z0-9._:@|-]{1,64}$";

export const PLAYER_ID = new RegExp(PLAYER_ID_PATTERN);
